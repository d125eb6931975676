"""What Prometheus is told, in its own form and in that of its operator.

Both give each series the labels `job` (always `attributary`), `processor` and `instance`. A label
of ours that is called `job` too, the name of a scheduled job, becomes `exported_job`.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from deploy.render.job_rules import job_rules
from deploy.render.kubernetes import COMPONENT, NAME
from deploy.render.workloads import IMAGE, PORT, workloads

RULES: Final = Path(__file__).parents[1] / "prometheus" / "rules"
GENERATED: Final = "jobs"
TARGET_LABELS: Final = ("job", "processor", "instance")


def prometheus() -> dict[str, Any]:
    """`prometheus.yaml`: every replica behind every process's name, found by DNS."""
    names = [row.name for row in workloads()]
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["rules/*.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]},
        "scrape_configs": [
            {
                "job_name": IMAGE,
                "dns_sd_configs": [{"names": names, "type": "A", "port": PORT}],
                "relabel_configs": [
                    {"source_labels": ["__meta_dns_name"], "target_label": "processor"}
                ],
            }
        ],
    }


def pod_monitor() -> dict[str, Any]:
    """Every pod of ours, ready or not."""
    pods = {"matchLabels": {NAME: IMAGE}, "matchExpressions": [_runs()]}
    component = "__meta_kubernetes_pod_label_" + COMPONENT.translate(_UNDERSCORES)
    endpoint = {
        "port": "http",
        "interval": "15s",
        "relabelings": [{"sourceLabels": [component], "targetLabel": "processor"}],
    }
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": IMAGE, "labels": {NAME: IMAGE}},
        "spec": {"jobLabel": NAME, "selector": pods, "podMetricsEndpoints": [endpoint]},
    }


def prometheus_rule(name: str, groups: list[dict[str, Any]]) -> dict[str, Any]:
    """A file of `deploy/prometheus/rules` as an object of the operator's."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"{IMAGE}-{name}", "labels": {NAME: IMAGE}},
        "spec": {"groups": groups},
    }


def rule_files() -> dict[str, list[dict[str, Any]]]:
    """Name of each file of rules to its groups."""
    written = (path for path in sorted(RULES.glob("*.yaml")) if path.stem != GENERATED)
    return {GENERATED: job_rules(), **{path.stem: _groups(path) for path in written}}


_UNDERSCORES: Final = str.maketrans("./-", "___")


def _groups(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text())["groups"]
    return found


def _runs() -> dict[str, Any]:
    """Jobs listen on no port."""
    names = [row.name for row in workloads()]
    return {"key": COMPONENT, "operator": "In", "values": names}
