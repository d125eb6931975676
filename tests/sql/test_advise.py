"""`attributary advise` reads the database's own figures, and judges them."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from processors.__main__ import app
from processors.commands.advise import advise, of_indexes, of_server, of_tables

SERVER: dict[str, Any] = {
    "age": 1, "freeze_at": 200_000_000, "autovacuum": True, "counted_days": 30,
}  # fmt: skip
TABLE: dict[str, Any] = {
    "name": "t", "live": 50_000, "dead": 0, "changed": 0, "vacuumed": None, "analyzed": None,
    "bytes": 1, "age": 1,
}  # fmt: skip
INDEX: dict[str, Any] = {
    "name": "i", "of_table": "t", "scans": 9, "bytes": 5 << 20, "valid": True, "needed": False,
    "is_part": False, "covered_by": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, []),
        ({"dead": 9_999, "live": 1}, []),
        ({"dead": 12_000}, []),
        ({"dead": 12_500}, ["dead_rows"]),
        ({"changed": 15_000}, ["statistics"]),
        ({"changed": 14_999}, []),
        ({"age": 239_999_999}, []),
        ({"age": 240_000_000}, ["wraparound"]),
    ],
)
def test_a_table_is_told_of_from_a_threshold_on(change: dict[str, Any], kinds: list[str]) -> None:
    assert [advice.kind for advice in of_tables([TABLE | change], SERVER)] == kinds


@pytest.mark.parametrize(
    ("change", "days", "kinds"),
    [
        ({}, 30, []),
        ({"scans": 0}, 30, ["unused_index"]),
        ({"scans": 0}, 6, []),
        ({"scans": 0, "bytes": 1}, 30, []),
        ({"scans": 0, "needed": True}, 30, []),
        ({"scans": 0, "is_part": True}, 30, []),
        ({"covered_by": "wider"}, 0, ["duplicate_index"]),
        ({"needed": True, "valid": False}, 0, ["invalid_index"]),
    ],
)
def test_an_index_is_told_of_when_it_can_go(
    change: dict[str, Any], days: int, kinds: list[str]
) -> None:
    server = SERVER | {"counted_days": days}
    assert [advice.kind for advice in of_indexes([INDEX | change], server)] == kinds


def test_a_server_that_does_not_clean_up_is_urgent() -> None:
    assert [a.urgent for a in of_server(SERVER | {"autovacuum": False})] == [True]
    assert list(of_server(SERVER)) == []


async def test_dead_rows_and_indexes_for_nothing_are_found_in_a_real_database(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    assert {a.kind for a in await advise()} <= {"statistics", "dead_rows"}, "of our own schema"
    conn = await asyncpg.connect(database)
    try:
        await conn.execute("""
            CREATE TABLE heap (a int, b int) WITH (autovacuum_enabled = false);
            INSERT INTO heap SELECT n, n % 7 FROM generate_series(1, 20000) AS n;
            DELETE FROM heap WHERE a > 5000;
            CREATE INDEX heap_a ON heap (a);
            CREATE INDEX heap_ab ON heap (a, b);
            CREATE INDEX heap_b ON heap (b) WHERE a > 1;
        """)
        with pytest.raises(asyncpg.UniqueViolationError):
            await conn.execute("CREATE UNIQUE INDEX CONCURRENTLY heap_one ON heap (b)")
        await conn.execute("SELECT pg_stat_force_next_flush()")
    finally:
        await conn.close()

    async def found() -> set[tuple[str, str, bool]]:
        return {(a.kind, a.about, a.urgent) for a in await advise() if a.about.startswith("heap")}

    wanted = {
        ("dead_rows", "heap", False),
        ("statistics", "heap", False),
        ("duplicate_index", "heap_a", False),
        ("invalid_index", "heap_one", True),
    }
    async with asyncio.timeout(20):
        while await found() != wanted:
            pass
    told = await asyncio.to_thread(CliRunner().invoke, app, ["advise", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)[0]["kind"] == "invalid_index"
