"""What operators ask of deliveries, on a day made by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from processors.fanout.store import requeue
from tests.sql.delivered import DAY, Connection, attempt, delivery, order, pixel_event, rows

TODAY = datetime.now(UTC)


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("INSERT INTO tenants VALUES ('acme')")
    try:
        yield opened
    finally:
        await opened.close()


async def test_every_attempt_stands_beside_its_order(conn: Connection) -> None:
    payload = '{"value": 4999, "currency": "USD", "source": "shopify", "source_event_id": "s"}'
    await delivery(conn, "e", order_id="1", payload=payload)
    await order(conn, "api", "1")
    await order(conn, "shopify", "1", status="refunded")
    await attempt(conn, "e", status="retry", http_status=503, error="busy")
    await attempt(conn, "e", attempt=2)
    query = (
        "SELECT attempt, status, error, event_name, source_event_id, conversion_id, order_status,"
        " value, currency FROM delivery_log WHERE order_id = '1' ORDER BY attempt"
    )
    about = ("Purchase", "s", "shopify 1", "refunded", Decimal("49.99"), "USD")
    assert await rows(conn, query) == [(1, "retry", "busy", *about), (2, "sent", None, *about)]


@pytest.mark.parametrize(
    ("sent", "status"), [(100, "target"), (99, "warning"), (95, "warning"), (94, "critical")]
)
async def test_the_success_rate_is_judged_by_its_thresholds(
    conn: Connection, sent: int, status: str
) -> None:
    for n in range(100):
        await attempt(conn, f"e{n}", status="sent" if n < sent else "retry")
    query = "SELECT deliveries, sent, success_rate, success_status, failures FROM delivery_health"
    failures = ["success_rate"] if status == "critical" else []
    expected = (100, sent, Decimal(sent) / 100, status, failures)
    assert await rows(conn, query) == [expected]


@pytest.mark.parametrize(
    ("retried", "status", "below"),
    [(1, "target", True), (2, "warning", True), (5, "warning", False), (11, "critical", False)],
)
async def test_the_retry_rate_is_judged_by_both_thresholds(
    conn: Connection, retried: int, status: str, below: bool
) -> None:
    for n in range(100):
        await attempt(conn, f"e{n}", status="retry" if n < retried else "sent")
    for n in range(retried):
        await attempt(conn, f"e{n}", attempt=2)
    query = (
        "SELECT requests, retry_rate, retry_status, is_retry_below_5_percent, success_rate"
        " FROM delivery_health"
    )
    expected = (100 + retried, Decimal(retried) / 100, status, below, 1)
    assert await rows(conn, query) == [expected]


@pytest.mark.parametrize(
    ("slow", "status"), [(499, "target"), (500, "warning"), (2_000, "warning"), (2_001, "critical")]
)
async def test_the_latency_is_that_of_the_accepted_request_of_19_in_20(
    conn: Connection, slow: int, status: str
) -> None:
    for n in range(100):
        await attempt(conn, f"e{n}", latency_ms=slow if n < 6 else 10)
    await attempt(conn, "e99", attempt=2, status="retry", latency_ms=60_000)
    query = "SELECT p95_latency_ms, latency_status FROM delivery_health"
    assert await rows(conn, query) == [(slow, status)]


async def test_what_nobody_asked_for_is_no_delivery_that_failed(conn: Connection) -> None:
    await attempt(conn, "page", status="unwanted", request_digest="", latency_ms=0)
    assert await rows(conn, "SELECT 1 FROM delivery_health") == []
    await attempt(conn, "e")
    assert await rows(conn, "SELECT deliveries, success_rate FROM delivery_health") == [(1, 1)]


async def test_what_was_left_in_doubt_has_no_latency(conn: Connection) -> None:
    await attempt(conn, "e", status="unknown", request_digest="", latency_ms=0)
    query = "SELECT success_rate, p95_latency_ms, latency_status FROM delivery_health"
    assert await rows(conn, query) == [(0, None, None)]


async def test_what_a_platform_took_and_refused_later_is_no_success(
    conn: Connection,
) -> None:
    late: dict[str, Any] = {"request_digest": "", "latency_ms": 0}
    cases: list[tuple[str, list[dict[str, Any]]]] = [
        ("refused", [{"status": "sent"}, {"status": "rejected", **late}]),
        ("again", [{"status": "sent"}, {"status": "unknown", **late}, {"status": "sent"}]),
        ("doubt", [{"status": "unknown", **late}, {"status": "sent"}]),
    ]
    for event_id, told in cases:
        for minute, one in enumerate(told):
            await attempt(conn, event_id, created_at=DAY + timedelta(minutes=minute), **one)
    query = "SELECT deliveries, sent, rejected FROM delivery_health"
    assert await rows(conn, query) == [(3, 2, 1)]


async def test_minutes_of_open_circuits_count_once_and_only_within_their_day(
    conn: Connection,
) -> None:
    spans = [
        ("one", -60, 60),  # seconds around midnight: a minute is the day before's
        ("two", 30, 90),  # with another replica's half a minute together
        ("one", 3_600, 3_840),
    ]
    for replica, start, end in spans:
        opened, until = (DAY + timedelta(seconds=s) for s in (start, end))
        row = ("acme", "meta", replica, opened, until)
        await conn.execute(
            "INSERT INTO delivery_circuit_openings VALUES ($1, $2, $3, $4, $5)", *row
        )
    for day, platform in ((-1, "meta"), (0, "meta"), (0, "ga4")):
        await attempt(conn, "e", platform=platform, created_at=DAY + timedelta(days=day))
    query = (
        "SELECT platform, open_minutes, open_status FROM delivery_health ORDER BY date, platform"
    )
    assert await rows(conn, query) == [
        ("meta", 1, "warning"), ("ga4", 0, "target"), ("meta", Decimal("5.5"), "critical"),
    ]  # fmt: skip


async def test_a_circuit_that_is_open_now_has_been_so_until_now(conn: Connection) -> None:
    opened = datetime.now(UTC) - timedelta(seconds=1)
    row = ("acme", "meta", "one", opened, opened + timedelta(minutes=16))
    await conn.execute("INSERT INTO delivery_circuit_openings VALUES ($1, $2, $3, $4, $5)", *row)
    await attempt(conn, "e", created_at=opened)
    (found,) = await rows(conn, "SELECT open_minutes, open_status FROM delivery_health")
    assert found[0] < 3
    assert found[1] == "warning"


async def test_failed_platforms_are_named_with_their_reasons_and_the_others_too(
    conn: Connection,
) -> None:
    await attempt(conn, "fine", platform="ga4")
    await attempt(conn, "later", platform="tiktok", status="throttled")
    await attempt(conn, "later", platform="tiktok", attempt=2)
    await attempt(conn, "limited", platform="snapchat", status="throttled")
    await attempt(conn, "expired", platform="meta", status="reauth")
    query = "SELECT platform, failures FROM delivery_health WHERE failures <> '{}' ORDER BY 1"
    assert await rows(conn, query) == [
        ("meta", ["success_rate", "credentials"]), ("snapchat", ["success_rate", "rate_limit"]),
    ]  # fmt: skip
    query = "SELECT failed_platforms, sound_platforms FROM delivery_failed_platforms"
    assert await rows(conn, query) == [(["meta", "snapchat"], ["ga4", "tiktok"])]


async def test_revenue_at_risk_is_told_by_deadline_and_currency(conn: Connection) -> None:
    waits = {"state": "parked", "occurred_at": TODAY}
    for name, hours, payload in (
        ("a", 0.5, '{"value": 1000, "currency": "USD"}'),
        ("b", 0.7, '{"value": 550, "currency": "USD"}'),
        ("c", 0.9, '{"value": 1200, "currency": "JPY"}'),
        ("d", 5, '{"value": 100, "currency": "USD"}'),
        ("e", 23, '{"value": 200, "currency": "USD"}'),
        ("f", 60, "{}"),
    ):
        due = TODAY + timedelta(hours=hours)
        await delivery(conn, name, payload=payload, deadline_at=due, **waits)
    told = '{"value": 1, "currency": "USD"}'
    await delivery(conn, "sent", payload=told, deadline_at=TODAY)
    await delivery(conn, "back", kind="refund", payload=told, deadline_at=TODAY, state="parked")
    query = (
        "SELECT deadline, currency, deliveries, value FROM delivery_revenue_at_risk"
        " ORDER BY first_deadline_at"
    )
    assert await rows(conn, query) == [
        ("next_hour", "USD", 2, Decimal("15.50")),
        ("next_hour", "JPY", 1, 1200),
        ("next_6_hours", "USD", 1, 1),
        ("next_24_hours", "USD", 1, 2),
        ("later", None, 1, None),
    ]


async def test_a_conversions_latency_counts_from_the_event_and_from_the_gateway(
    conn: Connection,
) -> None:
    def later(seconds: float) -> datetime:
        return DAY + timedelta(seconds=seconds)

    milliseconds = int(later(1).timestamp()) * 1000
    await order(conn, "shopify", "1", folded=f'{{"received_at": {milliseconds}}}')
    await order(conn, "shopify", "2", folded=f'{{"received_at": {milliseconds + 60_000}}}')
    await pixel_event(conn, "view", received_at=later(2))
    done = {"first_attempt_at": later(3), "finished_at": later(3.25)}
    shop = '{"source": "shopify"}'
    await delivery(conn, "a", order_id="1", payload=shop, **done)
    await delivery(conn, "b", order_id="2", payload=shop, **done)
    seen = '{"source_event_id": "view"}'
    await delivery(conn, "c", event_name="AddToCart", payload=seen, **done)
    await delivery(conn, "waits", state="parked")
    await delivery(conn, "back", kind="refund", **done)
    query = (
        "SELECT event_id, occurred_to_accepted_ms, received_to_accepted_ms, sending_ms"
        " FROM conversion_latencies ORDER BY event_id"
    )
    assert await rows(conn, query) == [
        ("a", 3_250, 2_250, 250), ("b", 3_250, None, 250), ("c", 3_250, 1_250, 250),
    ]  # fmt: skip


async def test_dead_letters_are_counted_by_reason_age_and_what_a_replay_made_of_them(
    conn: Connection,
) -> None:
    for name, state, status, hours, replayed in (
        ("a", "rejected", 400, 0.5, None),
        ("b", "rejected", 422, 0.6, None),
        ("c", "expired", 503, 30, None),
        ("d", "sent", 200, 200, TODAY),
        ("e", "queued", None, 2, TODAY),
        ("f", "filtered", None, 2, TODAY),
    ):
        await delivery(conn, name, state=state, http_status=status)
        reason = state if state in ("rejected", "expired") else "unknown"
        ended = TODAY - timedelta(hours=hours)
        row = ("acme", "meta", name, "event", reason, name, 3, ended, replayed)
        await conn.execute(
            "INSERT INTO delivery_dlq VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row
        )
    query = (
        "SELECT reason, answer, age, replay, deliveries, example_error FROM delivery_dead_letters"
        " ORDER BY example_error"
    )
    assert await rows(conn, query) == [
        ("rejected", "4xx", "last_hour", "waiting", 2, "b"),
        ("expired", "5xx", "last_week", "waiting", 1, "c"),
        ("unknown", "2xx", "older", "accepted", 1, "d"),
        ("unknown", "none", "last_day", "under_way", 1, "e"),
        ("unknown", "none", "last_day", "not_accepted", 1, "f"),
    ]


async def test_the_event_log_says_what_platforms_said_under_their_own_ids(conn: Connection) -> None:
    for platform in ("ga4", "meta", "tiktok"):
        await conn.execute(
            "INSERT INTO platform_connections VALUES ('acme', $1, 'account', 'sealed', true)",
            platform,
        )
    await pixel_event(conn, "cart", checkout_id="c1")
    await pixel_event(conn, "bought", event_type="Purchase", order_source="shopify", order_id="1")
    await pixel_event(conn, "waits")
    await pixel_event(conn, "alone")
    own = (
        "SELECT attributary_platform_event_id(e.tenant_id, $2, e.event_type, e.event_id,"
        " e.order_source, e.order_id, e.checkout_id) FROM pixel_events AS e WHERE e.event_id = $1"
    )
    for event, platform, fate in (
        ("cart", "meta", {"state": "rejected", "error": "bad cart", "attempts": 1}),
        ("cart", "tiktok", {"state": "sent", "attempts": 4}),
        ("bought", "meta", {"state": "parked", "error": "busy", "attempts": 3}),
        ("bought", "ga4", {"state": "rejected", "error": "no value", "attempts": 1}),
        ("waits", "meta", {"state": "queued", "attempts": 0}),
    ):
        told_as = await conn.fetchval(own, event, platform)
        await delivery(conn, told_as, platform=platform, **fate)
    query = "SELECT event_id, error_message, retry_count FROM pixel_event_log ORDER BY 1"
    assert await rows(conn, query) == [
        ("alone", None, 0),
        ("bought", "ga4: no value; meta: busy", 2),
        ("cart", "meta: bad cart", 3),
        ("waits", None, 0),
    ]


async def test_the_pixel_and_the_container_have_targets_of_their_own(conn: Connection) -> None:
    for n in range(100):
        await order(conn, "shopify", str(n), visitor_id="v", checkout_id=f"c{n}")
        by = {"order_id": str(n), "order_source": "shopify"} if n < 60 else {"checkout_id": f"c{n}"}
        if n < 99:
            await pixel_event(conn, f"p{n}", event_type="Purchase", **by)
        await attempt(conn, f"e{n}", platform="sgtm", status="sent" if n < 99 else "rejected")
    await order(conn, "shopify", "by phone")
    await order(conn, "shopify", "draft", visitor_id="v", deliverable=False)
    await pixel_event(conn, "other shop's", event_type="Purchase", order_id="99")
    await pixel_event(conn, "not bought", event_type="InitiateCheckout", checkout_id="c99")
    await pixel_event(conn, "server's", event_type="Purchase", checkout_id="c99", source="capi")
    query = "SELECT leg, expected, reached, rate, is_met FROM delivery_legs ORDER BY leg"
    assert await rows(conn, query) == [
        ("pixel", 100, 99, Decimal("0.99"), False),
        ("sgtm", 100, 99, Decimal("0.99"), True),
    ]


async def test_a_failed_event_of_the_pixel_is_sent_again_by_its_own_id(
    conn: Connection, database: str
) -> None:
    await pixel_event(conn, "bought", event_type="Purchase", order_source="shopify", order_id="1")
    await pixel_event(conn, "cart", checkout_id="c1")
    told_as = await conn.fetch(
        "SELECT attributary_platform_event_id(e.tenant_id, 'meta', e.event_type, e.event_id,"
        " e.order_source, e.order_id, e.checkout_id) AS id FROM pixel_events AS e ORDER BY event_id"
    )
    for row, attempts in zip(told_as, (3, 1), strict=True):
        fate = {"state": "rejected", "error": "bad", "attempts": attempts}
        await delivery(conn, row["id"], occurred_at=TODAY, **fate)
    await conn.execute(
        "INSERT INTO delivery_dlq SELECT tenant_id, platform, event_id, kind, state, error,"
        " attempts, now() FROM deliveries"
    )
    db = await Database.connect(database, application_name="test", max_size=1)
    try:
        async with db.transaction() as own:
            assert await requeue(own, event_ids=["nobody's"], reason="rejected") == 0
            assert await requeue(own, event_ids=["bought"], reason="rejected") == 1
    finally:
        await db.close()
    query = "SELECT event_id, retry_count, error_message FROM pixel_event_log ORDER BY 1"
    await conn.execute(
        "INSERT INTO platform_connections VALUES ('acme', 'meta', 'account', 'sealed', true)"
    )
    assert await rows(conn, query) == [("bought", 2, None), ("cart", 0, "meta: bad")]
    query = "SELECT state, event_id = $1 FROM deliveries ORDER BY 1"
    found = [tuple(row) for row in await conn.fetch(query, told_as[0]["id"])]
    assert found == [("queued", True), ("rejected", False)]
