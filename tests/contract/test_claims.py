"""What is promised row by row, and what the threat model says is defended, names what is there."""

import csv
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = Path(__file__).with_name("rows.csv")
THREATS = ROOT / "deploy" / "security.md"
_TEST = re.compile(r"`(tests/[\w/.]+\.py(?:::\w+)?)`")


@cache
def functions(path: str) -> frozenset[str]:
    """The tests of a file."""
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)\(", (ROOT / path).read_text(), re.M))


def missing(tests: list[str]) -> list[str]:
    """Those that are not there."""
    found = []
    for test in tests:
        path, _, name = test.partition("::")
        there = (ROOT / path).is_file() and functions(path)
        if not there or (name and name not in there):
            found.append(test)
    return found


def rows() -> list[dict[str, str]]:
    """Of the table."""
    with ROWS.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["row"])
def test_a_row_names_where_it_is_done_and_the_tests_that_show_it(row: dict[str, str]) -> None:
    assert [path for path in row["where"].split() if not (ROOT / path).exists()] == []
    assert row["test"]
    assert missing(row["test"].split()) == []


def test_no_row_is_told_twice() -> None:
    names = [row["row"] for row in rows()]
    assert len(set(names)) == len(names)


def test_every_threat_has_a_defence_and_a_test_that_is_there() -> None:
    table = THREATS.read_text().partition("## Threats")[2].partition("\n## ")[0]
    threats = [line for line in table.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert len(threats) > 20
    assert [line for line in threats if not _TEST.findall(line)] == []
    assert missing(_TEST.findall(table)) == []


def test_a_test_that_is_not_there_is_missed() -> None:
    here = "tests/contract/test_claims.py"
    assert missing([here, f"{here}::test_no_row_is_told_twice"]) == []
    assert missing([f"{here}::test_of_nothing", "tests/none.py"]) != []
