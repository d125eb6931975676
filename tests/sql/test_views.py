"""Views on seed CSV against expected CSV: one database, a transaction a case, nothing in code.

A case is a folder of `tests/sql/views` that bears its view's name:

    expected.csv   the columns to read, and every row of them, in any order
    seed/*.csv     what the tables hold, one file a table; without the folder, the shop of `_shop`
    query.sql      what to read instead of the whole view: for a function, or to ask for less

A cell may say `<56 x 100, 8 x 0>` (an array by its runs), `<today - 3>` (a date) or
`<now - 5 hours>` (a time), since some views look back from now. As in any COPY of CSV, a cell
that is empty is null, and "" is an empty text.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from tests.support.databases import Databases

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CASES: Final = Path(__file__).parent / "views"
SHOP: Final = CASES / "_shop"
NAMES: Final = sorted(path.parent.name for path in CASES.glob("*/expected.csv"))
ORDER: Final = ("tenants", "tenant_settings")
"""Tables that others refer to, or that triggers of others read, go in first."""

_SAID: Final = re.compile(r'"?<([^<>]+)>"?')
_RUN: Final = re.compile(r"(\d+) x ([^,\s]+)")
_BACK: Final = re.compile(r"(today|now)(?: - (\d+)(?: (hours|minutes))?)?")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def conn(databases: Databases) -> AsyncIterator[Connection]:
    async with databases.fresh() as dsn:
        opened = await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
        try:
            yield opened
        finally:
            await opened.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("view", NAMES)
async def test_a_view_shows_of_its_seed_what_is_expected(conn: Connection, view: str) -> None:
    case = CASES / view
    transaction = conn.transaction()
    await transaction.start()
    try:
        now = await conn.fetchval("SELECT now()")
        await _seed(conn, case, now)
        columns, expected = _expected(case, now)
        query = case / "query.sql"
        relation = f"({query.read_text().rstrip().rstrip(';')}) AS q" if query.exists() else view
        texts = ", ".join(f"coalesce({column}::text, '')" for column in columns)
        found = [tuple(row) for row in await conn.fetch(f"SELECT {texts} FROM {relation}")]
    finally:
        await transaction.rollback()
    assert _differences(expected, found) == "", f"{view} ({', '.join(columns)})"


def test_wrong_missing_and_repeated_rows_are_all_told() -> None:
    assert _differences([("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")]) == ""
    told = _differences([("a", "1"), ("b", "2")], [("a", "1"), ("a", "1"), ("c", "3")])
    assert told.splitlines() == ["- b,2", "+ a,1", "+ c,3"]


def test_cells_say_arrays_and_times_that_depend_on_now() -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert _said('<1 x 7>,"<2 x 7, 1 x 0>"', now) == '"{7}","{7,7,0}"'
    assert _said("<today - 3>", now) == "2026-03-07"
    assert _said("<now - 5 hours>", now) == "2026-03-10 07:00:00+00"
    assert _said("a < b", now) == "a < b"


async def _seed(conn: Connection, case: Path, now: datetime) -> None:
    folder = case / "seed" if (case / "seed").exists() else SHOP
    tables = {path.stem: path for path in folder.glob("*.csv")}
    for table in sorted(tables, key=lambda name: (name not in ORDER, name)):
        text = _said(tables[table].read_text(), now)
        header = next(csv.reader(io.StringIO(text)))
        await conn.copy_to_table(
            table, source=io.BytesIO(text.encode()), columns=header, format="csv", header=True
        )


def _expected(case: Path, now: datetime) -> tuple[list[str], list[tuple[str, ...]]]:
    text = _said((case / "expected.csv").read_text(), now)
    columns, *rows = csv.reader(io.StringIO(text))
    return columns, [tuple(row) for row in rows]


def _said(text: str, now: datetime) -> str:
    return _SAID.sub(lambda found: _meant(found, now), text)


def _meant(found: re.Match[str], now: datetime) -> str:
    if runs := _RUN.findall(found[1]):
        values = ",".join(value for count, value in runs for _ in range(int(count)))
        return f'"{{{values}}}"'
    if back := _BACK.fullmatch(found[1]):
        base, count, unit = back.groups()
        if base == "today":
            return str(date.fromordinal(now.toordinal() - int(count or 0)))
        at = now - timedelta(**{unit or "hours": int(count or 0)})
        return f"{at:%Y-%m-%d %H:%M:%S}+00"
    return found[0]


def _differences(expected: list[tuple[str, ...]], found: list[tuple[str, ...]]) -> str:
    """Rows of one side alone: `-` is expected and not there, `+` the other way round."""
    left, right = Counter(expected), Counter(found)
    lines = [("-", row) for row in sorted((left - right).elements())]
    lines += [("+", row) for row in sorted((right - left).elements())]
    return "\n".join(f"{sign} {','.join(row)}" for sign, row in lines)
