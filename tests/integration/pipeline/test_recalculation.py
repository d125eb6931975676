"""A fresh look changes nothing that was right, and mends what was damaged by hand."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.command import Command, Recalculate
from schemas.envelope import Frozen
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.dump import differences, dump
from tests.support.pipeline import NOW, Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read

SMALL = Size(tenants=2, visitors=12, customers=5, touches=25, events=15, orders=10, commands=6,
             purchases=6, spend=4)  # fmt: skip
REVISIONS = "SELECT conversion_id, rev FROM conversion_revision"
# Not numbers of credit_rows: summary adds the difference between the new compact row and the
# stored one, so what was damaged there goes into the cells, and only a rebuild mends it.
DAMAGE = {
    "a fold": "UPDATE conversions SET net = net + 1, gross = 7, status = 'cancelled',"
    " converted_at = converted_at - interval '400 days', source = 'damaged-' || conversion_id",
    "a person": "UPDATE conversions SET person_id = NULL",
    "a lost row": "DELETE FROM conversions",
    "a state": "UPDATE credit_rows SET state = 'ready', model_version = 'x',"
    " fallback_models = '{}', currency = 'GBP'",
    "a journey": "UPDATE journeys SET path = 'x', steps = '', touches = '{0,0,0,0,0,0,0,0}',"
    " revenue = 1, counts = NOT counts, date = date - 1",
}


@dataclass
class World:
    """A drained pipeline and the log that it drained."""

    dsn: str
    pipeline: Pipeline
    log: list[tuple[str, Frozen]]

    async def recalculate(self, body: Recalculate) -> None:
        commands: list[tuple[str, Frozen]] = []
        for n in range(SMALL.tenants):
            record = Command(tenant_id=f"tenant-{n}", command_id=f"again-{len(self.log)}-{n}",
                             issued_at=NOW, received_at=NOW, body=body)  # fmt: skip
            commands.append(("commands.v1", record))
        await self.pipeline.feed(commands)
        self.log += commands
        await self.pipeline.drain(random.Random(1))

    async def wrong(self) -> list[str]:
        """How the served tables differ from the oracle's."""
        expected, found = served(log_of(self.log)), await read(self.dsn)
        found.tables["deliveries"] = expected["deliveries"]
        return diff(expected, found)


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    conn = await asyncpg.connect(database)
    try:
        for n in range(SMALL.tenants):
            await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", f"tenant-{n}")
    finally:
        await conn.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        rng = random.Random(20261126)
        log = random_log(rng, SMALL)
        pipeline = Pipeline(db)
        await pipeline.feed(log)
        await pipeline.drain(rng)
        yield World(database, pipeline, log)
    finally:
        await db.close()


@pytest.mark.parametrize("body", [Recalculate(), Recalculate(since=1, until=NOW)], ids=str)
async def test_it_changes_no_row_of_any_table_that_was_right(
    world: World, body: Recalculate
) -> None:
    before = await dump(world.dsn)
    assert await world.wrong() == []
    await world.recalculate(body)
    assert differences(before, await dump(world.dsn)) == []


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_cache_that_was_damaged_by_hand_equals_the_oracle_again(
    world: World, damage: str
) -> None:
    before = await dump(world.dsn)
    conn = await asyncpg.connect(world.dsn)
    try:
        await conn.execute(DAMAGE[damage])
    finally:
        await conn.close()
    assert await world.wrong() != []
    await world.recalculate(Recalculate())
    assert await world.wrong() == []
    assert differences(before, await dump(world.dsn)) == []


async def test_a_named_order_alone_is_looked_at(world: World) -> None:
    conn = await asyncpg.connect(world.dsn)
    try:
        before = {row[0]: row[1] for row in await conn.fetch(REVISIONS)}
        name = await conn.fetchval("SELECT min(conversion_id) FROM conversions")
        await world.recalculate(Recalculate(conversions=(name, "no such conversion")))
        after = {row[0]: row[1] for row in await conn.fetch(REVISIONS)}
    finally:
        await conn.close()
    assert after == {**before, name: before[name] + 1}
