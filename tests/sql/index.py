"""Writes `sql/README.md`, the analysts' index: `python -m tests.sql.index`.

Pages and requirement rows are told by hand in `index.csv`, with what answers and tests them; a
relation that is named there and does not exist is marked, so that nothing is promised that is not
there. Every view and every function that is asked with dates comes with its purpose out of its own
comment. A test compares the page with what this makes, so it cannot go stale.
"""

import csv
import re
import sys
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATH: Final = ROOT / "sql" / "README.md"
ROWS: Final = Path(__file__).with_name("index.csv")
CASES: Final = Path(__file__).parent / "views"

HEADER: Final = """\
# What analysts read
Made by `python -m tests.sql.index` out of the comments of the views; a test compares. Log in with
`attributary analyst add NAME --tenant ID`: you see your tenant alone. Every view's comment has an
example that runs, and every column a comment: `\\d+ attribution_overview`,
`SELECT obj_description('attribution_overview'::regclass)`.

Ask for `tenant_id`, a range of dates, one `model` and one `attribution_window`: each goes down to
an index or picks one number of a row. Spend is the same on every model and window, so never add it
up over them. Dates are the tenant's (`time_zone`), spend's the ad account's. Revenue that no touch
earned is channel `unattributed`: with it, channels add up to the shop's revenue. For a longer
period add up, then divide; `attributary_summary_by` and `attributary_overview_by` do (day, week,
month, quarter, year, or `10d`).
"""

_VIEW: Final = re.compile(r"COMMENT ON VIEW (\w+) IS '((?:[^']|'')*)'")
_TABLE: Final = re.compile(r"COMMENT ON TABLE (\w+) IS '((?:[^']|'')*)'")
_FUNCTION: Final = re.compile(
    r"COMMENT ON FUNCTION (\w+)\([^)]*\) IS '((?:[^']|'')*Example: (?:[^']|'')*)'"
)
_NAMES: Final = re.compile(r"`(\w+)`")


def page() -> str:
    """The whole page."""
    relations = {name: text for _, name, text in views()} | tables() | dict(functions())
    lines = [HEADER, "## Pages and requirements"]
    lines += ["| row | asks for | where | test |", "|---|---|---|---|"]
    with ROWS.open() as file:
        for row in csv.DictReader(file):
            where = _NAMES.sub(lambda found: _shown(found[1], relations), row["where"])
            tested = "; ".join(f"`{path}`" for path in row["test"].split()) or "-"
            lines.append(f"| {row['row']} | {row['asks']} | {where} | {tested} |")
    lines += ["", "## Functions of a period", "| function | purpose | test |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {_first(text)} | {_test(name)} |" for name, text in sorted(functions())
    ]
    area = ""
    for found, name, text in views():
        if found != area:
            area = found
            lines += ["", f"## {area}", "| view | purpose | test |", "|---|---|---|"]
        lines.append(f"| `{name}` | {_first(text)} | {_test(name)} |")
    return "\n".join(lines) + "\n"


def views() -> list[tuple[str, str, str]]:
    """(area, name, comment) of every view, in the order in which they are made."""
    return [
        (path.parent.name, name, text)
        for path in sorted((ROOT / "sql" / "views").glob("*/*.sql"))
        for name, text in _VIEW.findall(path.read_text())
    ]


def tables() -> dict[str, str]:
    """The comments of the tables, by name."""
    texts = (path.read_text() for path in sorted((ROOT / "sql" / "migrations").glob("*.sql")))
    return {name: text for told in texts for name, text in _TABLE.findall(told)}


def functions() -> list[tuple[str, str]]:
    """(name, comment) of the functions that an analyst calls: those with an example."""
    texts = (path.read_text() for path in sorted((ROOT / "sql" / "views").glob("*/*.sql")))
    return [found for text in texts for found in _FUNCTION.findall(text)]


def _shown(name: str, relations: dict[str, str]) -> str:
    return f"`{name}`" if name in relations else f"`{name}` (not there)"


def _first(text: str) -> str:
    """The comment without its example."""
    return text.replace("''", "'").partition(" Example:")[0].replace("|", "\\|")


def _test(name: str) -> str:
    """Seed and expected rows, else a test that names it, the nearest one."""
    if (CASES / name / "expected.csv").exists():
        return f"`tests/sql/views/{name}`"
    known = re.compile(rf"\b{name}\b")
    for path, text in _texts().items():
        if known.search(text):
            return f"`{path}`"
    return "`tests/sql/test_schema.py`"


@cache
def _texts() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in ("sql", "oracle", "integration", "unit", "e2e")
        for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
        if path.name != "index.py"
    }


if __name__ == "__main__":
    PATH.write_text(page())
    sys.stdout.write(f"{PATH.name} written\n")
