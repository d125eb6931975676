"""Consent is asked before every request: at sending, between requests, and at a replay; and what
it stopped goes out when it is given again."""

from collections.abc import Sequence

import pytest

from processors.domain.ids import purchase_event_id
from processors.engine.outcome import APPLIED, DUPLICATE
from processors.fanout.store import requeue
from processors.platforms.base import Answer, Result, Verdict
from schemas.delivery import Delivery
from tests.integration.fanout.field import event, until
from tests.integration.fanout.test_drill import running
from tests.integration.fanout.vendor import NOW, Stand, answer, stand

DAY = 86_400_000
LATER = NOW + 1


def of(visitor: str, *, occurred_at: int = NOW - 1) -> Delivery:
    return event(visitor, visitor_id=visitor, occurred_at=occurred_at)


async def errors(made: Stand) -> dict[str, str | None]:
    async with made.db.connection() as conn:
        rows = await conn.fetch("SELECT event_id, error FROM deliveries")
    return {row["event_id"]: row["error"] for row in rows}


async def passes(made: Stand) -> bool:
    """Whether all has ended, after another second."""
    made.now_ms += 1_000
    return await made.are_final()


async def noted(made: Stand) -> list[tuple[object, ...]]:
    """(event, action, reason, attempts, epoch milliseconds)."""
    async with made.db.connection() as conn:
        rows = await conn.fetch(
            "SELECT event_id, action, reason, attempts, (extract(epoch FROM at) * 1000)::bigint"
            " FROM delivery_consent_log ORDER BY event_id, action"
        )
    return [tuple(row.values()) for row in rows]


async def test_what_is_queued_when_consent_is_revoked_is_not_sent(database: str) -> None:
    async with stand(database) as made:
        await made.put(of("a"), of("b"))
        await made.decide("visitor:a", "denied", LATER)
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {"a": "filtered", "b": "sent"}
        assert (await errors(made))["a"] == "consent_denied"


async def test_a_refund_that_the_platform_has_nothing_for_is_recorded_as_such(
    database: str,
) -> None:
    async with stand(database) as made:
        name = purchase_event_id(tenant="acme", source="api", order_id="1", platform="meta")
        sale = event(name, order_id="1", occurred_at=NOW - 1)
        await made.put(sale.model_copy(update={"event_id": "r", "kind": "refund"}), sale)
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {name: "sent", "r": "filtered"}
        assert (await errors(made))["r"] == "not_retractable"
        assert [sent for _, sent in made.vendor.requests] == [[name]]


async def test_a_revocation_between_two_requests_of_one_batch_stops_the_second(
    database: str,
) -> None:
    async with stand(database) as made:

        async def refuse_all(deliveries: Sequence[Delivery]) -> Answer:
            await made.decide("visitor:a", "denied", LATER)
            return answer(*[Result("rejected", "one of them")] * 2, opaque=True)

        made.vendor.reply = refuse_all
        await made.put(of("a"), of("b"))
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {"a": "filtered", "b": "sent"}
        assert [sent for _, sent in made.vendor.requests] == [["a", "b"], ["b"]]


async def test_a_grant_releases_what_consent_stopped_under_the_same_id(database: str) -> None:
    async with stand(database) as made:
        old = of("old", occurred_at=NOW - 7 * DAY + 1)
        await made.put(of("a"), old)
        for visitor in ("a", "old"):
            await made.decide(f"visitor:{visitor}", "denied", LATER)
        async with running(made):
            await until("the end", made.are_final)
        for visitor in ("a", "old"):
            await made.decide(f"visitor:{visitor}", "granted", LATER + 1)
        made.now_ms = NOW + 10
        assert await made.put(of("a"), old, offset=2) == [APPLIED, DUPLICATE]
        assert await made.put(of("a"), offset=2) == [DUPLICATE]
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {"a": "sent", "old": "filtered"}
        assert await noted(made) == [
            ("a", "released", "consent_denied", 0, NOW + 10),
            ("a", "stopped", "consent_denied", 0, NOW),
            ("old", "stopped", "consent_denied", 0, NOW),
        ]


async def test_what_a_person_stops_between_two_tries_is_noted_with_the_tries_made(
    database: str,
) -> None:
    async with stand(database) as made:

        async def fail(deliveries: Sequence[Delivery]) -> Answer:
            await made.decide("visitor:a", "denied", LATER)
            return answer(Result("retry", "HTTP 503"))

        made.vendor.reply = fail
        await made.put(of("a"))
        async with running(made):
            await until("the end", lambda: passes(made))
        ((*stop, _at),) = await noted(made)
    assert stop == ["a", "stopped", "consent_denied", 1]


@pytest.mark.parametrize(("verdict", "ends"), [("retry", "filtered"), ("unknown", "unknown")])
async def test_what_a_person_stops_after_a_request_without_an_answer_stays_in_doubt(
    database: str, verdict: Verdict, ends: str
) -> None:
    async with stand(database) as made:

        async def say_nothing(deliveries: Sequence[Delivery]) -> Answer:
            await made.decide("visitor:a", "denied", LATER)
            return answer(Result(verdict, "ReadTimeout"))

        made.vendor.window_ms, made.vendor.reply = DAY, say_nothing
        await made.put(of("a"))
        async with running(made):
            await until("the end", lambda: passes(made))
        assert await made.states() == {"a": ends}
        doubt = ", after a request without an answer" if ends == "unknown" else ""
        assert (await errors(made))["a"] == f"consent_denied{doubt}"
        assert len(made.vendor.requests) == 1
        ((*stop, _at),) = await noted(made)
    assert stop == ["a", "stopped", "consent_denied", 1]


@pytest.mark.parametrize("value", ["denied", "granted"])
async def test_a_replay_of_dead_letters_asks_again(database: str, value: str) -> None:
    async with stand(database) as made:
        made.vendor.reply = _unknown
        await made.put(of("a"))
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {"a": "unknown"}
        await made.decide("visitor:a", value, LATER)
        async with made.operator.transaction() as conn:
            assert await requeue(conn, kind="refund") == 0
            assert await requeue(conn, event_ids=["a"], limit=1, dry_run=True) == 1
            assert await requeue(conn, event_ids=["a"], limit=1) == 1
            await conn.execute("UPDATE deliveries SET next_attempt_at = 'epoch'")
        async with running(made):
            await until("the end", made.are_final)
        assert await made.states() == {"a": "sent" if value == "granted" else "unknown"}
        assert len(made.vendor.requests) == (2 if value == "granted" else 1)


async def _unknown(_: Sequence[Delivery]) -> Answer:
    return answer(Result("unknown", "ReadTimeout"))


async def test_a_replay_is_spread_over_time_the_oldest_first(database: str) -> None:
    async with stand(database) as made:
        made.vendor.reply = _all_unknown
        await made.put(*(of(f"v{n}", occurred_at=NOW - n - 1) for n in range(4)))
        async with running(made):
            await until("the end", made.are_final)
        async with made.operator.transaction() as conn:
            assert await requeue(conn, limit=3, per_second=0.5) == 3
            rows = await conn.fetch(
                "SELECT event_id, extract(epoch FROM next_attempt_at"
                " - min(next_attempt_at) OVER ())::int AS wait, attempts"
                " FROM deliveries WHERE state = 'queued' ORDER BY 2"
            )
    assert [tuple(row.values()) for row in rows] == [("v3", 0, 1), ("v2", 2, 1), ("v1", 4, 1)]


async def _all_unknown(deliveries: Sequence[Delivery]) -> Answer:
    return answer(*[Result("unknown", "ReadTimeout")] * len(deliveries))
