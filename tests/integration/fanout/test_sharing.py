"""Replicas share a tenant's rate and circuit: together they are one sender to the platform."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.fanout.gates import Gates
from processors.fanout.handle import Batch
from processors.fanout.settings import FanoutSettings
from processors.fanout.sharing import Sharing
from processors.platforms.base import Answer, Result, Verdict
from tests.integration.fanout.field import Field, event, names, until

CAPACITY, PER_SECOND = 6, 10
START = 1_788_600_000_000


class Replica:
    """Gates of one sender, on a clock that the replicas have in common."""

    def __init__(self, number: int, db: Database, clock: list[int]) -> None:
        settings = FanoutSettings(
            in_flight_per_tenant=50, bucket_capacity=CAPACITY, bucket_per_second=PER_SECOND
        )
        self._db, self._clock = db, clock
        self.gates = Gates("meta", settings, Metrics())
        self.sharing = Sharing(
            "meta",
            owner=f"fanout-{number}",
            db=db,
            clock=lambda: clock[0],
            gates=self.gates,
            settings=settings,
        )

    async def send(self, most: int, tenant: str = "acme") -> int:
        """Start up to so many requests; returns how many that were."""
        room = min(most, self.gates.room(tenant, now_ms=self._clock[0]))
        async with self._db.transaction() as conn:
            chosen = [Batch(tenant, ())] * room
            permitted = await self.sharing.permit(conn, chosen, now_ms=self._clock[0])
        for batch in permitted:
            self.gates.start(batch.tenant_id, now_ms=self._clock[0])
            self.gates.end(batch.tenant_id)
        return len(permitted)

    async def learn(self, verdict: Verdict, *, pause_seconds: float = 0.0) -> None:
        answer = Answer((Result(verdict),), 200, 1, "", pause_seconds=pause_seconds)
        self.gates.learn("acme", answer, now_ms=self._clock[0])
        await self.sharing.report()


@asynccontextmanager
async def replicas(dsn: str, count: int, clock: list[int]) -> AsyncIterator[list[Replica]]:
    db = await Database.connect(dsn, role="attributary_processor", application_name="test")
    try:
        yield [Replica(number, db, clock) for number in range(count)]
    finally:
        await db.close()


@pytest.mark.parametrize("seed", range(5))
async def test_no_interleaving_of_replicas_sends_more_than_capacity_and_rate(
    database: str, seed: int
) -> None:
    random, clock, sent = Random(seed), [START], list[int]()
    async with replicas(database, 3, clock) as all_of_them:
        for _ in range(120):
            clock[0] += random.choice((0, 0, 7, 50, 130, 900))
            asking = random.sample(all_of_them, random.randint(1, 3))
            granted = await asyncio.gather(*(one.send(random.randint(1, 8)) for one in asking))
            sent += [clock[0]] * sum(granted)
            if random.random() < 0.1:
                sent.append(clock[0] + await asking[0].sharing.reserve("acme"))
    sent.sort()
    assert len(sent) > 100
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            elapsed = (sent[last] - sent[first] + 1) / 1000
            assert last - first + 1 <= CAPACITY + PER_SECOND * elapsed + 1e-6


async def test_one_replica_has_the_whole_capacity_and_the_whole_rate(database: str) -> None:
    clock = [START]
    async with replicas(database, 1, clock) as (one,):
        assert await one.send(50) == CAPACITY
        sent = 0
        for _ in range(300):
            clock[0] += 33
            sent += await one.send(50)
        assert sent == 99


async def test_a_clock_that_is_behind_neither_adds_tokens_nor_loses_them(database: str) -> None:
    clock = [START]
    async with replicas(database, 3, clock) as (one, other, third):
        assert await one.send(50) == CAPACITY
        clock[0] = START - 60_000
        assert await other.send(50) == 0
        clock[0] = START + 200
        assert await third.send(50) == 2


async def test_tenants_have_tokens_of_their_own(database: str) -> None:
    async with replicas(database, 2, [START]) as (one, other):
        assert await one.send(50) == CAPACITY
        assert await other.send(50, "else") == CAPACITY
        assert await other.send(50) == 0


async def test_failures_of_all_replicas_count_together_and_what_opens_stops_them_all(
    database: str,
) -> None:
    clock = [START]
    async with replicas(database, 3, clock) as (one, other, third):
        for each in (one, one, one, other, other):
            assert await each.send(1) == 1
            await each.learn("retry")
            clock[0] += 100
        assert other.gates.room("acme", now_ms=clock[0]) == 0
        assert await third.send(1) == 0
        await one.sharing.refresh()
        assert one.gates.room("acme", now_ms=clock[0]) == 0
        async with one._db.connection() as conn:
            openings = await conn.fetch("SELECT replica FROM delivery_circuit_openings")
        assert [row["replica"] for row in openings] == ["fanout-1"]


async def test_one_probe_passes_over_all_replicas_and_its_success_frees_them(
    database: str,
) -> None:
    clock = [START]
    async with replicas(database, 3, clock) as (one, other, third):
        await one.send(1)
        await one.learn("reauth")
        clock[0] += 60_000
        granted = await asyncio.gather(*(each.send(5) for each in (one, other, third)))
        assert sorted(granted) == [0, 0, 1]
        probing = (one, other, third)[granted.index(1)]
        waiting = (one, other, third)[granted.index(0)]
        await probing.learn("throttled")
        clock[0] += 3_000
        assert await waiting.send(5) == 1
        await waiting.learn("sent")
        await probing.sharing.refresh()
        assert await probing.send(5) == 5


async def test_a_probe_that_is_never_answered_is_followed_by_another(database: str) -> None:
    clock = [START]
    async with replicas(database, 2, clock) as (one, other):
        await one.send(1)
        await one.learn("reauth")
        clock[0] += 60_000
        assert await one.send(1) == 1
        clock[0] += 59_999
        assert await other.send(1) == 0
        clock[0] += 3_000
        assert await other.send(5) == 1


async def test_a_probe_ends_with_the_life_that_made_it(database: str) -> None:
    clock = [START]
    async with replicas(database, 2, clock) as (one, other):
        await one.send(1)
        await one.learn("reauth")
        clock[0] += 60_000
        assert await one.send(1) == 1
        await other.sharing.recover()
        assert await other.send(1) == 0
        again = Replica(0, one._db, clock)
        await again.sharing.recover()
        assert await again.send(5) == 1


async def test_a_failed_probe_of_one_replica_doubles_the_rest_of_all(database: str) -> None:
    clock = [START]
    async with replicas(database, 2, clock) as (one, other):
        await one.send(1)
        await one.learn("reauth")
        clock[0] += 60_000
        assert await other.send(1) == 1
        await other.learn("retry")
        clock[0] += 119_999
        assert await one.send(1) == 0
        clock[0] += 1
        assert await one.send(5) == 1


async def test_a_pause_that_a_platform_asked_one_replica_for_holds_the_others(
    database: str,
) -> None:
    clock = [START]
    async with replicas(database, 2, clock) as (one, other):
        await one.send(1)
        await one.learn("throttled", pause_seconds=7)
        clock[0] += 6_999
        assert await other.send(1) == 0
        clock[0] += 1
        assert await other.send(2) == 2


async def test_an_opening_that_another_replica_ends_ends_where_it_is_noted(database: str) -> None:
    clock = [START]
    async with replicas(database, 2, clock) as (one, other):
        await other.send(1)
        await one.send(1)
        await one.learn("reauth")
        await other.sharing.refresh()
        clock[0] += 5_000
        await other.learn("sent")
        async with one._db.connection() as conn:
            rows = await conn.fetch("SELECT open_until - opened_at AS span, replica"
                                    " FROM delivery_circuit_openings")  # fmt: skip
        assert [(row["span"].total_seconds(), row["replica"]) for row in rows] == [(5, "fanout-0")]
        await one.sharing.refresh()
        assert await one.send(1) == 1


async def test_two_processes_send_no_faster_than_one_may_and_no_slower(
    field: Field, tmp_path: Path
) -> None:
    await field.connect("acme")
    views = names(90, "v")
    limits = {
        "ATTRIBUTARY_FANOUT_BUCKET_CAPACITY": "10",
        "ATTRIBUTARY_FANOUT_BUCKET_PER_SECOND": "10",
    }
    for replica in (0, 1):
        field.worker(replica, **limits)
    before = 0.0
    samples: list[tuple[float, int]] = []

    async def all_sent() -> bool:
        nonlocal before
        asked = monotonic()
        if not await field.fetch("SELECT FROM delivery_gates"):  # nothing was granted yet
            before = asked
        requests = int((await field.ga4.stats()).get("requests", 0))
        samples.append((monotonic(), requests))
        return requests == len(views)

    await field.put([event(e, platform="ga4", name="PageView") for e in views])
    await until("all requests", all_sent)
    for moment, requests in samples:
        # A grant is dated by its sender's clock, a moment before it is noted: one more.
        assert requests <= 10 + 10 * (max(moment, before) - before) + 1
    assert samples[-1][0] - before < 14
    assert set((await field.settled(views)).values()) == {"sent"}
    for number in (0, 1):
        assert "Event sent successfully" in (tmp_path / f"worker-{number}.log").read_text()


async def test_two_processes_have_one_circuit_and_one_probe(field: Field) -> None:
    await field.connect("acme")
    orders = names(40)
    await field.ga4.script({"count": 10_000, "status": 503})
    for replica in (0, 1):
        field.worker(replica, ATTRIBUTARY_FANOUT_BREAKER_RECOVERY_SECONDS="4")
    await field.put([event(e, platform="ga4") for e in orders])

    async def opened(trips: int) -> bool:
        return bool(await field.fetch("SELECT FROM delivery_gates WHERE trips = $1", trips))

    async def attempts() -> int:
        rows = await field.fetch(
            "SELECT count(*) AS n FROM capi_delivery_log AS made JOIN delivery_gates AS gate"
            " USING (tenant_id, platform) WHERE made.created_at < gate.open_until"
        )
        return int(rows[0]["n"])

    await until("an open circuit", lambda: opened(1))
    await until("a failed probe", lambda: opened(2))
    probed = (await field.ga4.stats())["requests"]
    rows = await field.fetch(
        "SELECT (SELECT count(*) FROM capi_delivery_log WHERE created_at > open_until) AS n,"
        " open_until - opened_at >= interval '3.9 s' AS is_long"
        " FROM delivery_circuit_openings ORDER BY opened_at LIMIT 1"
    )
    assert [tuple(row) for row in rows] == [(1, True)]
    # Each may see five failures of its own, with three more requests under way, before either is
    # told of the other's; the probe is one for both.
    assert probed <= 2 * (5 + 3) + 1
    assert await attempts() == probed
    await field.ga4.script(reset=True)
    assert set((await field.settled(orders)).values()) == {"sent"}
    assert await field.ga4.accepted() == dict.fromkeys(orders, 1)
