"""Who is erased was never there, in any order of records and command; orders keep the money."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from processors.domain.ids import subject_id
from processors.engine.postgres import Database
from schemas.command import Command, Erase
from schemas.envelope import Frozen
from tests.integration.pipeline.races import join, order, tenants, touch
from tests.integration.pipeline.test_suppression import Shop, view
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import NOW, Crew, Pipeline
from tests.support.random_erasures import plain, random_erasures
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read
from tests.support.told import told

TENANT = "acme"
SMALL = Size(tenants=1, visitors=12, customers=5, touches=25, events=15, orders=10, commands=10,
             purchases=6, spend=4)  # fmt: skip
Records = list[tuple[str, Frozen]]


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
    await operator.execute(
        "INSERT INTO platform_connections VALUES ($1, 'meta', 'account', '', true)", TENANT
    )
    db = await Database.connect(
        database, role="attributary_processor", application_name="erasure", max_size=4
    )
    yield Shop(Pipeline(db), operator, database)
    await db.close()
    await operator.close()


def erase(*ids: str, at: int = NOW, tenant: str = TENANT) -> Records:
    body = Erase(erased_at=at, subjects=tuple(sorted(subject_id(tenant, name) for name in ids)))
    record = Command(
        tenant_id=tenant, command_id=f"erase-{at}-{len(ids)}", issued_at=at, received_at=at,
        body=body,
    )  # fmt: skip
    return [("commands.v1", record)]


def later(records: Records, by: int = 1) -> Records:
    """The same, received after the erasure."""
    return [(t, r.model_copy(update={"received_at": NOW + by})) for t, r in records]


async def rows(shop: Shop, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await shop.conn.fetch(query)]


WHO = ("visitor:v", "customer:c")


def life() -> Records:
    return [*touch(TENANT, "v"), *join(TENANT, "v", "c"), *view("v"), *order(TENANT, customer="c")]


async def test_who_is_erased_leaves_the_money_of_an_order_of_nobody(shop: Shop) -> None:
    await shop.hear(life())
    assert await shop.earned() == {"paid_search"}
    await shop.hear(erase(*WHO))
    assert await rows(shop, "SELECT net, person_id, customer_id FROM conversions") == [
        (10_000, None, None)
    ]
    assert await shop.earned() == {"unattributed"}
    for table in ("attribution_touchpoints", "pixel_events", "identity_nodes", "identity_edges",
                  "conversion_nodes"):  # fmt: skip
        assert await rows(shop, f"SELECT 1 FROM {table}") == [], table


async def test_what_comes_late_or_again_of_somebody_erased_is_dropped_and_counted(
    shop: Shop,
) -> None:
    await shop.hear(erase(*WHO), life())
    assert await rows(shop, "SELECT 1 FROM attribution_touchpoints") == []
    await shop.hear(later(touch(TENANT, "v")), later(order(TENANT, customer="c")))
    assert await rows(shop, "SELECT node FROM identity_nodes") == []
    counted = (
        "SELECT sum(n)::int FROM outcome_counts WHERE consumer_group = 'identity'"
        " AND rule = 'erased'"
    )
    assert await rows(shop, counted) == [(4,)]


async def test_who_comes_after_their_erasure_begins_anew(shop: Shop) -> None:
    again = later(touch(TENANT, "v", event="again", hours=1))
    await shop.hear(life(), again)
    await shop.hear(erase(*WHO))
    assert await rows(shop, "SELECT event_id FROM attribution_touchpoints") == [("again",)]
    assert await rows(shop, "SELECT node, person_id FROM identity_nodes") == [
        ("visitor:v", "visitor:v")
    ]
    await shop.hear(later(join(TENANT, "v", "c2")))
    assert (
        len(await rows(shop, "SELECT 1 FROM identity_nodes WHERE person_id = 'customer:c2'")) == 2
    )


async def test_those_whom_an_erased_id_held_together_are_two_again(shop: Shop) -> None:
    bridge = touch(TENANT, "b", event="bridge", identifiers={"device_id": "d"})
    await shop.hear(bridge, touch(TENANT, "w", event="w", identifiers={"device_id": "d"}))
    await shop.hear(erase("device:d"))
    assert await rows(shop, "SELECT 1 FROM attribution_touchpoints") == []
    assert await rows(shop, "SELECT 1 FROM identity_nodes") == []


@pytest.mark.parametrize("seed", range(6))
async def test_records_and_erasures_in_any_order_end_as_the_oracle_says(
    database: str, seed: int
) -> None:
    assert await _trial(database, seed) == []


@pytest.mark.parametrize("replicas", [2, 3])
async def test_replicas_that_erase_while_others_write_end_as_the_oracle_says(
    database: str, replicas: int
) -> None:
    assert await _trial(database, replicas, replicas=replicas) == []


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(100, 180))
async def test_many_more_of_them_do(database: str, seed: int) -> None:
    found = await _trial(database, seed, replicas=1 + seed % 4)
    assert found == [], "\n".join(found)


async def _trial(dsn: str, seed: int, *, replicas: int = 1) -> list[str]:
    """Where the tables differ from what the log says, with workers that die at times."""
    rng = random.Random(f"{seed} {replicas}")
    connections = await tenants(dsn, SMALL.tenants)
    log = random_erasures(rng, plain(random_log(rng, SMALL)))
    rng.shuffle(log)
    async with AsyncExitStack() as stack:
        pools = []
        for number in range(replicas):
            db = await Database.connect(
                dsn, role="attributary_processor", application_name=f"erasing-{number}", max_size=12
            )
            stack.push_async_callback(db.close)
            pools.append(db)
        pipeline, crashes = Pipeline(pools[0]), rng.choice([0.0, 0.05])
        await pipeline.feed(log)
        if replicas == 1:
            await pipeline.drain(rng, crashes=crashes)
        else:
            crew = Crew(pipeline, crashes=crashes)
            await crew.drain(rng, pools, most=rng.choice([8, 20, 60]))
    expected = served(log_of(log), connections=connections)
    return diff(expected, told(await read(dsn), pipeline.broker))
