"""One writer a table: the comment names it, and only its query file writes."""

import re
from collections import defaultdict
from pathlib import Path

import sql
from tests.support.dump import writers

ROOT = Path(__file__).parents[2]
QUERIES = sorted(path.stem for path in (ROOT / "sql" / "queries").iterdir())
ITSELF = frozenset({"attributary migrate", "migrate"})

WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?"
    r"|(?<!DO )(?<!FOR )(?<!NO KEY )UPDATE(?:\s+ONLY)?)\s+((?!SET\b|OF\b)\w+(?:\s*,\s*\w+)*)"
)
INLINE = re.compile(r"(INSERT INTO \w|DELETE FROM \w|UPDATE \w+ SET|TRUNCATE \w|MERGE INTO \w)")


def written(name: str) -> set[str]:
    """The tables that a query file writes."""
    found: set[str] = set()
    for text in sql.load(name).values():
        code = re.sub(r"--[^\n]*", "", text)
        for tables in WRITES.findall(code):
            found |= {table.strip() for table in tables.split(",")}
    return found


def test_the_parser_sees_every_kind_of_write() -> None:
    assert {"consumed_offsets", "outcome_counts"} <= written("engine")
    assert {"api_keys", "webhook_sources", "audit_log"} <= written("operator")
    assert {"daily_spend", "conversions", "deliveries"} <= written("rebuild")
    assert written("credit") == set()


async def test_every_table_names_its_writer(database: str) -> None:
    known = {*QUERIES, *ITSELF}
    assert {t: w for t, w in (await writers(database)).items() if w not in known} == {}


async def test_nobody_else_writes_a_table(database: str) -> None:
    owners = await writers(database)
    intruders = defaultdict(list)
    for name in QUERIES:
        for table in written(name):
            allowed = name == owners[table] or name == "rebuild"
            if not allowed:
                intruders[name].append(f"{table} is written by {owners[table]}")
    assert intruders == {}


async def test_every_table_is_written_by_the_writer_that_it_names(database: str) -> None:
    owners = await writers(database)
    idle = {
        table: owner
        for table, owner in owners.items()
        if owner not in ITSELF and table not in written(owner)
    }
    assert idle == {}


def test_no_code_writes_to_tables_past_the_query_files() -> None:
    past = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / "processors").rglob("*.py")
        if (found := INLINE.findall(path.read_text()))
    }
    assert past == {}
