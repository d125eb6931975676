"""`deploy/kubernetes/base`: for each process its set of pods, and what belongs to it.

A consumer is a StatefulSet, not a Deployment: its static member id is `GROUP-NUMBER`, where the
number is the pod's ordinal. So a pod that is replaced takes its own partitions back without a
rebalance, two pods never have one id (the second would fence the first), and a rolling upgrade
stops a pod before it starts the one that has its number. The gateway is one for its spool: what a
pod has answered with 202 lies on that pod's volume, and comes back with it. Whoever runs
`schedule` is the leader's business, so that is a Deployment.
"""

from typing import Any, Final

from deploy.render.workloads import (
    DATABASE,
    GRACE_SECONDS,
    IMAGE,
    JOBS,
    PORT,
    SEAL,
    SETTINGS,
    SPOOL,
    UID,
    VAULT,
    Workload,
)

CONFIG: Final = "attributary-settings"
SECRET_OF: Final = {
    DATABASE: "attributary-database",
    SEAL: "attributary-keys",
    VAULT: "attributary-keys",
}
OPERATOR: Final = "attributary-operator"
"""The secret whose DATABASE_URL is of the role that may migrate; no process of the flow has it."""
NAME: Final = "app.kubernetes.io/name"
COMPONENT: Final = "app.kubernetes.io/component"
PHASE: Final = "attributary/phase"
"""`before` on what must be applied, and the jobs ended, before the rest of a release."""
VENDORS: Final = "attributary/vendors"
SPOOL_SIZE: Final = "4Gi"
REPLICA: Final = "ATTRIBUTARY_ENGINE_REPLICA"


def settings_text() -> str:
    """The ConfigMap's entries, which overlays merge theirs into."""
    lines = {"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", **SETTINGS}
    return "".join(f"{variable}={value}\n" for variable, value in lines.items())


def documents(row: Workload) -> list[dict[str, Any]]:
    """Everything of one process."""
    return [
        _account(row.name),
        *_services(row),
        _stateful(row) if row.numbered else _deployment(row),
        _of("policy/v1", "PodDisruptionBudget", row.name)
        | {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(row.name)}}},
    ]


def job(name: str) -> list[dict[str, Any]]:
    """`migrate` or `topics`. A finished Job cannot be changed: a release deletes it first."""
    container = _container(name, [name]) | {
        "env": [_secret(DATABASE, OPERATOR)],
        "resources": _resources(100, 256),
    }
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(name),
        "spec": {
            "backoffLimit": 10,
            "ttlSecondsAfterFinished": 86_400,
            "template": _template(name, container, restart="OnFailure"),
        },
    }
    made = [_account(name), body]
    for document in made:
        document["metadata"]["labels"][PHASE] = "before"
    return made


def selector(name: str) -> dict[str, str]:
    """The labels that tell a process's pods."""
    return {NAME: IMAGE, COMPONENT: name}


def _metadata(name: str) -> dict[str, Any]:
    return {"name": name, "labels": selector(name)}


def _of(version: str, kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": _metadata(name)}


def _account(name: str) -> dict[str, Any]:
    """An identity that may do nothing in the cluster."""
    return _of("v1", "ServiceAccount", name) | {"automountServiceAccountToken": False}


def _services(row: Workload) -> list[dict[str, Any]]:
    """A name for each pod; and for the gateway one for all that are ready."""
    ports = [{"name": "http", "port": PORT, "targetPort": "http"}]
    found: list[dict[str, Any]] = []
    if row.numbered:
        headless = _of("v1", "Service", _headless(row)) | {
            "spec": {
                "clusterIP": "None",
                "publishNotReadyAddresses": True,
                "selector": selector(row.name),
                "ports": ports,
            }
        }
        headless["metadata"]["labels"] = selector(row.name)
        found.append(headless)
    if row.spools:
        found.append(
            _of("v1", "Service", row.name)
            | {"spec": {"selector": selector(row.name), "ports": ports}}
        )
    return found


def _headless(row: Workload) -> str:
    return f"{row.name}-pods" if row.spools else row.name


def _stateful(row: Workload) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "serviceName": _headless(row),
        "podManagementPolicy": "Parallel",
        "minReadySeconds": 5,
        "selector": {"matchLabels": selector(row.name)},
        "template": _template(row.name, _worker(row), vendors=row.vendors),
    }
    if row.spools:
        spec["persistentVolumeClaimRetentionPolicy"] = {
            "whenDeleted": "Retain", "whenScaled": "Retain",
        }  # fmt: skip
        spec["volumeClaimTemplates"] = [_claim()]
    return _of("apps/v1", "StatefulSet", row.name) | {"spec": spec}


def _deployment(row: Workload) -> dict[str, Any]:
    return _of("apps/v1", "Deployment", row.name) | {
        "spec": {
            "minReadySeconds": 5,
            "selector": {"matchLabels": selector(row.name)},
            "template": _template(row.name, _worker(row), vendors=row.vendors),
        }
    }


def _claim() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "spool"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": SPOOL_SIZE}},
        },
    }


def _template(
    name: str, container: dict[str, Any], *, restart: str = "Always", vendors: bool = False
) -> dict[str, Any]:
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(name)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
    return {
        "metadata": {"labels": selector(name) | ({VENDORS: "reached"} if vendors else {})},
        "spec": {
            "serviceAccountName": name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": restart,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": UID,
                "runAsGroup": UID,
                "fsGroup": UID,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **({} if name in JOBS else {"topologySpreadConstraints": spread}),
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}],
        },
    }


def _container(name: str, arguments: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "image": IMAGE,
        "args": arguments,
        "envFrom": [{"configMapRef": {"name": CONFIG}}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
    }


def _worker(row: Workload) -> dict[str, Any]:
    arguments = [*row.arguments]
    env: list[dict[str, Any]] = [_secret(variable, SECRET_OF[variable]) for variable in row.secrets]
    if row.numbered and not row.spools:
        index = {"fieldRef": {"fieldPath": "metadata.labels['apps.kubernetes.io/pod-index']"}}
        env.append({"name": REPLICA, "valueFrom": index})
        arguments += ["--replica", f"$({REPLICA})"]
    container = _container(row.name, arguments) | {
        "env": env,
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": _probe("/healthz", every=2, failures=60),
        "livenessProbe": _probe("/healthz", every=10, failures=3),
        "readinessProbe": _probe("/readyz", every=5, failures=2),
        "resources": _resources(row.cpu_millis, row.memory_mib),
    }
    if row.spools:
        container["volumeMounts"].append({"name": "spool", "mountPath": SPOOL})
    return container


def _secret(variable: str, secret: str) -> dict[str, Any]:
    return {
        "name": variable,
        "valueFrom": {"secretKeyRef": {"name": secret, "key": variable}},
    }


def _probe(path: str, *, every: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": every,
        "timeoutSeconds": 4,
        "failureThreshold": failures,
    }


def _resources(cpu_millis: int, memory_mib: int) -> dict[str, Any]:
    """No limit of CPU: it would slow down a process that nobody else wants the core of."""
    return {
        "requests": {"cpu": f"{cpu_millis}m", "memory": f"{memory_mib}Mi"},
        "limits": {"memory": f"{2 * memory_mib}Mi"},
    }
