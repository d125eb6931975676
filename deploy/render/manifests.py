"""The files of `deploy/kubernetes` that follow from the registry: base, and the components."""

from typing import Any, Final

from deploy.render import kubernetes, monitoring
from deploy.render.network import policies
from deploy.render.scaling import scaled_object
from deploy.render.text import NOTE, yaml_text
from deploy.render.workloads import IMAGE, JOBS, workloads

_KIND: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_COMPONENT: Final = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
_BEFORE: Final = {kubernetes.NAME: IMAGE, kubernetes.PHASE: "before"}


def base() -> dict[str, str]:
    """File name to text."""
    files = {f"{name}.yaml": yaml_text(*kubernetes.job(name)) for name in JOBS}
    files |= {f"{row.name}.yaml": yaml_text(*kubernetes.documents(row)) for row in workloads()}
    files["namespace.yaml"] = yaml_text(_namespace())
    files["network.yaml"] = yaml_text(*policies())
    resources = sorted(files)
    files["settings.env"] = NOTE + kubernetes.settings_text()
    generated = {"name": kubernetes.CONFIG, "envs": ["settings.env"]}
    return files | {
        "kustomization.yaml": yaml_text(
            {
                **_KIND,
                "namespace": "attributary",
                "resources": resources,
                "configMapGenerator": [{**generated, "options": {"labels": {**_BEFORE}}}],
            }
        )
    }


def keda() -> dict[str, str]:
    """A ScaledObject for each consumer of Kafka."""
    consumers = [row for row in workloads() if row.partitions]
    files = {f"{row.name}.yaml": yaml_text(scaled_object(row)) for row in consumers}
    return files | {"kustomization.yaml": _component(files)}


def prometheus_operator() -> dict[str, str]:
    """What Prometheus's operator wants instead of `prometheus.yaml`."""
    files = {"pods.yaml": yaml_text(monitoring.pod_monitor())}
    files |= {
        f"rules-{name}.yaml": yaml_text(monitoring.prometheus_rule(name, groups))
        for name, groups in monitoring.rule_files().items()
    }
    return files | {"kustomization.yaml": _component(files)}


def _component(files: dict[str, str]) -> str:
    return yaml_text({**_COMPONENT, "resources": sorted(files)})


def _namespace() -> dict[str, Any]:
    """Nothing that is not hardened may run in it."""
    modes = ("enforce", "warn", "audit")
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "attributary", "labels": {**_BEFORE, **labels}},
    }
