"""Two workers that meet the same order at once: whoever loses its partition in the middle of a
batch, and records of one order in two partitions, lose no refund and tell none twice."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from processors.dedupe.processor import DedupeProcessor
from processors.domain.ids import retraction_id
from processors.engine.processor import Item, Result
from processors.engine.progress import Progress
from schemas.delivery import Delivery, Platform
from tests.integration.credit.world import NOON, TENANT, processor_database
from tests.integration.dedupe.conftest import RETRACTS, Shop, told
from tests.integration.dedupe.test_retractions import given_back, kinds
from tests.unit.dedupe.events import order, seen

AT = round(NOON.timestamp() * 1000)
OTHER_PARTITION = 1
BLOCKED_SECONDS = 20
REFUNDED = "r1", 2_000


@pytest.fixture
async def other(shop: Shop, database: str) -> AsyncIterator[DedupeProcessor]:
    """A second worker, with a pool of its own."""
    async with processor_database(database) as db:
        yield DedupeProcessor(db=db, progress=Progress("dedupe"), retracts=RETRACTS)


def there(item: Item) -> Item:
    """The same record, in the other partition."""
    return Item(replace(item.message, partition=OTHER_PARTITION), item.value)


async def paid_back(shop: Shop, total: int) -> None:
    """The shop says how much it has paid back in all, and nothing of the single refunds."""
    snapshot = order(order_id="order-c1", status="partially_refunded", refunded=total)
    await shop.world.put(
        "order_versions",
        tenant_id=TENANT, conversion_id="c1", content_hash=uuid.uuid4().hex, version_at=AT + total,
        snapshot=snapshot.model_dump_json(exclude_defaults=True),
    )  # fmt: skip
    await shop.world.conn.execute(
        "UPDATE conversions SET status = 'partially_refunded', refunded = $1, net = gross - $1",
        total,
    )


@asynccontextmanager
async def held_up(
    shop: Shop,
    database: str,
    work: Coroutine[Any, Any, Result],
    *,
    platform: Platform,
    event_id: str,
    kind: str,
) -> AsyncIterator[asyncio.Task[Result]]:
    """`work` waits in the middle of its transaction: somebody else is about to claim what it
    claims, and gives it up at the end."""
    conn = await asyncpg.connect(database)
    held = conn.transaction()
    await held.start()
    await conn.execute(
        "INSERT INTO dedupe_keys (tenant_id, platform, event_id, kind, source_topic,"
        " source_partition, source_offset, first_seen) VALUES ($1, $2, $3, $4, 't', 9, 9, now())",
        TENANT, platform, event_id, kind,
    )  # fmt: skip
    task = asyncio.create_task(work)
    try:
        await blocked(shop, task, 1)
        yield task
    finally:
        await held.rollback()
        await conn.close()
        await task


async def blocked(shop: Shop, task: asyncio.Task[Result], count: int) -> None:
    """Until so many workers wait for a lock, or this one has ended."""
    async with asyncio.timeout(BLOCKED_SECONDS):
        while True:
            waiting = await shop.world.conn.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if task.done() or waiting >= count:
                return
            await asyncio.sleep(0.01)


async def test_a_refund_is_told_though_a_worker_that_had_lost_its_partition_claimed_it_and_died(
    shop: Shop, other: DedupeProcessor
) -> None:
    await shop.order()
    first = await shop.credited(offset=1)
    await shop.run(first)
    await given_back(shop, REFUNDED, status="partially_refunded")
    await other.process([first])  # polled before, handled now, and never told
    second = await shop.run(await shop.credited(offset=2))
    assert kinds(second) == [("ga4", "refund", 2_000), ("meta", "refund", 2_000)]


async def test_so_is_a_purchase(shop: Shop, other: DedupeProcessor) -> None:
    await shop.order()
    first = await shop.credited(offset=1)
    await shop.run(first)
    await shop.connect("klaviyo")
    await other.process([first])
    second = await shop.run(await shop.credited(offset=2))
    assert kinds(second) == [("klaviyo", "event", 5_000)]


async def test_two_workers_at_once_take_back_no_more_than_was_paid_back(
    shop: Shop, other: DedupeProcessor, database: str
) -> None:
    await shop.order()
    await shop.run(await shop.credited(offset=1))
    await paid_back(shop, 1_000)
    event_id = retraction_id(
        tenant=TENANT, order="order-c1", platform="ga4", kind="refund", suffix="total:1000"
    )
    first = shop.run(await shop.credited(offset=2))
    async with held_up(
        shop, database, first, platform="ga4", event_id=event_id, kind="refund"
    ) as one:
        await paid_back(shop, 1_500)
        record = there(await shop.credited(offset=1))
        two = asyncio.create_task(other.process([record]))
        await blocked(shop, two, 2)
    of_ga4 = [d.value for d in [*told(await one), *told(await two)] if d.platform == "ga4"]
    assert of_ga4 == [1_000, 500]


async def test_a_worker_that_was_held_up_does_not_tell_an_older_value_after_a_newer_one(
    shop: Shop, other: DedupeProcessor, database: str
) -> None:
    await shop.connect("google_ads")
    await shop.order()
    await shop.run(await shop.credited(offset=1))
    await paid_back(shop, 1_000)
    one = shop.run(await shop.credited(offset=2), seen(offset=1))
    async with held_up(shop, database, one, platform="ga4", event_id="e1", kind="event") as late:
        await paid_back(shop, 2_000)
        newer = told(await other.process([there(await shop.credited(offset=1))]))
    older = told(await late)
    assert restated([*newer, *older]) == [(0, 3_000)]


async def test_a_refund_that_consent_stopped_is_told_when_it_is_given(shop: Shop) -> None:
    await shop.order()
    await shop.run(await shop.credited(offset=1))
    await given_back(shop, REFUNDED, status="partially_refunded")
    emitted = told(await shop.run(await shop.credited(offset=2)))
    (refund,) = (d for d in emitted if d.platform == "meta")
    await shop.world.put(
        "deliveries",
        tenant_id=TENANT, platform="meta", event_id=refund.event_id, kind="refund",
        event_name="Purchase", occurred_at=NOON, state="filtered", error="consent_denied",
        next_attempt_at=NOON, deadline_at=NOON,
    )  # fmt: skip
    again = told(await shop.run(await shop.credited(offset=3)))
    assert again == [refund]


async def test_the_order_of_values_outlives_a_rebuild_which_gives_claims_other_sources(
    shop: Shop,
) -> None:
    await shop.connect("google_ads")
    await shop.order()
    emitted = []
    for offset, total in enumerate((1_000, 2_000, 1_000)):
        await paid_back(shop, total)
        emitted += told(await shop.run(await shop.credited(offset=offset)))
    assert restated(emitted) == [(0, 4_000), (1, 3_000), (2, 4_000)]
    await shop.world.conn.execute(
        "UPDATE dedupe_keys SET source_topic = 'delivery_outcomes.v1', source_offset = -amount"
        " WHERE amount IS NOT NULL"
    )
    assert restated(told(await shop.run(await shop.credited(offset=3)))) == []
    await paid_back(shop, 2_500)
    assert restated(told(await shop.run(await shop.credited(offset=4)))) == [(3, 2_500)]
    assert restated(told(await shop.run(await shop.credited(offset=5)))) == []


def restated(emitted: list[Delivery]) -> list[tuple[int | None, int | None]]:
    """Turn and value of what Google is told that the order is worth."""
    return [(d.turn, d.value) for d in emitted if d.kind == "adjust"]
