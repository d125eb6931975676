"""The analysts' index is what the views say now."""

import csv
import re

from tests.sql.index import PATH, ROOT, ROWS, functions, page, views


def test_the_index_is_what_the_views_say_now() -> None:
    assert PATH.read_text() == page(), "run: python -m tests.sql.index"


def test_every_view_and_every_row_stands_in_the_index_once() -> None:
    text = page()
    assert [name for _, name, _ in views() if f"\n| `{name}` |" not in text] == []
    assert [name for name, _ in functions() if f"\n| `{name}` |" not in text] == []
    with ROWS.open() as file:
        rows = [row["row"] for row in csv.DictReader(file)]
    wanted = [("ANA", 34), ("SPD", 10), ("EMQ", 23), ("DQ", 10)]
    assert rows == [f"{area}-{n:02}" for area, last in wanted for n in range(1, last + 1)]


def test_every_row_of_this_release_has_its_view_or_its_door_and_a_test() -> None:
    rows = re.findall(r"^\| ((?:ANA|SPD|EMQ|DQ)-\d\d) \| .*?\| (.*?) \| (.*?) \|$", page(), re.M)
    assert len(rows) == 77
    assert [row for row, where, _ in rows if "not there" in where] == []
    untested = {row for row, _, tested in rows if tested == "-"}
    assert untested == {row for row, where, _ in rows if where == "not in this release"}
    paths = {path for _, _, tested in rows for path in re.findall(r"`([^`]+)`", tested)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
