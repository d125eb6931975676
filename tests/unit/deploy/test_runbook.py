"""The runbook: what it tells an operator to type can be typed, and what it names is there."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from processors.__main__ import app
from processors.engine.metrics import CATALOGUE
from processors.schedule.jobs import JOBS
from schemas.topics import TOPICS
from tests.support.variables import known_variables

ROOT = Path(__file__).parents[3]
RUNBOOK = (ROOT / "deploy" / "runbook.md").read_text()
EVIDENCE = (ROOT / "deploy" / "evidence.md").read_text()
COMMANDS = sorted({line for line in RUNBOOK.splitlines() if line.startswith("attributary ")})
TICKS = re.compile(r"`([^`]+)`")


@cache
def schema() -> str:
    return (ROOT / "sql" / "schema.sql").read_text()


def section(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    body = EVIDENCE.split(f"\n# {heading}\n")[1].split("\n# ")[0]
    rows = [line.strip("|").split("|") for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_can_be_typed_as_it_stands(line: str) -> None:
    _, *words = shlex.split(line)
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
        if words[:1] == ["--help"]:
            return
    assert isinstance(command, TyperCommand), line
    if words != ["--help"]:
        command.make_context(command.name, words)


def test_a_command_names_jobs_and_topics_that_there_are() -> None:
    for line in COMMANDS:
        match shlex.split(line):
            case ["attributary", "job", name, *_]:
                assert name in JOBS
            case ["attributary", "replay", "letters", topic, *_]:
                assert topic in TOPICS


def test_every_entry_says_what_it_means_how_to_look_and_what_to_do() -> None:
    entries = re.findall(r"^## (\w+)\n(.*?)(?=^#|\Z)", RUNBOOK, re.DOTALL | re.MULTILINE)
    assert len(entries) > 30
    for name, body in entries:
        parts = [body.find(f"**{part}**:") for part in ("Means", "Look", "Do")]
        assert -1 not in parts, name
        assert parts == sorted(parts), name
        assert "\nattributary " in body, name


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"`(ATTRIBUTARY_\w+|KAFKA_\w+|DATABASE_URL)`", RUNBOOK + EVIDENCE))
    assert named
    assert named - known_variables() == set()


def test_every_view_that_is_named_is_one() -> None:
    told = re.findall(r"[Vv]iews? ((?:`\w+`(?:, | and )?(?:\([^)]*\), )?)+)", RUNBOOK + EVIDENCE)
    views = {name for text in told for name in TICKS.findall(text)}
    assert "delivery_revenue_at_risk" in views
    assert {v for v in views if f"VIEW public.{v} " not in schema()} == set()


@pytest.mark.parametrize("row", section("Search terms"), ids=lambda row: row[0])
def test_a_search_term_leads_to_where_its_subject_begins(row: list[str]) -> None:
    _, words, begins, _ = row
    files = [
        path
        for place in TICKS.findall(begins)
        for path in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*.*"))
        if path.suffix in {".py", ".ts", ".sql"}
    ]
    text = "".join(path.read_text() for path in files)
    assert {word for word in TICKS.findall(words) if word not in text} == set()


@pytest.mark.parametrize("row", section("Evidence"), ids=lambda row: row[0])
def test_the_evidence_is_where_it_is_said_to_be(row: list[str]) -> None:
    _, where = row
    found = TICKS.findall(where)
    assert found
    for name in found:
        if "/" in name:
            assert (ROOT / name).exists(), name
        elif re.fullmatch(r"\w+", name):
            kinds = (f"TABLE public.{name} ", f"VIEW public.{name} ")
            assert any(kind in schema() for kind in kinds), name


@pytest.mark.parametrize("row", section("Measures"), ids=lambda row: row[0])
def test_a_measure_is_a_metric_of_the_catalogue_or_a_view(row: list[str]) -> None:
    _, metrics, views = row
    assert TICKS.findall(metrics + views)
    assert set(TICKS.findall(metrics)) <= CATALOGUE.keys()
    assert {v for v in TICKS.findall(views) if f"VIEW public.{v} " not in schema()} == set()
