"""Alerting rules: they speak of series that there are, each was seen to fire, and has its entry."""

import re
import shutil
import subprocess
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from processors.commands.run import names
from processors.schedule.jobs import JOBS
from tests.support import promql

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
Rule = dict[str, Any]


@cache
def rules() -> tuple[Rule, ...]:
    files = [yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("rules/*.yaml"))]
    return tuple(r for file in files for group in file["groups"] for r in group["rules"])


def alerts() -> list[Rule]:
    return [rule for rule in rules() if "alert" in rule]


def recorded() -> dict[str, Rule]:
    return {rule["record"]: rule for rule in rules() if "record" in rule}


def test_every_expression_is_promql_over_series_and_labels_that_there_are() -> None:
    exported = promql.exported()
    labels = frozenset(chain.from_iterable(exported.values()))
    for rule in rules():
        for series, matched in promql.selectors(rule["expr"]):
            assert series in exported or series in recorded(), (series, rule)
            assert matched <= exported.get(series, labels), (matched, rule)
        assert promql.grouped(rule["expr"]) <= labels, rule


def test_what_is_recorded_is_used() -> None:
    used = {name for rule in alerts() for name, _ in promql.selectors(rule["expr"])}
    shown = (FOLDER.parent / "grafana" / "dashboards").glob("*.json")
    text = "".join(path.read_text() for path in shown)
    assert {name for name in recorded() if name not in used and name not in text} == set()


def test_every_alert_says_how_bad_it_is_and_what_to_read() -> None:
    runbook = (FOLDER.parent / "runbook.md").read_text()
    headings = {line[3:].strip() for line in runbook.splitlines() if line.startswith("## ")}
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        told = rule["annotations"]
        assert told["runbook_url"] == f"deploy/runbook.md#{rule['alert'].lower()}"
        assert len(told["summary"]) > 20
        used = set(re.findall(r"\$labels\.(\w+)", told["summary"]))
        assert used <= _kept(rule), rule
    assert headings == {rule["alert"] for rule in alerts()}


def _kept(rule: Rule) -> frozenset[str]:
    """Labels that can be on the result: those that are grouped by, else those of its series."""
    grouped = promql.grouped(rule["expr"])
    names = {name for name, _ in promql.selectors(rule["expr"])}
    own = frozenset(chain.from_iterable(promql.exported().get(name, ()) for name in names))
    within = [promql.grouped(recorded()[name]["expr"]) for name in names if name in recorded()]
    return grouped | own | frozenset(chain.from_iterable(within))


def test_every_alert_was_seen_to_fire_by_a_test_of_rules() -> None:
    text = "".join(path.read_text() for path in sorted(FOLDER.glob("tests/*.yaml")))
    fired = set(re.findall(r'alertname="(\w+)"', text))
    assert fired == {rule["alert"] for rule in alerts()}


def test_no_processor_can_be_missing_unseen_and_no_job_late() -> None:
    missing = next(r["expr"] for r in alerts() if r["alert"] == "AttributaryProcessorMissing")
    assert set(re.findall(r'processor="(\w+)"', missing)) == set(names())
    late = [r["expr"] for r in alerts() if r["alert"] == "AttributaryJobLate"]
    watched = [n for e in late for n in re.findall(r'exported_job=~"([^"]+)"', e)[0].split("|")]
    assert sorted(watched) == sorted(JOBS)


@pytest.mark.heavy
def test_the_tests_of_rules_pass() -> None:
    assert shutil.which("promtool"), "promtool (of Prometheus) has to be on the PATH"
    files = [str(path) for path in sorted(FOLDER.glob("tests/*.yaml"))]
    done = subprocess.run(["promtool", "test", "rules", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
