"""The database port and the progress that is kept through it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome, Retry
from processors.engine.postgres import Database, Lost, is_transient
from processors.engine.processor import Item, Message
from processors.engine.progress import Progress
from tests.support.engine_field import NOON, spend

DAY_MS = 86_400_000


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    """Connected as the processors are."""
    opened = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=2
    )
    yield opened
    await opened.close()


def item(offset: int, *, partition: int = 0, at: int = NOON, tenant: str = "acme") -> Item:
    message = Message("spend.v1", partition, offset, at, f"{tenant}|x".encode(), b"")
    return Item(message, spend(f"s{offset}"))


async def record(db: Database, *pairs: tuple[Item, Outcome]) -> None:
    async with db.transaction() as conn:
        await Progress("toy").record(conn, [i for i, _ in pairs], [o for _, o in pairs])


async def counts(db: Database) -> Counter[tuple[object, ...]]:
    async with db.connection() as conn:
        rows = await conn.fetch(
            "SELECT partition, tenant_id, day::text AS day, outcome, rule, n FROM outcome_counts"
        )
    return Counter(
        {(r["partition"], r["tenant_id"], r["day"], r["outcome"], r["rule"]): r["n"] for r in rows}
    )


async def offsets(db: Database) -> set[tuple[int, int, int]]:
    async with db.connection() as conn:
        rows = await conn.fetch("SELECT partition, base_offset, next_offset FROM consumed_offsets")
    return {(r["partition"], r["base_offset"], r["next_offset"]) for r in rows}


async def test_each_connection_has_the_role_also_after_a_reset(db: Database) -> None:
    for _ in range(3):
        async with db.connection() as conn:
            assert await conn.fetchval("SELECT current_user") == "attributary_processor"
            assert await conn.fetchval("SHOW jit") == "off"
            await conn.execute("RESET ALL")


async def test_a_transaction_is_rolled_back_by_an_exception(db: Database) -> None:
    async def fail_late() -> None:
        async with db.transaction() as conn:
            await Progress("toy").record(conn, [item(0)], [APPLIED])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_late()
    assert await offsets(db) == set()


@pytest.mark.parametrize("kind", ["transaction", "connection"])
async def test_a_connection_that_the_server_closes_between_two_statements_is_lost_for_now(
    db: Database, database: str, kind: str
) -> None:
    operator = await asyncpg.connect(database)

    async def held_too_long() -> None:
        async with getattr(db, kind)() as conn, asyncio.timeout(10):
            pid = await conn.fetchval("SELECT pg_backend_pid()")
            await operator.execute("SELECT pg_terminate_backend($1)", pid)
            while not conn.is_closed():  # noqa: ASYNC110 (nothing tells us)
                await asyncio.sleep(0.01)

    try:
        with pytest.raises((Lost, asyncpg.InterfaceError)) as caught:
            await held_too_long()
        assert is_transient(caught.value)
        async with getattr(db, kind)() as conn:
            assert await conn.fetchval("SELECT 1") == 1
    finally:
        await operator.close()


async def test_a_read_only_snapshot_refuses_to_write(db: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
            await conn.execute("DELETE FROM outcome_counts")


async def test_a_statement_whose_table_was_changed_by_an_upgrade_works_on_the_second_try(
    db: Database, database: str
) -> None:
    everything, change = "SELECT * FROM tenants", "ALTER TABLE tenants ADD COLUMN later integer"
    operator = await asyncpg.connect(database)

    async def read() -> None:
        async with db.transaction() as conn:
            await conn.fetch(everything)

    try:
        await read()
        await operator.execute(change)
        with pytest.raises(asyncpg.InvalidCachedStatementError) as caught:
            await read()
        assert is_transient(caught.value)
        await read()
    finally:
        await operator.close()


async def test_outcomes_are_counted_by_tenant_day_and_rule(db: Database) -> None:
    await record(
        db,
        (item(5), APPLIED),
        (item(6), DUPLICATE),
        (item(7, tenant="beta"), Drop("bot")),
        (item(8, at=NOON + DAY_MS), Dead("invalid", "field")),
        (item(0, partition=3), APPLIED),
    )
    assert await counts(db) == {
        (0, "acme", "2023-11-15", "applied", ""): 1,
        (0, "acme", "2023-11-15", "duplicate", ""): 1,
        (0, "beta", "2023-11-15", "filtered", "bot"): 1,
        (0, "acme", "2023-11-16", "dead", "invalid"): 1,
        (3, "acme", "2023-11-15", "applied", ""): 1,
    }
    assert await offsets(db) == {(0, 5, 9), (3, 0, 1)}


async def test_a_repeated_batch_counts_only_what_is_new(db: Database) -> None:
    await record(db, (item(0), APPLIED), (item(1), APPLIED))
    await record(db, (item(0), DUPLICATE), (item(1), DUPLICATE), (item(2), APPLIED))
    await record(db, (item(1), DUPLICATE))
    assert await counts(db) == {(0, "acme", "2023-11-15", "applied", ""): 3}
    assert await offsets(db) == {(0, 0, 3)}


async def test_an_outcome_that_is_no_end_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        await record(db, (item(0), Retry("later")))
    assert await offsets(db) == set()


async def test_an_empty_batch_is_nothing(db: Database) -> None:
    await record(db)
    assert await offsets(db) == set()
