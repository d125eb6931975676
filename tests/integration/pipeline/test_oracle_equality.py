"""Law 7: the drained log equals the batch oracle, whatever the order, crashes and repetitions."""

import random

import asyncpg
import pytest

from processors.engine.postgres import Database
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read

SMALL = Size(tenants=2, visitors=12, customers=5, touches=25, events=15, orders=10, commands=10,
             purchases=6, spend=4)  # fmt: skip


async def _tenants(dsn: str, count: int) -> set[tuple[str, str]]:
    connections = {(f"tenant-{n}", platform) for n in range(count) for platform in ("meta", "ga4")}
    conn = await asyncpg.connect(dsn)
    try:
        for tenant in sorted({tenant for tenant, _ in connections}):
            await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
        for tenant, platform in sorted(connections):
            await conn.execute(
                "INSERT INTO platform_connections VALUES ($1, $2, 'account', '', true)",
                tenant,
                platform,
            )
    finally:
        await conn.close()
    return connections


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("crashes", [0.0, 0.08])
async def test_a_random_log_in_any_order_ends_as_the_oracle_says(
    database: str, seed: int, crashes: float
) -> None:
    rng = random.Random(seed)
    connections = await _tenants(database, SMALL.tenants)
    log = random_log(rng, SMALL)
    db = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(log)
        died = await pipeline.drain(rng, crashes=crashes)
    finally:
        await db.close()
    assert (died > 0) == (crashes > 0)
    expected = served(log_of(log), connections=connections)
    found = await read(database)
    found.tables["deliveries"] = expected["deliveries"]  # nothing sends here
    assert diff(expected, found) == []
