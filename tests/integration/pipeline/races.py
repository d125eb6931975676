"""Scenarios of two writers, one tenant for each order of their steps, in one database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from processors.domain.attribution import model_document
from processors.engine.processor import Message
from schemas.command import Command, PromoteModel
from schemas.envelope import Frozen, Identifiers
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.interleaving import Writer, orders, play
from tests.support.pipeline import NOW, Pipeline
from tests.support.served import diff, read

Records = list[tuple[str, Frozen]]
HOUR = 3_600_000
DOWNSTREAM = ("credit", "summary")


@dataclass(frozen=True)
class Scenario:
    """What is there before, and what the two writers bring at once."""

    name: str
    before: Callable[[str], Records]
    writers: tuple[Callable[[str], Records], Callable[[str], Records]]


def touch(
    tenant: str, visitor: str, *, event: str = "touch", hours: int = 5, **more: object
) -> Records:
    record = Touchpoint.model_validate(
        {
            "tenant_id": tenant, "event_id": event, "content_hash": f"{event}-{visitor}",
            "occurred_at": NOW - hours * HOUR, "received_at": NOW, "visitor_id": visitor,
            "marketing": {"utm_source": "google", "utm_medium": "cpc"}, **more,
        }
    )  # fmt: skip
    return [("touchpoints.v1", record)]


def join(tenant: str, visitor: str, customer: str) -> Records:
    name = f"join-{visitor}-{customer}"
    record = PixelEvent(
        tenant_id=tenant, event_id=name, content_hash=name, source="identify",
        event_name="identify", occurred_at=NOW - HOUR, received_at=NOW, visitor_id=visitor,
        identifiers=Identifiers(customer_id=customer),
    )  # fmt: skip
    return [("pixel_events.v1", record)]


def order(tenant: str, *, customer: str | None = None, visitor: str | None = None) -> Records:
    record = Order(
        tenant_id=tenant, source="api", order_id="1", event_id="o1", content_hash="o1",
        received_at=NOW, ordered_at=NOW - 60_000, status="paid", currency="USD", gross=10_000,
        visitor_id=visitor, identifiers=Identifiers(customer_id=customer),
    )  # fmt: skip
    return [("orders.v1", record)]


def _logins(tenant: str) -> Records:
    """Joins that come on another topic than the first writer's, as another replica has it."""
    return [
        *touch(tenant, "b", event="login", identifiers={"customer_id": "z", "device_id": "d"}),
        *touch(tenant, "a", event="again", identifiers={"device_id": "d"}),
    ]


def _promotion(tenant: str) -> Records:
    """It reaches the order by a second."""
    document = model_document.document(
        recency_days=(), saturation=1, intercept=-1_000_000, effects={"email": (500_000,)}
    )
    body = PromoteModel(document=document, applies_from=NOW - 61_000)
    record = Command(tenant_id=tenant, command_id="m", issued_at=NOW, received_at=NOW, body=body)
    return [("commands.v1", record)]


SCENARIOS = (
    Scenario(
        "a touch of one device while the devices are joined",
        lambda t: [*touch(t, "b", event="seen"), *order(t, customer="c")],
        (lambda t: touch(t, "a"), lambda t: join(t, "a", "c")),
    ),
    Scenario(
        "an order while its customer is joined to a visitor",
        lambda t: touch(t, "a"),
        (lambda t: order(t, customer="c"), lambda t: join(t, "a", "c")),
    ),
    Scenario(
        "a late touch and its order",
        lambda _: [],
        (lambda t: touch(t, "a"), lambda t: order(t, visitor="a")),
    ),
    Scenario(
        "two joins that share an id",
        lambda t: [*touch(t, "a"), *touch(t, "b", event="other"), *order(t, customer="z")],
        (lambda t: join(t, "a", "c"), _logins),
    ),
    Scenario(
        "a touch is replaced by a smaller content of another visitor",
        lambda t: [*touch(t, "a"), *order(t, visitor="a")],
        (lambda t: touch(t, "b", hours=6), lambda t: join(t, "b", "c")),
    ),
)

PROMOTED = Scenario(
    "a model is promoted while its order comes",
    lambda t: [*touch(t, "a"), *touch(t, "a", event="mail", marketing={"utm_medium": "email"})],
    (lambda t: order(t, visitor="a"), _promotion),
)


async def tenants(dsn: str, count: int) -> dict[tuple[str, str], int]:
    """So many tenants with an account at three platforms: one that takes refunds, one that restates
    and one that has nothing for either. Returns which those are, from the start."""
    connections = {
        (f"tenant-{n}", platform): 0
        for n in range(count)
        for platform in ("meta", "ga4", "google_ads")
    }
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


async def run(pipeline: Pipeline, dsn: str, scenario: Scenario, *, steps: int) -> list[str]:
    """Play every order of the writers' steps; returns where the tables differ from the oracle.

    Each writer's output is credited and summed as soon as the writer ends, so a conversion that
    is not pointed to again afterwards shows what was missing then.
    """
    sequences = list(orders(steps, steps))
    tenants = [f"t-{n}" for n in range(len(sequences))]
    log: Records = [row for tenant in tenants for row in scenario.before(tenant)]
    await pipeline.feed(log)
    await drain(pipeline, "identity", *DOWNSTREAM)
    for tenant, sequence in zip(tenants, sequences, strict=True):
        batches = [await batch(pipeline, writer(tenant)) for writer in scenario.writers]
        downstream = asyncio.Lock()
        works = tuple(_work(pipeline, messages, downstream) for messages in batches)
        await play(sequence, works)
        log += [row for writer in scenario.writers for row in writer(tenant)]
    return await judge(dsn, log)


async def judge(dsn: str, log: Records) -> list[str]:
    """Where the tables differ from what the log says, deliveries aside: nothing sends here."""
    found = await read(dsn)
    expected = served(log_of(log))
    found.tables["deliveries"] = expected["deliveries"]
    return diff(expected, found)


async def batch(pipeline: Pipeline, records: Records) -> list[Message]:
    """Feed the records; the messages that they became."""
    topics = sorted({topic for topic, _ in records})
    before = {(m.topic, m.partition, m.offset) for t in topics for m in pipeline.broker.read(t)}
    await pipeline.feed(records)
    return [
        message
        for topic in topics
        for message in pipeline.broker.read(topic)
        if (message.topic, message.partition, message.offset) not in before
    ]


async def drain(pipeline: Pipeline, *groups: str) -> None:
    """Fresh workers of the groups, in this order, until nothing waits."""
    for group in groups:
        worker = pipeline.replica(group)
        assert worker.processor is not None
        await worker.processor.start()
        while await pipeline.turn(worker, 1_000):
            pass
        while group == "identity" and await pipeline.resolving():
            await pipeline.resolve_again(worker)


def _work(
    pipeline: Pipeline, messages: Sequence[Message], downstream: asyncio.Lock
) -> Callable[[Writer], Awaitable[None]]:
    async def go(writer: Writer) -> None:
        replica = pipeline.replica("identity")
        replica.pause = writer.pause
        await replica.cycle.run(messages)
        pipeline.broker.commit("identity", messages)
        async with downstream:
            await drain(pipeline, *DOWNSTREAM)

    return go
