"""`deploy/kubernetes/components/keda`: a ScaledObject for each consumer, on its group's lag.

A trigger for each topic that the registry says it reads. More replicas than partitions would have
nothing to do, so that is the most; two are the least, so that a drained node stalls nobody for
longer than a session. Few changes: each is a rebalance, and a member that leaves keeps its
partitions until its session ends.
"""

from typing import Any, Final

from deploy.render.kubernetes import selector
from deploy.render.workloads import KAFKA, Workload
from processors.registry import PROCESSORS

LAG_RECORDS: Final = 5_000
"""Of one replica and topic; more ask for another replica."""


def scaled_object(row: Workload) -> dict[str, Any]:
    """How many replicas of a consumer there are."""
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": row.name, "labels": selector(row.name)},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": row.name},
            "pollingInterval": 15,
            "minReplicaCount": 2,
            "maxReplicaCount": row.partitions,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior()}},
            "triggers": [_trigger(row.name, topic) for topic in PROCESSORS[row.name].inputs],
        },
    }


def _trigger(group: str, topic: str) -> dict[str, Any]:
    return {
        "type": "kafka",
        "metadata": {
            "bootstrapServersFromEnv": KAFKA,
            "consumerGroup": group,
            "topic": topic,
            "lagThreshold": str(LAG_RECORDS),
            "activationLagThreshold": "0",
            "offsetResetPolicy": "earliest",
        },
    }


def _behavior() -> dict[str, Any]:
    one = [{"type": "Pods", "value": 1, "periodSeconds": 120}]
    return {
        "scaleUp": {
            "stabilizationWindowSeconds": 60,
            "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}],
        },
        "scaleDown": {"stabilizationWindowSeconds": 900, "policies": one},
    }
