"""The manifests: each is what Kubernetes' own schemas allow, and each name leads somewhere."""

import shutil
import subprocess
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.render.kubernetes import OPERATOR, SECRET_OF, SPOOL_SIZE
from deploy.render.workloads import JOBS, UID, longest_stop_seconds, spool_bytes, workloads
from processors.commands.run import names
from processors.registry import PROCESSORS
from schemas.topics import TOPICS
from tests.support import kustomize
from tests.support.kustomize import FOLDER, Document
from tests.support.variables import known_variables

OVERLAYS = ("overlays/dev", "overlays/production")
OLDEST, NEWEST = "1.28", "1.37"
"""From 1.28 on a pod of a StatefulSet has its number as a label."""
OTHERS = frozenset({"keda.sh/v1alpha1", "monitoring.coreos.com/v1"})
PODS = frozenset({"StatefulSet", "Deployment", "Job"})


@cache
def base() -> tuple[Document, ...]:
    return tuple(kustomize.resources("base"))


def of(kind: str) -> dict[str, Document]:
    return {row["metadata"]["name"]: row for row in base() if row["kind"] == kind}


def pod(row: Document) -> Document:
    found: Document = row["spec"]["template"]["spec"]
    return found


def running() -> dict[str, Document]:
    return of("StatefulSet") | of("Deployment")


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_resource_is_what_the_schemas_of_kubernetes_allow(version: str) -> None:
    found = {
        (row["kind"], row["metadata"]["name"]): row
        for row in (*base(), *kustomize.resources("overlays/production"))
        if row["apiVersion"] not in OTHERS
    }
    for row in found.values():
        kubernetes_validate.validate(row, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_patches_only_what_is_there_and_what_it_makes_is_allowed(overlay: str) -> None:
    changed = [document for document, _, _ in kustomize.patched(overlay)]
    assert changed
    for document in changed:
        kubernetes_validate.validate(document, NEWEST, strict=True)
    known = {row["metadata"]["name"] for row in kustomize.resources(overlay)}
    named = kustomize.kustomization(overlay)
    assert {row["name"] for row in named.get("replicas", ())} <= known
    assert {row["name"] for row in named["images"]} == {"attributary"}


@pytest.mark.heavy
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds(overlay: str) -> None:
    """With kustomize itself; the tests around do without."""
    kubectl, own = shutil.which("kubectl"), shutil.which("kustomize")
    assert kubectl or own, "kustomize or kubectl has to be on the PATH"
    command = [own, "build"] if own else [str(kubectl), "kustomize"]
    built = subprocess.run([*command, str(FOLDER / overlay)], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    rows = list(yaml.safe_load_all(built.stdout))
    assert {row["metadata"]["name"] for row in rows} >= set(names())
    place = kustomize.kustomization(overlay)["namespace"]
    assert {row["metadata"].get("namespace", place) for row in rows} == {place}


def test_each_processor_has_its_set_of_pods_and_each_job_its_job() -> None:
    assert running().keys() == set(names())
    assert of("Job").keys() == set(JOBS)
    for name, row in running().items():
        assert pod(row)["containers"][0]["args"][:2] == ["run", name]
        labels = row["spec"]["selector"]["matchLabels"]
        assert labels.items() <= row["spec"]["template"]["metadata"]["labels"].items()
        assert of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels
        assert of("ServiceAccount")[name]["automountServiceAccountToken"] is False


def test_consumers_have_a_stable_number_and_tell_it() -> None:
    for name in PROCESSORS:
        container = pod(of("StatefulSet")[name])["containers"][0]
        assert container["args"][2:] == ["--replica", "$(ATTRIBUTARY_ENGINE_REPLICA)"]
        fields = {e["name"]: e["valueFrom"].get("fieldRef") for e in container["env"]}
        path = fields["ATTRIBUTARY_ENGINE_REPLICA"]["fieldPath"]
        assert path == "metadata.labels['apps.kubernetes.io/pod-index']"
    for name, row in of("StatefulSet").items():
        service = of("Service")[row["spec"]["serviceName"]]
        assert service["spec"]["clusterIP"] == "None", name


def test_every_pod_is_hardened() -> None:
    for row in base():
        if row["kind"] not in PODS:
            continue
        spec = pod(row)
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == UID
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_every_process_is_probed_and_given_time_to_drain() -> None:
    for row in running().values():
        container = pod(row)["containers"][0]
        paths = {
            kind: container[kind]["httpGet"]["path"]
            for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        }
        assert paths == {
            "startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz",
        }  # fmt: skip
        assert pod(row)["terminationGracePeriodSeconds"] > longest_stop_seconds()


def test_a_volume_of_the_gateway_holds_all_that_it_may_spool() -> None:
    claim = of("StatefulSet")["gateway"]["spec"]["volumeClaimTemplates"][0]
    told = claim["spec"]["resources"]["requests"]["storage"]
    assert told == SPOOL_SIZE
    assert int(told.removesuffix("Gi")) * 2**30 > spool_bytes()


def test_every_variable_is_read_by_one_of_our_settings() -> None:
    literals = [
        line
        for folder in ("base", *OVERLAYS)
        for generator in kustomize.kustomization(folder)["configMapGenerator"]
        for line in generator.get("literals", ())
    ]
    lines = (FOLDER / "base" / "settings.env").read_text().splitlines()
    told = {line.partition("=")[0] for line in (*lines, *literals) if line[0] != "#"}
    for row in base():
        if row["kind"] in PODS:
            told |= {e["name"] for e in pod(row)["containers"][0]["env"]}
    assert told - known_variables() == set()


def test_secrets_are_named_and_not_kept() -> None:
    assert of("Secret") == {}
    assert all("secretGenerator" not in kustomize.kustomization(f) for f in ("base", *OVERLAYS))
    for row in base():
        if row["kind"] not in PODS:
            continue
        name = row["metadata"]["name"]
        named = {
            (e["name"], e["valueFrom"]["secretKeyRef"]["name"])
            for e in pod(row)["containers"][0]["env"]
            if "secretKeyRef" in e["valueFrom"]
        }
        own = {w.name: {(v, SECRET_OF[v]) for v in w.secrets} for w in workloads()}
        assert named == own.get(name, {("DATABASE_URL", OPERATOR)}), name


def test_everything_is_denied_that_no_policy_allows() -> None:
    policies = of("NetworkPolicy")
    everything = policies["deny-all"]["spec"]
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & everything.keys()
    reach = {row.name for row in workloads() if row.vendors}
    labelled = {
        name
        for name, row in running().items()
        if "attributary/vendors" in row["spec"]["template"]["metadata"]["labels"]
    }
    assert labelled == reach == {"gateway", "fanout", "schedule"}
    assert "169.254.0.0/16" in str(policies["vendors"]["spec"])


def test_consumers_are_scaled_on_the_lag_of_their_topics_up_to_their_partitions() -> None:
    found = {row["metadata"]["name"]: row["spec"] for row in kustomize.resources("components/keda")}
    assert found.keys() == PROCESSORS.keys()
    for name, spec in found.items():
        assert spec["scaleTargetRef"]["kind"] == "StatefulSet"
        assert "replicas" not in of("StatefulSet")[name]["spec"]
        partitions = sum(TOPICS[topic].partitions for topic in PROCESSORS[name].inputs)
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] == partitions
        asked = [trigger["metadata"] for trigger in spec["triggers"]]
        assert [row["topic"] for row in asked] == [*PROCESSORS[name].inputs]
        for trigger, row in zip(spec["triggers"], asked, strict=True):
            assert trigger["type"] == "kafka"
            assert row["consumerGroup"] == name
            assert _is_a_trigger(row)


def _is_a_trigger(row: dict[str, Any]) -> bool:
    """KEDA's Kafka scaler takes strings; a misspelt field would be ignored in silence."""
    fields = {
        "bootstrapServersFromEnv", "consumerGroup", "topic", "lagThreshold",
        "activationLagThreshold", "offsetResetPolicy",
    }  # fmt: skip
    return row.keys() == fields and all(isinstance(value, str) for value in row.values())
