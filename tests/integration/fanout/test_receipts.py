"""Receipts on a real Postgres: kept with the answer, asked for by one replica at a time, and their
verdict counts only for what their own request carried."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from processors.engine.postgres import Connection, Database
from processors.fanout import handle, late, receipts, store
from processors.fanout.handle import Waiting
from processors.fanout.receipts import Noted, Receipt
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Answer, Heard, LaterVerdict, Result
from processors.platforms.google_ads.client import GoogleAds
from tests.integration.fanout.field import event

NOW = 1_788_600_000_000
MINUTE = 60_000
PLATFORM: Final = "google_ads"
QUEUE = store.Queue(PLATFORM, owner="fanout-0", lease_ms=MINUTE)
TURNS = [handle.Turn("acme", 9)]


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = await Database.connect(database, role="attributary_processor", application_name="test")
    operator = await Database.connect(database, application_name="operator")
    async with operator.connection() as conn:
        await conn.execute("INSERT INTO tenants VALUES ('acme')")
    await operator.close()
    yield db
    await db.close()


async def enqueue(conn: Connection, *names: str) -> None:
    google = GoogleAds.load(lambda: NOW)
    told = [event(name, platform=PLATFORM, occurred_at=NOW) for name in names]
    await store.enqueue(conn, told, {PLATFORM: google}, now_ms=NOW)
    await google.close()


async def send(conn: Connection, receipt: str | None, *, now_ms: int = NOW) -> list[Waiting]:
    """What is due, as one request that is taken."""
    due = await QUEUE.due(conn, TURNS, per_tenant=99, most=99, now_ms=now_ms)
    rows = list((await QUEUE.lease(conn, due, now_ms=now_ms)).values())
    answer = Answer((Result("sent"),) * len(rows), 200, 1, "", receipt=receipt)
    settled = [handle.unsent(row, now_ms=now_ms, state="sent", error=None) for row in rows]
    await QUEUE.settle(conn, settled, now_ms=now_ms)
    await receipts.keep(conn, PLATFORM, rows, answer, now_ms=now_ms, next_ms=now_ms + MINUTE)
    return rows


async def take(conn: Connection, *, now_ms: int, most: int = 9) -> list[Receipt]:
    return await receipts.take(conn, PLATFORM, most=most, now_ms=now_ms, until_ms=now_ms + MINUTE)


async def hear(
    conn: Connection, receipt: Receipt, verdict: LaterVerdict, *, now_ms: int
) -> dict[str, str]:
    """Write a verdict; returns the states of all deliveries."""
    (rows,) = await receipts.carried(conn, PLATFORM, [receipt])
    heard = Heard(verdict, "late INVALID_GCLID")
    changed = late.overturned(
        rows,
        heard,
        receipt=receipt.id,
        now_ms=now_ms,
        settings=FanoutSettings(),
        window=lambda _: 90 * 1_440 * MINUTE,
    )
    await receipts.overturn(conn, PLATFORM, changed, now_ms=now_ms)
    await receipts.note(conn, PLATFORM, [Noted(receipt, heard, None)], now_ms=now_ms)
    found = await conn.fetch("SELECT event_id, state FROM deliveries")
    return {row["event_id"]: row["state"] for row in found}


async def test_a_receipt_is_asked_for_by_one_replica_and_by_another_when_that_one_is_gone(
    db: Database,
) -> None:
    async with db.transaction() as conn:
        await enqueue(conn, "a", "b")
        await send(conn, "r")
    async with db.transaction() as conn:
        assert await take(conn, now_ms=NOW) == []
        (mine,) = await take(conn, now_ms=NOW + MINUTE)
        assert mine == Receipt("acme", "r", NOW, 1, (("a", "event", 1), ("b", "event", 1)))
        async with db.transaction() as other:
            assert await take(other, now_ms=NOW + 9 * MINUTE) == []
    async with db.transaction() as conn:
        assert await take(conn, now_ms=NOW + MINUTE) == []
        (theirs,) = await take(conn, now_ms=NOW + 2 * MINUTE)
        assert theirs.asked == 2
        noted = [Noted(mine, Heard("sent"), None)]
        await receipts.note(conn, PLATFORM, noted, now_ms=NOW + 2 * MINUTE)
        assert await conn.fetchval("SELECT ended_at FROM delivery_receipts") is None
        await hear(conn, theirs, "sent", now_ms=NOW + 2 * MINUTE)
        assert await take(conn, now_ms=NOW + 9 * MINUTE) == []


async def test_a_refusal_is_a_dead_letter_that_is_told_and_tried_again_like_any_other(
    db: Database,
) -> None:
    async with db.transaction() as conn:
        await enqueue(conn, "a")
        await send(conn, "r")
        await store.mark_published(conn, await store.unpublished(conn, 9))
        (receipt,) = await take(conn, now_ms=NOW + MINUTE)
        assert await hear(conn, receipt, "rejected", now_ms=NOW + MINUTE) == {"a": "rejected"}
        (told,) = await store.unpublished(conn, 9)
        assert (told["state"], told["error"]) == ("rejected", "late INVALID_GCLID")
        assert await store.dead_counts(conn) == {(PLATFORM, "rejected"): 1}
        rows = await conn.fetch("SELECT status, error, attempt FROM capi_delivery_log")
        assert [tuple(row.values()) for row in rows] == [("rejected", "late INVALID_GCLID", 1)]
        assert await store.requeue(conn, reason="rejected", per_second=1e6) == 1
        assert await conn.fetchval("SELECT state FROM deliveries") == "queued"


async def test_a_verdict_is_not_about_what_has_been_sent_since(db: Database) -> None:
    async with db.transaction() as conn:
        await enqueue(conn, "a")
        await send(conn, "old")
        (old,) = await take(conn, now_ms=NOW + MINUTE)
        assert await hear(conn, old, "retry", now_ms=NOW + MINUTE) == {"a": "queued"}
        assert await hear(conn, old, "rejected", now_ms=NOW + MINUTE) == {"a": "queued"}
        await send(conn, "new", now_ms=NOW + 9 * MINUTE)
        assert await hear(conn, old, "rejected", now_ms=NOW + 9 * MINUTE) == {"a": "sent"}
        (new,) = await take(conn, now_ms=NOW + 99 * MINUTE)
        assert await hear(conn, new, "rejected", now_ms=NOW + 99 * MINUTE) == {"a": "rejected"}


async def test_parts_of_a_request_are_in_the_queue_apart(db: Database) -> None:
    names = [f"e{n:02d}" for n in range(20)]
    async with db.transaction() as conn:
        await enqueue(conn, *names)
        await send(conn, "r")
        (receipt,) = await take(conn, now_ms=NOW + MINUTE)
        states = await hear(conn, receipt, "mixed", now_ms=NOW + MINUTE)
        assert states == dict.fromkeys(names, "queued")
        due = await QUEUE.due(conn, TURNS, per_tenant=99, most=99, now_ms=NOW + MINUTE)
        chosen = handle.batches(
            due, [handle.Turn("acme", 99)], group=lambda _: "g", batch_limit=99, most=99
        )
        assert [len(batch.rows) for batch in chosen] == [2] * 10


async def test_receipts_are_forgotten_some_time_after_their_end(db: Database) -> None:
    async with db.transaction() as conn:
        await enqueue(conn, "a")
        await send(conn, "r")
        await receipts.forget(conn, PLATFORM, before_ms=NOW + 9 * MINUTE)
        (receipt,) = await take(conn, now_ms=NOW + MINUTE)
        await hear(conn, receipt, "sent", now_ms=NOW + MINUTE)
        await receipts.forget(conn, PLATFORM, before_ms=NOW)
        assert await conn.fetchval("SELECT count(*) FROM delivery_receipts") == 1
        await receipts.forget(conn, PLATFORM, before_ms=NOW + 9 * MINUTE)
        assert await conn.fetchval("SELECT count(*) FROM delivery_receipts") == 0


async def test_what_was_not_taken_has_no_receipt(db: Database) -> None:
    async with db.transaction() as conn:
        await enqueue(conn, "a", "b")
        rows = await send(conn, None)
        assert await take(conn, now_ms=NOW + MINUTE) == []
        results = (Result("sent"), Result("rejected", "HTTP 200"))
        answer = Answer(results, 200, 1, "", receipt="r")
        await receipts.keep(conn, PLATFORM, rows, answer, now_ms=NOW, next_ms=NOW)
        (receipt,) = await take(conn, now_ms=NOW)
        assert receipt.carried == ((rows[0].delivery.event_id, "event", 1),)
