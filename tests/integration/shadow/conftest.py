"""Two shops, and one database of theirs whose log is drained, which tests of a module share."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio

from processors.engine.postgres import Database
from tests.integration.shadow.world import TENANTS, World
from tests.support.databases import Databases
from tests.support.pipeline import Pipeline
from tests.support.random_log import Size, random_log

SMALL = Size(visitors=14, customers=6, touches=60, events=6, orders=16, commands=6, purchases=4,
             spend=4, calm=True)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def past(databases: Databases) -> AsyncIterator[World]:
    """Tenants with a past; tests may add runs, and change nothing else."""
    async with databases.fresh() as dsn, _world(dsn) as made:
        await fill(made)
        yield made


@pytest.fixture
async def blank(database: str) -> AsyncIterator[World]:
    """Tenants without a past, for one test alone."""
    async with _world(database) as made:
        yield made


async def fill(world: World) -> None:
    """Give the tenants a past, and drain it."""
    rng = random.Random(20261127)
    await world.pipeline.feed(random_log(rng, SMALL))
    await world.pipeline.drain(rng)


@asynccontextmanager
async def _world(dsn: str) -> AsyncIterator[World]:
    conn = await asyncpg.connect(dsn)
    try:
        for tenant in TENANTS:
            await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
    finally:
        await conn.close()
    db = await Database.connect(
        dsn, role="attributary_processor", application_name="test", max_size=4
    )
    operator = await Database.connect(dsn, application_name="operator", max_size=4)
    try:
        yield World(dsn, operator, Pipeline(db))
    finally:
        await operator.close()
        await db.close()
