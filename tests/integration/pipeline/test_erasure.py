"""Who is erased was never there, in any order of records and command; orders keep the money."""

import random
from collections.abc import AsyncIterator

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
from tests.oracle.nodes import nodes
from tests.support.pipeline import NOW, Pipeline
from tests.support.random_log import Arrival, Size, random_log
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
    assert await rows(
        shop, "SELECT revenue, person_id, customer_id FROM attribution_conversions"
    ) == [(100, None, None)]
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


@pytest.mark.parametrize("seed", range(12))
async def test_records_and_erasures_in_any_order_end_as_the_oracle_says(
    database: str, seed: int
) -> None:
    rng = random.Random(seed)
    connections = await tenants(database, SMALL.tenants)
    log = random_erasures(rng, plain(random_log(rng, SMALL)))
    rng.shuffle(log)
    db = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(log)
        await pipeline.drain(rng, crashes=rng.choice([0.0, 0.08]))
    finally:
        await db.close()
    expected = served(log_of(log), connections=connections)
    found = told(await read(database), pipeline.broker)
    assert diff(expected, found) == []


def plain(log: Arrival) -> Arrival:
    """One content of each event id: of two, only the one that stands keeps its ids joined."""
    first: dict[tuple[str, str], str] = {}
    kept: Arrival = []
    for topic, record in log:
        if topic in ("touchpoints.v1", "pixel_events.v1"):
            key = (record.event_id, record.tenant_id)  # type: ignore[attr-defined]
            content = record.content_hash  # type: ignore[attr-defined]
            if first.setdefault(key, content) != content:
                continue
        kept.append((topic, record))
    return kept


def random_erasures(rng: random.Random, log: Arrival) -> Arrival:
    """The log with two or three erasures of what some record carries, at the time of another."""
    carriers = [r for t, r in log if t in ("touchpoints.v1", "pixel_events.v1", "orders.v1")]
    for n in range(rng.choice([1, 2, 3])):
        ids = {name for r in rng.sample(carriers, 2) for name in nodes(r.model_dump(mode="json"))}
        at = rng.choice(carriers).received_at + n  # type: ignore[attr-defined]
        if ids:
            log = [*log, *erase(*ids, at=at, tenant="tenant-0")]
    return log
