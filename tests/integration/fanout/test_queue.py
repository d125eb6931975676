"""The queue on a real Postgres, under the batches' side alone: no broker, no platform."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from processors.domain.ids import purchase_event_id
from processors.engine.context import Context
from processors.engine.metrics import Metrics
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Item, Message
from processors.engine.progress import Progress
from processors.engine.vault import Vault, new_key
from processors.fanout import handle, store
from processors.fanout.processor import Fanout
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Answer, Result, Verdict
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery
from schemas.envelope import Frozen
from tests.integration.fanout.field import event

NOW = 1_788_600_000_000
DAY = 86_400_000
QUEUE = store.Queue("meta", owner="fanout-0", lease_ms=60_000)
TURNS = [handle.Turn("acme", 9), handle.Turn("beta", 9)]


async def publish(_: Sequence[Emit]) -> None:
    raise AssertionError("nothing is published from a batch")


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = await Database.connect(database, role="attributary_processor", application_name="test")
    operator = await Database.connect(database, application_name="operator")
    async with operator.connection() as conn:
        for tenant in ("acme", "beta"):
            await conn.execute("INSERT INTO tenants VALUES ($1)", tenant)
            await conn.execute(
                "INSERT INTO platform_connections VALUES ($1, 'meta', 'px', 'x')", tenant
            )
    await operator.close()
    yield db
    await db.close()


@pytest.fixture
async def fanout(db: Database) -> AsyncIterator[Fanout]:
    context = Context(
        name="fanout",
        group="fanout",
        replica=0,
        db=db,
        progress=Progress("fanout"),
        publish=publish,
        clock=lambda: NOW,
        metrics=Metrics(),
    )
    fanout = Fanout(
        context,
        connectors={p: kind.load(context.clock) for p, kind in CONNECTORS.items()},
        vault=Vault(new_key()),
        settings=FanoutSettings(),
    )
    yield fanout
    await fanout.stop()


def items(*values: Any) -> list[Item]:
    return [
        Item(Message("deliveries.meta.v1", 0, n, NOW, b"acme|k", None), value)
        for n, value in enumerate(values)
    ]


def delivery(event_id: str, **fields: Any) -> Delivery:
    return event(event_id, **{"occurred_at": NOW, **fields})


async def due(db: Database, *, now_ms: int = NOW, per_tenant: int = 9) -> list[str]:
    async with db.transaction() as conn:
        rows = await QUEUE.due(conn, TURNS, per_tenant=per_tenant, most=99, now_ms=now_ms)
    return [row.delivery.event_id for row in rows]


async def test_each_record_of_a_batch_ends_in_its_own_way_and_is_counted_once(
    fanout: Fanout, db: Database
) -> None:
    batch = items(
        delivery("a"),
        delivery("a"),
        delivery("b", tenant="nobody"),
        delivery("c", platform="affiliate"),
        delivery("text", browser={"url": r"https://shop.example.com/\u0000"}),
        delivery("end of time", occurred_at=253_402_300_799_999),
        Dead("not_json"),
        Frozen(),
    )
    result = await fanout.process(batch)
    assert result.outcomes == [
        APPLIED,
        DUPLICATE,
        Drop("not_connected"),
        Drop("not_connected"),
        APPLIED,
        APPLIED,
        Dead("not_json"),
        Dead("wrong_type", "Frozen"),
    ]
    again = await fanout.process(batch)
    assert again.outcomes[0] == DUPLICATE
    async with db.connection() as conn:
        assert await conn.fetchval("SELECT sum(n) FROM outcome_counts") == len(batch)
        assert await conn.fetchval("SELECT count(*) FROM deliveries") == 3


async def test_what_expires_first_goes_first_and_every_tenant_has_its_share(
    fanout: Fanout, db: Database
) -> None:
    await fanout.process(
        items(
            delivery("a2", occurred_at=NOW - 2),
            delivery("a3", occurred_at=NOW - 1),
            delivery("a1", occurred_at=NOW - 3),
            delivery("b1", tenant="beta", occurred_at=NOW),
        )
    )
    assert await due(db, per_tenant=2) == ["a1", "a2", "b1"]


async def test_locked_rows_are_another_sender_s(fanout: Fanout, db: Database) -> None:
    await fanout.process(items(delivery("a"), delivery("b")))
    async with db.transaction() as conn:
        first = await QUEUE.due(conn, TURNS, per_tenant=1, most=9, now_ms=NOW)
        assert [row.delivery.event_id for row in first] == ["a"]
        assert await due(db) == ["b"]


async def test_what_expires_in_doubt_is_unknown_and_not_merely_expired(
    fanout: Fanout, db: Database
) -> None:
    await fanout.process(items(delivery("doubt"), delivery("plain")))
    async with db.transaction() as conn:
        rows = await QUEUE.due(conn, TURNS, per_tenant=9, most=9, now_ms=NOW)
        leased = await QUEUE.lease(conn, rows, now_ms=NOW)
        for row in leased.values():
            verdict: Verdict = "unknown" if row.delivery.event_id == "doubt" else "retry"
            result = Result(verdict, "ReadTimeout")
            answer = Answer((result,), None, 1, "")
            await QUEUE.log(conn, [([row], answer)], now_ms=NOW)
            settled = handle.settle(
                row,
                result,
                now_ms=NOW,
                settings=FanoutSettings(),
                window=lambda _: 2 * DAY,
            )
            await QUEUE.settle(conn, [settled], now_ms=NOW)
    assert sorted(await due(db, now_ms=NOW + DAY)) == ["doubt", "plain"]
    assert await due(db, now_ms=NOW + 3 * DAY) == ["plain"]
    async with db.transaction() as conn:
        assert await QUEUE.expire(conn, now_ms=NOW + 8 * DAY) == 2
        rows_ = await conn.fetch("SELECT event_id, reason FROM delivery_dlq")
    assert {r["event_id"]: r["reason"] for r in rows_} == {"doubt": "unknown", "plain": "expired"}


async def test_a_late_answer_counts_only_if_it_says_sent(fanout: Fanout, db: Database) -> None:
    await fanout.process(items(delivery("a")))
    async with db.transaction() as conn:
        rows = await QUEUE.due(conn, TURNS, per_tenant=9, most=9, now_ms=NOW)
        (old,) = (await QUEUE.lease(conn, rows, now_ms=NOW)).values()
        (new,) = (await QUEUE.lease(conn, [old], now_ms=NOW)).values()
        assert (old.attempts, new.attempts) == (1, 2)

        async def settle(state: handle.State) -> str:
            late = handle.unsent(old, now_ms=NOW, state=state, error=None)
            await QUEUE.settle(conn, [late], now_ms=NOW)
            return str(await conn.fetchval("SELECT state FROM deliveries"))

        assert await settle("rejected") == "sending"
        assert await settle("sent") == "sent"
        assert await settle("queued") == "sent"


def refund_of(purchase: Delivery, **fields: Any) -> Delivery:
    return purchase.model_copy(update={"event_id": "refund", "kind": "refund", **fields})


def purchase(**fields: Any) -> Delivery:
    event_id = purchase_event_id(tenant="acme", source="api", order_id="1001", platform="meta")
    return delivery(event_id, order_id="1001", **fields)


async def settled(db: Database, event_id: str, state: handle.State) -> None:
    async with db.transaction() as conn:
        rows = await QUEUE.due(conn, TURNS, per_tenant=9, most=9, now_ms=NOW)
        (row,) = [row for row in rows if row.key[:2] == ("acme", event_id)]
        (leased,) = (await QUEUE.lease(conn, [row], now_ms=NOW)).values()
        ended = handle.unsent(leased, now_ms=NOW, state=state, error=None)
        await QUEUE.settle(conn, [ended], now_ms=NOW)


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_refund_is_sent_when_its_purchase_was_accepted_and_not_before(
    fanout: Fanout, db: Database, refund_first: bool
) -> None:
    sale = purchase()
    refund = refund_of(sale, occurred_at=NOW - DAY)
    for record in (refund, sale) if refund_first else (sale, refund):
        await fanout.process(items(record))
    assert await due(db) == [sale.event_id]
    await settled(db, sale.event_id, "sent")
    assert await due(db) == ["refund"]


async def test_a_refund_whose_purchase_was_never_accepted_is_dropped_with_the_reason(
    fanout: Fanout, db: Database
) -> None:
    sale = purchase()
    await fanout.process(items(sale, refund_of(sale), purchase(tenant="beta")))
    await settled(db, sale.event_id, "rejected")
    assert await due(db, now_ms=NOW + DAY) == [sale.event_id]  # of the other tenant
    async with db.transaction() as conn:
        await QUEUE.expire(conn, now_ms=NOW)
        row = await conn.fetchrow("SELECT state, error FROM deliveries WHERE kind = 'refund'")
        dead = await conn.fetch("SELECT kind, reason FROM delivery_dlq")
    assert row is not None
    assert tuple(row.values()) == ("filtered", "conversion_not_accepted")
    assert [tuple(r.values()) for r in dead] == [("event", "rejected")]


async def test_a_refund_comes_back_when_its_purchase_is_accepted_after_all(
    fanout: Fanout, db: Database
) -> None:
    sale = purchase()
    await fanout.process(items(sale, refund_of(sale)))
    await settled(db, sale.event_id, "unknown")
    async with db.transaction() as conn:
        await QUEUE.expire(conn, now_ms=NOW)
        await conn.execute("UPDATE deliveries SET state = 'queued' WHERE kind = 'event'")
    assert await due(db) == [sale.event_id]
    await settled(db, sale.event_id, "sent")
    assert await due(db) == ["refund"]


async def test_what_an_order_is_worth_is_told_one_after_another_and_never_an_older_value_last(
    fanout: Fanout, db: Database
) -> None:
    sale = purchase()
    first, second, third = (
        refund_of(sale, kind="adjust", turn=n).model_copy(update={"event_id": f"worth-{n}"})
        for n in range(3)
    )
    await fanout.process(items(sale, second, first))
    await settled(db, sale.event_id, "sent")
    assert await due(db) == [first.event_id]
    await settled(db, first.event_id, "sent")
    assert await due(db) == [second.event_id]
    await fanout.process(items(third))
    async with db.transaction() as conn:
        await conn.execute("UPDATE deliveries SET state = 'sent' WHERE event_id = 'worth-2'")
        await QUEUE.expire(conn, now_ms=NOW)
        found = await conn.fetchrow(
            "SELECT state, error FROM deliveries WHERE event_id = 'worth-1'"
        )
    assert found is not None
    assert tuple(found.values()) == ("filtered", "superseded")
    assert await due(db) == []


async def test_a_refund_whose_purchase_never_came_is_dropped_at_its_deadline(
    fanout: Fanout, db: Database
) -> None:
    await fanout.process(items(refund_of(purchase())))
    async with db.transaction() as conn:
        assert await QUEUE.expire(conn, now_ms=NOW) == 0
        assert await QUEUE.expire(conn, now_ms=NOW + 8 * DAY) == 1
        row = await conn.fetchrow("SELECT state, error FROM deliveries")
        assert await conn.fetchval("SELECT count(*) FROM delivery_dlq") == 0
    assert row is not None
    assert tuple(row.values()) == ("filtered", "conversion_not_accepted")


async def test_a_refund_past_the_acceptance_window_is_a_dead_letter(
    fanout: Fanout, db: Database
) -> None:
    sale = purchase()
    await fanout.process(items(sale))
    await settled(db, sale.event_id, "sent")
    await fanout.process(items(refund_of(sale, occurred_at=NOW - 8 * DAY)))
    assert await due(db) == []
    async with db.transaction() as conn:
        assert await QUEUE.expire(conn, now_ms=NOW) == 1
        dead = await conn.fetch("SELECT kind, reason FROM delivery_dlq")
    assert [tuple(r.values()) for r in dead] == [("refund", "expired")]


@pytest.mark.parametrize("said", [None, "denied", " Denied ", "granted", "perhaps"])
async def test_silence_means_to_a_sender_what_it_means_to_everybody(
    db: Database, database: str, said: str | None
) -> None:
    operator = await asyncpg.connect(database)
    if said is not None:
        row = "INSERT INTO tenant_settings VALUES ('acme', 'consent_when_absent', $1, 1, 'c')"
        await operator.execute(row, said)
    shown = await operator.fetchval(
        "SELECT consent_when_absent FROM attribution_settings WHERE tenant_id = 'acme'"
    )
    await operator.close()
    async with db.transaction() as conn:
        _, absent = await store.decisions(conn, [("acme", "visitor:v")], ["acme"])
    assert absent.get("acme", "granted") == shown


async def test_what_waits_and_is_too_old_within_the_hour_is_counted(
    fanout: Fanout, db: Database
) -> None:
    window = CONNECTORS["meta"].load(lambda: NOW).accepted_for_ms
    oldest = NOW - window
    hour = 3_600_000
    await fanout.process(
        items(
            delivery("soon", occurred_at=oldest + hour),
            delivery("later", occurred_at=oldest + hour + 1),
            delivery("now"),
        )
    )
    async with db.connection() as conn:
        assert await store.expiring_counts(conn, NOW + hour) == {"meta": 1}
        assert await store.expiring_counts(conn, NOW) == {}
