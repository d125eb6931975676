"""Grafana's dashboards: they draw series that there are, and leave none of ours out."""

import json
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.generate import drift
from processors.engine.metrics import CATALOGUE
from processors.registry import PROCESSORS
from tests.support import promql
from tests.unit.deploy.test_rules import recorded

FOLDER = Path(__file__).parents[3] / "deploy" / "grafana"
FILES = sorted(FOLDER.glob("dashboards/*.json"))
SUFFIXES = ("_bucket", "_sum", "_count")


@cache
def expressions(path: Path) -> tuple[str, ...]:
    panels: list[dict[str, Any]] = json.loads(path.read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel["targets"]]
    return tuple(text.replace("$__rate_interval", "5m") for text in found)


def series() -> set[str]:
    drawn = {name for path in FILES for e in expressions(path) for name, _ in promql.selectors(e)}
    inside = (promql.selectors(recorded()[name]["expr"]) for name in drawn if name in recorded())
    return drawn | {name for name, _ in chain.from_iterable(inside)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dashboard_draws_series_and_labels_that_there_are(path: Path) -> None:
    exported = promql.exported()
    labels = frozenset(chain.from_iterable(exported.values()))
    for expression in expressions(path):
        for name, matched in promql.selectors(expression):
            assert name in exported or name in recorded(), expression
            assert matched <= exported.get(name, labels), expression
        assert promql.grouped(expression) <= labels, expression


def test_each_metric_of_the_catalogue_is_on_a_dashboard() -> None:
    drawn = series()
    unseen = {
        name for name in CATALOGUE if not {name, *(name + suffix for suffix in SUFFIXES)} & drawn
    }
    assert unseen == set()


def test_there_is_one_for_each_consumer_and_their_ids_differ() -> None:
    assert {path.stem for path in FILES} > PROCESSORS.keys()
    ids = [json.loads(path.read_text())["uid"] for path in FILES]
    assert len(set(ids)) == len(ids)


def test_they_ask_the_data_source_that_is_provisioned() -> None:
    given = yaml.safe_load((FOLDER / "provisioning/datasources/prometheus.yaml").read_text())
    uids = {source["uid"] for source in given["datasources"]}
    for path in FILES:
        for panel in json.loads(path.read_text())["panels"]:
            assert panel["datasource"]["uid"] in uids


def test_what_is_generated_is_what_the_registry_and_the_catalogue_say() -> None:
    assert drift() == []
