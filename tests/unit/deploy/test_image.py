"""The image: what it installs is what is locked, and it starts what the registry knows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.render import workloads
from deploy.render.compose import PROBE
from tests.support.variables import known_variables

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def blocks(path: str) -> dict[str, str]:
    """Name of a package to its version and hashes."""
    text = (ROOT / path).read_text().replace("\\\n", " ")
    return {line.split("==")[0]: line for line in text.splitlines() if "==" in line}


def named(extra: str) -> set[str]:
    return {Requirement(text).name for text in PROJECT["optional-dependencies"][extra]}


def test_what_runs_is_pinned_as_in_the_lock_of_the_whole() -> None:
    whole, runs = blocks("requirements.lock"), blocks("deploy/requirements.lock")
    assert {name for name, block in runs.items() if whole.get(name) != block} == set()
    needed = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert needed <= runs.keys()
    assert all("--hash=sha256:" in block for block in runs.values())


def test_nothing_that_only_develops_is_in_the_image() -> None:
    assert blocks("deploy/requirements.lock").keys() & (named("dev") | named("local")) == set()


def test_what_builds_the_wheel_is_pinned_as_in_the_lock_of_the_whole() -> None:
    whole = blocks("requirements.lock")
    for name, block in blocks("deploy/build.lock").items():
        assert whole.get(name) == block


def test_the_user_the_port_and_the_spool_are_those_of_the_manifests() -> None:
    assert f"USER {workloads.UID}:{workloads.UID}\n" in DOCKERFILE
    assert f"EXPOSE {workloads.PORT}\n" in DOCKERFILE
    assert f"-m 0700 {workloads.SPOOL}\n" in DOCKERFILE
    told = dict(re.findall(r"\b(ATTRIBUTARY_\w+)=(\S+)", DOCKERFILE))
    assert told.items() <= workloads.SETTINGS.items()
    assert told.keys() <= known_variables()


def test_the_health_check_of_the_image_is_that_of_the_services() -> None:
    assert f'CMD ["python", "-c", "{PROBE}"]' in DOCKERFILE
    assert DOCKERFILE.rstrip().endswith('ENTRYPOINT ["attributary"]')


def test_every_package_is_installed_by_its_hash() -> None:
    installs = [line for line in DOCKERFILE.splitlines() if " install " in line and "pip" in line]
    assert installs
    assert [
        line for line in installs if "--require-hashes" not in line and "--no-index" not in line
    ] == []


@pytest.mark.parametrize("folder", ["processors", "schemas", "sql", "deploy"])
def test_what_is_copied_may_be_copied(folder: str) -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert f"!{folder}" in ignored
    assert f"COPY {folder} {folder}\n" in DOCKERFILE
