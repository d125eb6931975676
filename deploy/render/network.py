"""Who may talk to whom: nobody, but for what follows from the flow.

Kafka and Postgres may be anywhere, so their ports are open to everywhere until an overlay says
where they are. What is reached on the internet is reached by those that talk to vendors alone,
and never the cloud's metadata or a private address.
"""

from typing import Any, Final

from deploy.render.kubernetes import COMPONENT, NAME, PHASE, VENDORS
from deploy.render.workloads import IMAGE, PORT
from processors.commands.run import GATEWAY, SCHEDULE

KAFKA_PORTS: Final = (9092, 9093)
POSTGRES_PORTS: Final = (5432, 6432)
PRIVATE: Final = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
OURS: Final = {"matchLabels": {NAME: IMAGE}}


def policies() -> list[dict[str, Any]]:
    """All of them."""
    gateway = {"matchLabels": {COMPONENT: GATEWAY}}
    return [
        _policy("deny-all", OURS, {"policyTypes": ["Ingress", "Egress"]}),
        _policy("servers", OURS, _egress(_dns(), _to_ports(*KAFKA_PORTS, *POSTGRES_PORTS))),
        _policy("events", gateway, {"policyTypes": ["Ingress"], "ingress": [_from()]}),
        _policy(
            "metrics",
            OURS,
            {"policyTypes": ["Ingress"], "ingress": [_from("monitoring")]},
        ),
        _policy("vendors", {"matchLabels": {VENDORS: "reached"}}, _egress(_internet())),
        _policy(
            "repairs",
            {"matchLabels": {COMPONENT: SCHEDULE}},
            _egress({"to": [{"podSelector": gateway}], "ports": _tcp(PORT)}),
        ),
    ]


def _policy(name: str, pods: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "labels": {NAME: IMAGE, PHASE: "before"}},
        "spec": {"podSelector": pods, **spec},
    }


def _egress(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"policyTypes": ["Egress"], "egress": [*rules]}


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def _dns() -> dict[str, Any]:
    return {"ports": [{"port": 53, "protocol": kind} for kind in ("UDP", "TCP")]}


def _to_ports(*ports: int) -> dict[str, Any]:
    return {"ports": _tcp(*ports)}


def _from(namespace: str | None = None) -> dict[str, Any]:
    """To our port: from a namespace, or from everywhere."""
    rule: dict[str, Any] = {"ports": _tcp(PORT)}
    if namespace is not None:
        labels = {"kubernetes.io/metadata.name": namespace}
        rule = {"from": [{"namespaceSelector": {"matchLabels": labels}}], **rule}
    return rule


def _internet() -> dict[str, Any]:
    """HTTPS, and the submission of e-mails."""
    everywhere = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [*PRIVATE]}}
    return {"to": [everywhere], "ports": _tcp(443, 465, 587)}
