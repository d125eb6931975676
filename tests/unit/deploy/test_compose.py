"""The compose files: they have what the registry has, and name nothing that is not there."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.render.workloads import GRACE_SECONDS, JOBS, longest_stop_seconds
from processors.commands.run import names
from tests.support.variables import known_variables

FOLDER = Path(__file__).parents[3] / "deploy"
OVERLAYS = ("local", "observe", "secure")


@cache
def read(overlay: str = "") -> dict[str, Any]:
    """A file as it stands."""
    name = f"compose.{overlay}.yaml" if overlay else "compose.yaml"
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


def ours() -> dict[str, Any]:
    return {name: row for name, row in read()["services"].items() if name not in JOBS}


def test_each_processor_has_a_service_and_nothing_else_has_one() -> None:
    assert set(ours()) == set(names())
    assert all(row["command"][:2] == ["run", name] for name, row in ours().items())


def test_each_process_starts_after_the_jobs_and_is_given_time_to_drain() -> None:
    assert longest_stop_seconds() < GRACE_SECONDS
    for row in ours().values():
        assert row["stop_grace_period"] == f"{GRACE_SECONDS}s"
        assert set(row["depends_on"]) == set(JOBS)
        assert row["restart"] == "unless-stopped"
        assert row["healthcheck"]["test"]
        assert row["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}


def test_no_container_of_ours_may_do_more_than_it_must() -> None:
    rows = [*read()["services"].values(), read("local")["services"]["simulators"]]
    for row in rows:
        assert row["read_only"] is True
        assert row["cap_drop"] == ["ALL"]
        assert row["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("overlay", ["", "local", "secure"])
def test_every_variable_of_a_service_is_read_by_one_of_our_settings(overlay: str) -> None:
    document = read(overlay)
    told = {
        variable
        for name, row in document["services"].items()
        if name in names() or name in JOBS
        for variable in row["environment"]
    }
    files = {variable for variable in told if variable.removesuffix("_FILE") in known_variables()}
    assert told - files - known_variables() == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_names_only_what_is_there(overlay: str) -> None:
    document, base = read(overlay), read()
    services = base["services"].keys() | document["services"].keys()
    volumes = base["volumes"].keys() | document.get("volumes", {}).keys()
    secrets = document.get("secrets", {})
    for name, row in document["services"].items():
        assert "image" in row or name in base["services"], name
        assert set(row.get("depends_on", {})) <= services
        for volume in row.get("volumes", ()):
            source = volume.split(":")[0]
            assert (FOLDER / source).exists() if source.startswith(".") else source in volumes
        for secret in row.get("secrets", ()):
            assert (secret if isinstance(secret, str) else secret["source"]) in secrets


def test_a_process_is_given_the_same_secrets_as_files_as_it_is_as_variables() -> None:
    for name, row in read("secure")["services"].items():
        asked = {v for v, value in read()["services"][name]["environment"].items() if "${" in value}
        files = {v: path for v, path in row["environment"].items() if v.endswith("_FILE")}
        given = {v.removesuffix("_FILE") for v in files} - {
            "ATTRIBUTARY_KAFKA_SASL_PASSWORD",
            "ATTRIBUTARY_KAFKA_CA",
        }
        assert given == asked - {"KAFKA_BOOTSTRAP_SERVERS"}, name
        mounted = {s if isinstance(s, str) else s["target"] for s in row["secrets"]}
        used = {path.removeprefix("/run/secrets/") for path in files.values()}
        assert mounted == used | {"postgres_ca"}, name


def test_each_processor_is_a_user_of_its_own_at_kafka_and_at_postgres() -> None:
    for name, row in read("secure")["services"].items():
        user = "operator" if name in JOBS else name
        sources = {s["source"] for s in row["secrets"] if not isinstance(s, str)}
        assert f"database_url_{user}" in sources
        if "KAFKA_BOOTSTRAP_SERVERS" in read()["services"][name]["environment"]:
            assert row["environment"]["ATTRIBUTARY_KAFKA_SASL_USERNAME"] == user
            assert f"kafka_password_{user}" in sources
            assert row["environment"]["ATTRIBUTARY_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"


def test_only_the_jobs_have_the_operators_database() -> None:
    rows = read("secure")["services"]
    having = {name for name, row in rows.items() if "operator" in str(row["secrets"])}
    assert having == set(JOBS)
