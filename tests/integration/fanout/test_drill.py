"""The drill: a platform is down for an hour and comes back. The clock is the test's."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from processors.platforms.base import Answer, Result
from schemas.delivery import Delivery
from tests.integration.fanout.field import event, until
from tests.integration.fanout.vendor import NOW, Stand, answer, stand

MINUTE = 60_000
WINDOW = 7 * 86_400_000
CAPACITY, PER_SECOND = 2, 1


@asynccontextmanager
async def running(made: Stand) -> AsyncIterator[None]:
    """The sender of the platform, as the engine runs it."""
    sender = made.fanout.background()[0]
    task = asyncio.ensure_future(sender())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_hour_without_the_platform_costs_only_what_expired_in_it(database: str) -> None:
    limits = {"bucket_capacity": CAPACITY, "bucket_per_second": PER_SECOND, "park_max_seconds": 60}
    async with stand(database, **limits) as made:
        left = [*range(5, 60, 11), *range(70, 220, 3)]
        names = {f"e{n:03d}": n for n in left}
        await made.put(
            *(event(name, occurred_at=NOW - WINDOW + n * MINUTE) for name, n in names.items())
        )
        made.vendor.is_down = True
        async with running(made):
            for minute in range(60):
                made.now_ms = NOW + minute * MINUTE
                await until("a round", lambda: _settled(made))
            down = len(made.vendor.requests)
            made.now_ms = NOW + 60 * MINUTE
            made.vendor.is_down = False

            async def passes() -> bool:
                made.now_ms += 1_000
                return await made.are_final()

            await until("the end of the queue", passes)
        states = await made.states()
        async with made.db.connection() as conn:
            dead = await conn.fetch("SELECT event_id, reason FROM delivery_dlq")
    expired = {name for name, n in names.items() if n < 60}
    assert {name for name, state in states.items() if state == "expired"} == expired
    assert {name for name, state in states.items() if state == "sent"} == names.keys() - expired
    assert {row["event_id"]: row["reason"] for row in dead} == dict.fromkeys(expired, "expired")
    assert down <= 5 + 60
    _assert_rate(made.vendor.requests[down:])
    tried = {name for _, sent in made.vendor.requests[:down] for name in sent}
    accepted = [name for _, sent in made.vendor.requests[down:] for name in sent]
    assert len(accepted) == len(set(accepted))
    untried = [name for name in accepted if name not in tried]
    assert untried == sorted(untried)
    assert untried


async def test_a_circuit_that_opens_while_the_sender_stops_is_written_down(database: str) -> None:
    asked, stopping = asyncio.Event(), asyncio.Event()

    async def refuse_at_the_stop(_: Sequence[Delivery]) -> Answer:
        asked.set()
        await stopping.wait()
        return answer(Result("reauth", "the token is gone"))

    async with stand(database) as made:
        made.vendor.reply = refuse_at_the_stop
        await made.put(event("e", occurred_at=NOW - 1))
        task = asyncio.ensure_future(made.fanout.background()[0]())
        await asked.wait()
        task.cancel()
        stopping.set()
        await asyncio.gather(task, return_exceptions=True)
        async with made.db.connection() as conn:
            found = await conn.fetch("SELECT tenant_id, platform FROM delivery_circuit_openings")
        assert await made.states() == {"e": "parked"}
    assert [tuple(row.values()) for row in found] == [("acme", "meta")]


async def _settled(made: Stand) -> bool:
    """Nothing is under way, and nothing that ran out of time waits."""
    async with made.db.connection() as conn:
        found = await conn.fetchval(
            "SELECT count(*) FROM deliveries WHERE state = 'sending' OR state IN ('queued',"
            " 'parked') AND extract(epoch FROM deadline_at) * 1000 <= $1::bigint",
            made.now_ms,
        )
    return int(found) == 0


def _assert_rate(requests: list[tuple[int, list[str]]]) -> None:
    times = [at for at, _ in requests]
    for n, start in enumerate(times):
        for count, end in enumerate(times[n:], start=1):
            assert count <= CAPACITY + 1 + (end - start) / 1000 * PER_SECOND
