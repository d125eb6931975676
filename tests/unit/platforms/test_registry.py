"""A platform is told once in each table that needs it, and has what every platform has."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from processors.platforms.base import ACCOUNT_ID
from processors.platforms.registry import CONNECTORS, SOURCES
from schemas.delivery import Platform
from schemas.topics import DELIVERED_PLATFORMS

FILES = ("settings", "convert", "client", "answers")


def test_what_has_a_connector_has_a_topic_and_the_other_way_round() -> None:
    assert tuple(CONNECTORS) == DELIVERED_PLATFORMS


@pytest.mark.parametrize("platform", CONNECTORS)
def test_every_platform_has_the_same_files(platform: Platform) -> None:
    for name in FILES:
        assert find_spec(f"processors.platforms.{platform}.{name}")
    assert CONNECTORS[platform].platform == platform


@pytest.mark.parametrize("platform", CONNECTORS)
def test_every_platform_has_an_account_and_a_credential_or_an_address(platform: Platform) -> None:
    parts = [field.part for field in CONNECTORS[platform].connection.values()]
    assert parts.count(ACCOUNT_ID) == 1
    assert len(set(parts)) == len(parts) >= 2


@pytest.mark.parametrize("platform", [*CONNECTORS, *SOURCES])
def test_every_platform_has_a_simulator(platform: str) -> None:
    assert find_spec(f"deploy.simulators.{platform}")


@pytest.mark.parametrize("platform", CONNECTORS)
def test_every_platform_has_cases(platform: Platform) -> None:
    folder = Path(__file__).parents[2] / "contract" / "platforms" / platform
    found = {path.stem for path in folder.glob("*.json")}
    assert {"requests", "answers", "refusals", "names", "limits"} <= found
