"""The shards of settled days are merged while summary writes to them: the sums stay."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import sql
from processors.engine.postgres import Database
from processors.engine.processor import Item
from tests.integration.summary.tables import Tables, apply, revisions
from tests.integration.summary.test_writers import shuffled, writing
from tests.support.engine_field import until
from tests.support.interleaving import Writer, play
from tests.unit.summary.records import credits, item

QUERIES = sql.load("maintenance")
SUMS = """
SELECT basis, date, channel, platform, campaign, place, sum(t), sum(c), sum(r)
FROM summary_cells,
    unnest(touchpoints, conversions, revenue) WITH ORDINALITY AS cell (t, c, r, place)
WHERE tenant_id = $1
GROUP BY basis, date, channel, platform, campaign, place
HAVING (sum(t), sum(c), sum(r)) <> (0, 0, 0)
ORDER BY 1, 2, 3, 4, 5, 6"""
DAYS = "SELECT array_agg(DISTINCT date) FROM summary_cells WHERE tenant_id = $1"
ROWS = "SELECT count(*) FROM summary_cells WHERE tenant_id = $1"


async def sums(tables: Tables, tenant: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await tables.conn.fetch(SUMS, tenant)]


async def merge(tables: Tables, tenant: str) -> int:
    days = await tables.conn.fetchval(DAYS, tenant)
    fewer: int = await tables.conn.fetchval(QUERIES["merge_cells"], tenant, days)
    return fewer


def restated(epoch: str, tenant: str) -> list[Item]:
    return [
        item(
            credits(f"c{n}", tenant_id=tenant, epoch=epoch, rev=3, seed=5),
            offset=n,
            partition=n % 3,
        )
        for n in range(8)
    ]


async def spread(tables: Tables, db: Database, tenant: str) -> str:
    """Two revisions of eight conversions, over three shards."""
    epoch = await tables.epoch()
    for record in revisions(epoch, tenant, conversions=8, most=2):
        await apply(db, [item(record, partition=int(record.conversion_id[1:]) % 3)])
    return epoch


async def test_merged_shards_have_the_sums_of_their_cells_and_later_changes_add_to_them(
    tables: Tables, db: Database
) -> None:
    for tenant in ("merged", "alone"):
        epoch = await spread(tables, db, tenant)
    before = await tables.conn.fetchval(ROWS, "merged")
    fewer = await merge(tables, "merged")
    after = await tables.conn.fetchval(ROWS, "merged")
    assert fewer == before - after > 0
    assert await sums(tables, "merged") == await sums(tables, "alone")
    for tenant in ("merged", "alone"):
        await apply(db, restated(epoch, tenant))
    assert await merge(tables, "merged") > 0
    assert await merge(tables, "merged") == 0
    assert await sums(tables, "merged") == await sums(tables, "alone")


@pytest.mark.parametrize("seed", range(3))
async def test_merging_and_summary_in_any_order_of_their_steps_lose_nothing(
    tables: Tables, db: Database, seed: int
) -> None:
    for tenant in ("both", "alone"):
        epoch = await spread(tables, db, tenant)
    await apply(db, restated(epoch, "alone"))

    async def merging(writer: Writer) -> None:
        for _ in range(4):
            await writer.pause("begin")
            async with tables.conn.transaction():
                await merge(tables, "both")
                await writer.pause("commit")

    await play(shuffled(seed), (writing(db, restated(epoch, "both")), merging))
    assert await sums(tables, "both") == await sums(tables, "alone")


async def test_a_cell_that_is_merged_away_while_summary_waits_for_it_is_made_again(
    tables: Tables, db: Database
) -> None:
    for tenant in ("waits", "alone"):
        epoch = await spread(tables, db, tenant)
    await apply(db, restated(epoch, "alone"))
    waiting = (
        "SELECT count(*) > 0 FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )

    async with tables.conn.transaction():
        await tables.conn.fetch("SELECT FROM summary_cells WHERE tenant_id = 'waits' FOR UPDATE")
        late = asyncio.create_task(apply(db, restated(epoch, "waits")))
        await until("summary waits", _is(tables, waiting))
        assert await merge(tables, "waits") > 0
    await late
    assert await sums(tables, "waits") == await sums(tables, "alone")


def _is(tables: Tables, query: str) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        found: bool = await tables.conn.fetchval(query)
        return found

    return holds
