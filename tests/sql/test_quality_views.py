"""The views over what was measured, on rows made by hand: their columns, windows and judgements."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.sql.delivered import DAY, Connection, delivery, insert, order, pixel_event, rows

TODAY = datetime.now(UTC).date()
COLUMNS = {  # Queries A, B, C, D, E1 and E2 of the requirements, verbatim and in their order
    "emq_score_history": "measurement_date platform pixel_id overall_score parameter_quality"
    " deduplication_quality event_coverage events_received events_matched match_rate_pct status",
    "conversion_latency": "period_date platform event_type event_count avg_latency_ms p50_ms p95_ms"
    " p99_ms latency_status",
    "offline_batches": "batch_id batch_name platform upload_type total_records successful_records"
    " failed_records duplicate_records success_rate_pct dupe_rate_pct status created_at"
    " completed_at",
    "dedupe_quality": "measurement_date platform deduplication_quality dedupe_status"
    " events_received events_matched offline_uploads",
    "signal_health": "date platform status emq_score conversion_volume data_freshness_hours"
    " anomaly_count status_icon",
    "signal_health_summary": "platform ok_days risk_days degraded_days critical_days avg_emq"
    " avg_volume",
}


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("SET timezone = 'UTC'")
    await opened.execute("INSERT INTO tenants VALUES ('acme')")
    try:
        yield opened
    finally:
        await opened.close()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


async def measured(conn: Connection, days: int, platform: str = "meta", **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "measurement_date": ago(days), "platform": platform, "pixel_id": "1",
        "overall_score": 80, "parameter_quality": 6, "deduplication_quality": 9,
        "event_coverage": 8, "events_received": 3, "events_matched": 2, "status": "good",
    } | changes  # fmt: skip
    await insert(conn, "emq_measurements", row)


async def test_each_view_has_the_columns_of_its_query_and_no_other(conn: Connection) -> None:
    for view, columns in COLUMNS.items():
        statement = await conn.prepare(f"SELECT * FROM {view}")
        found = [column.name for column in statement.get_attributes()]
        assert found == ["tenant_id", *columns.split()], view


async def test_the_history_is_of_thirty_days_latest_first_with_its_match_rate(
    conn: Connection,
) -> None:
    for days, platform in ((31, "meta"), (30, "meta"), (0, "meta"), (0, "ga4")):
        await measured(conn, days, platform)
    await measured(conn, 1, events_received=0, events_matched=0)
    query = "SELECT measurement_date, platform, match_rate_pct FROM emq_score_history"
    rate = Decimal("66.67")
    assert await rows(conn, query) == [
        (TODAY, "ga4", rate), (TODAY, "meta", rate), (ago(1), "meta", None),
        (ago(30), "meta", rate),
    ]  # fmt: skip


async def test_a_latency_is_judged_by_its_median_in_minutes(conn: Connection) -> None:
    for n, median in enumerate((59_999, 60_000, 299_999, 300_000)):
        row = ("acme", TODAY, "meta", f"e{n}", 7, Decimal("1.005"), median, 8, 9)
        await conn.execute(
            "INSERT INTO conversion_latency_stats VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row
        )
    await conn.execute(
        "INSERT INTO conversion_latency_stats VALUES ('acme', $1, 'meta', 'old', 1, 1, 1, 1, 1)",
        ago(8),
    )
    query = "SELECT event_type, avg_latency_ms, p50_ms, latency_status FROM conversion_latency"
    mean = Decimal("1.01")
    assert await rows(conn, query) == [
        ("e0", mean, 59_999, "good"), ("e1", mean, 60_000, "warning"),
        ("e2", mean, 299_999, "warning"), ("e3", mean, 300_000, "critical"),
    ]  # fmt: skip


async def test_deduplication_is_judged_from_zero_to_ten_beside_the_days_uploads(
    conn: Connection,
) -> None:
    for days, quality in ((0, "8"), (1, "7.99"), (2, "6"), (3, "4"), (4, "3.99"), (15, "9")):
        await measured(conn, days, deduplication_quality=Decimal(quality))
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    uploads = (("x", "meta", "sent", 0), ("y", "meta", "rejected", 0), ("z", "ga4", "sent", 0),
               ("w", "meta", "sent", -1))  # fmt: skip
    for number, (name, platform, state, hours) in enumerate(uploads):
        conversion = f"offline {name}"
        await order(conn, "offline", name)
        await insert(conn, "offline_contents", {
            "tenant_id": "acme", "conversion_id": conversion, "content_hash": "h",
            "batch_id": platform, "row_number": number, "received_at": midnight,
        })  # fmt: skip
        await insert(conn, "offline_rows", {
            "tenant_id": "acme", "batch_id": platform, "row_number": number,
            "conversion_id": conversion, "content_hash": "h", "platform": platform,
            "upload_type": "conversions", "received_at": midnight + timedelta(hours=hours),
        })  # fmt: skip
        told_as = await conn.fetchval(
            "SELECT attributary_platform_event_id('acme', $1, 'Purchase', '', 'offline', $2, NULL)",
            platform, name,
        )  # fmt: skip
        await delivery(conn, told_as, platform=platform, order_id=name, state=state)
    query = "SELECT measurement_date, dedupe_status, offline_uploads FROM dedupe_quality"
    assert await rows(conn, query) == [
        (TODAY, "excellent", 1), (ago(1), "good", 1), (ago(2), "good", 0), (ago(3), "fair", 0),
        (ago(4), "poor", 0),
    ]  # fmt: skip


async def test_signals_show_their_status_as_a_sign_and_are_summed_up_by_platform(
    conn: Connection,
) -> None:
    for days, status, score, volume in (
        (0, "ok", 90, 5), (1, "risk", 70, 2), (2, "degraded", 50, 4), (3, "critical", None, 0),
        (8, "ok", 81, 9), (31, "ok", 99, 999),
    ):  # fmt: skip
        row = ("acme", ago(days), "meta", status, score, volume)
        await conn.execute(
            "INSERT INTO fact_signal_health_daily VALUES ($1, $2, $3, $4, $5, $6, 1, 0)", *row
        )
    query = "SELECT date, status_icon FROM signal_health"
    assert await rows(conn, query) == [
        (ago(0), "\u2705"), (ago(1), "\u26a0\ufe0f"), (ago(2), "\U0001f536"),
        (ago(3), "\U0001f534"),
    ]  # fmt: skip
    query = "SELECT * FROM signal_health_summary"
    assert await rows(conn, query) == [("acme", "meta", 2, 1, 1, 1, Decimal("72.75"), 4)]


async def test_advice_is_in_order_of_gain_over_the_events_of_a_week(conn: Connection) -> None:
    for days, parameter, events, having, gain in (
        (0, "phone", 10, 5, "1.00"), (1, "phone", 30, 30, "0.00"), (0, "click_id", 10, 0, "2.00"),
        (0, "email", 10, 10, "0.00"), (7, "gender", 10, 0, "9.00"),
    ):  # fmt: skip
        row = ("acme", ago(days), "meta", parameter, events, having, Decimal(gain))
        await conn.execute(
            "INSERT INTO emq_parameter_scores VALUES ($1, $2, $3, $4, $5, $6, $7)", *row
        )
    query = "SELECT place, parameter, events, coverage_pct, gain FROM emq_advice ORDER BY place"
    assert await rows(conn, query) == [
        (1, "click_id", 10, 0, 2), (2, "phone", 40, Decimal("87.50"), Decimal("0.25")),
    ]  # fmt: skip
    query = "SELECT advice FROM emq_advice WHERE place = 2"
    said = "send phone with the other 12.5 % of the events: parameter_quality +0.25"
    assert await rows(conn, query) == [(said,)]


async def test_the_pixels_health_is_told_by_platform_and_its_failures_by_event(
    conn: Connection,
) -> None:
    for n in range(100):
        await pixel_event(conn, f"p{n}")
        state = "rejected" if n < 4 else "sent"
        told = {"payload": f'{{"source_event_id": "p{n}"}}', "event_name": "AddToCart"}
        await delivery(conn, f"p{n}", state=state, attempts=2 if n < 7 else 1, **told)
    await pixel_event(conn, "bought", event_type="Purchase", order_source="shopify", order_id="1")
    await pixel_event(conn, "robot", is_bot=True)
    await order(conn, "shopify", "1")
    for name in ("p0", "p1"):
        await conn.execute(
            "INSERT INTO delivery_dlq VALUES ('acme', 'meta', $1, 'event', 'rejected', 'bad', 3,"
            " $2, $3)",
            name, DAY, DAY if name == "p1" else None,
        )  # fmt: skip
    await delivery(conn, "w", state="parked", error="busy", attempts=2, first_attempt_at=DAY)
    query = (
        "SELECT platform, events, orders, matched_orders, told, accepted, failed, retried,"
        " failure_rate, status FROM pixel_health"
    )
    assert await rows(conn, query) == [
        ("meta", 101, 1, 1, 100, 96, 4, 7, Decimal("0.04"), "warning"),
    ]
    query = (
        "SELECT event_id, platform_event_id, is_final, reason, error_message, retry_count"
        " FROM pixel_failures ORDER BY is_final"
    )
    assert await rows(conn, query) == [
        (None, "w", False, "waiting", "busy", 1), ("p0", "p0", True, "rejected", "bad", 2),
    ]  # fmt: skip


async def test_orders_are_reconciled_with_what_each_platform_took(conn: Connection) -> None:
    for platform, enabled in (("meta", True), ("ga4", False)):
        await conn.execute(
            "INSERT INTO platform_connections VALUES ('acme', $1, 'account', 'sealed', $2)",
            platform, enabled,
        )  # fmt: skip
    states = ("sent", "sent", "rejected", "parked", "filtered", None)
    for number, state in enumerate(states):
        await order(conn, "till", str(number), gross=100)
        if state is not None:
            told_as = await conn.fetchval(
                "SELECT attributary_platform_event_id('acme', 'meta', 'Purchase', '', 'till', $1,"
                " NULL)",
                str(number),
            )
            await delivery(conn, told_as, state=state)
    await order(conn, "till", "draft", gross=100, deliverable=False)
    query = (
        "SELECT platform, orders, deliveries, accepted, refused, waiting, kept_back, missing,"
        " accepted_share, touchpoints, claimed_conversions FROM delivery_reconciliation"
    )
    meta = ("meta", 6, 5, 2, 1, 1, 1, 1, Decimal("0.4"))
    assert await rows(conn, query) == [(*meta, 0, None)]

    await conn.execute("UPDATE platform_connections SET enabled = platform = 'google_ads'")
    await conn.execute(
        "INSERT INTO platform_connections VALUES ('acme', 'google_ads', '1', 'sealed', true)"
    )
    spend = (
        "INSERT INTO daily_spend (tenant_id, source, account_id, date, platform, subject, channel,"
        " campaign, currency, amount, reported_at, conversions, click_conversions,"
        " view_conversions) VALUES ('acme', $1, '1', $2, $1, $3, 'x', 'x', 'USD', 1, 1, $4, $5, $6)"
    )
    day = DAY.date()
    for platform, date_, subject, *claims in (
        ("google", day, "id:1", Decimal("2.5"), 9, 9), ("google", day, "id:2", None, None, 1),
        ("google", day, "id:3", None, 3, None), ("google", day, "id:4", None, None, None),
        ("google", day - timedelta(days=1), "id:1", 90, None, None),
        ("meta", day, "id:1", 90, 1, 1),
    ):  # fmt: skip
        await conn.execute(spend, platform, date_, subject, *claims)
    for number, platform in enumerate(("google", "google", "meta", "google")):
        await insert(conn, "attribution_touchpoints", {
            "tenant_id": "acme", "touchpoint_id": str(number), "event_id": str(number),
            "anchor": "visitor:v", "occurred_at": DAY, "received_at": DAY, "late": False,
            "touchpoint_type": "click", "channel": "x", "platform": platform, "campaign": "",
            "rules_version": "1", "content_hash": "h", "is_bot": number == 3,
        })  # fmt: skip
    found = [row for row in await rows(conn, query) if row[0] == "google_ads"]
    assert found == [("google_ads", 6, 0, 0, 0, 0, 0, 6, 0, 2, Decimal("6.5"))]
