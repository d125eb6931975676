"""What the jobs of quality measure, from delivery logs made by hand, as the scheduler's role."""

import json
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from processors.domain.quality.parameters import used
from processors.engine.postgres import Database
from processors.schedule.quality.health import judge
from processors.schedule.quality.jobs import write
from processors.schedule.quality.measuring import measure
from tests.sql.delivered import DAY, Connection, attempt, delivery, insert, order, pixel_event, rows

NOW = DAY + timedelta(hours=13)
SINCE = date(2026, 2, 27)
PERSON = {
    "user_data": {"hashed": {"em": "a", "em_google": "b", "ph_plus": "c"}},
    "marketing": {"gclid": "g"},
}


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("INSERT INTO tenants VALUES ('acme'), ('idle')")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def scheduler(database: str) -> AsyncIterator[Database]:
    opened = await Database.connect(
        database, role="attributary_scheduler", max_size=1, application_name="test"
    )
    yield opened
    await opened.close()


async def told(
    conn: Connection, event_id: str, platform: str, *, minutes: float = 30, **changes: Any
) -> None:
    """An event that happened at noon, and was first tried and accepted so long after."""
    payload = {"visitor_id": "v", **PERSON, **changes.pop("payload", {})}
    tried = DAY + timedelta(hours=12)
    state = changes.pop("state", "sent")
    done = tried + timedelta(minutes=minutes) if state == "sent" else None
    row = {"platform": platform, "state": state, "occurred_at": tried, "finished_at": done}
    await delivery(conn, event_id, payload=json.dumps(payload), **row, **changes)
    status = "sent" if state == "sent" else "rejected"
    await attempt(conn, event_id, platform=platform, status=status, created_at=tried)


async def run(db: Database, now: datetime = NOW) -> None:
    """All that is measured, of both tenants, at that time."""
    at = int(now.timestamp() * 1_000)
    async with db.connection() as conn:
        await measure(conn, since=SINCE, now=at, tenant=None)
        await judge(conn, since=SINCE, now=at, tenant=None)
        for query in ("put_latencies", "put_snapshots"):
            await write(conn, query, since=SINCE, now=at, tenant=None)


async def a_day(conn: Connection) -> None:
    """Four events at Google: one refused, one without a detail, two of them seen by the pixel; two
    orders, one of which a touch earned."""
    await conn.execute(
        "INSERT INTO platform_connections VALUES ('acme', 'google_ads', '123', '', true)"
    )
    await told(conn, "a", "google_ads", payload={"source_event_id": "pa"}, event_name="Lead")
    await told(conn, "b", "google_ads", minutes=90, order_id="1", payload={"source": "shopify"})
    await attempt(conn, "b", platform="google_ads", attempt=2)
    await told(conn, "c", "google_ads", payload={"user_data": {}, "marketing": {}})
    await told(conn, "d", "google_ads", state="rejected")
    await pixel_event(conn, "pa", visitor_id="v", session_id="s")
    await pixel_event(
        conn, "pb", event_type="Purchase", order_source="shopify", order_id="1",
        raw_data='{"identifiers": {"email_sha256": "e"}}', device_fingerprint="f",
    )  # fmt: skip
    for number, state in (("1", "ready"), ("2", "unattributed"), ("3", "pending_rate")):
        await order(conn, "shopify", number, gross=100)
        credit = {
            "tenant_id": "acme", "conversion_id": f"shopify {number}", "model_version": "v",
            "fallback_models": [], "state": state, "counts": True, "date": DAY.date(),
            "reporting_currency": "USD", "revenue": 100, "touchpoint_ids": [], "touch_dates": [],
            "channels": [], "platforms": [], "campaigns": [], "first_windows": [], "credit": [],
            "touch_revenue": [],
        }  # fmt: skip
        await insert(conn, "credit_rows", credit)


async def test_the_match_quality_of_a_day_is_counted_from_its_deliveries(
    conn: Connection, scheduler: Database
) -> None:
    await a_day(conn)
    await run(scheduler)
    query = (
        "SELECT tenant_id, measurement_date, platform, pixel_id, events_received, events_matched,"
        " event_match_rate, pixel_coverage, conversion_latency, attribution_accuracy,"
        " data_freshness, overall_score, status, parameter_quality FROM emq_measurements"
    )
    latency, freshness = Decimal("90"), Decimal("80")
    score = 0.30 * 50 + 0.25 * 50 + 0.20 * 90 + 0.15 * 50 + 0.10 * 80
    assert await rows(conn, query) == [
        ("acme", DAY.date(), "google_ads", "123", 4, 2, 50, 50, latency, 50, freshness,
         Decimal(str(score)), "warning", Decimal("7.50")),
    ]  # fmt: skip


async def test_every_detail_that_the_platform_uses_is_counted_with_what_it_would_bring(
    conn: Connection, scheduler: Database
) -> None:
    await a_day(conn)
    await run(scheduler)
    query = "SELECT parameter, events, events_with FROM emq_parameter_scores ORDER BY 1"
    assert await rows(conn, query) == [("click_id", 4, 3), ("email", 4, 3), ("phone", 4, 3)]
    query = "SELECT parameter FROM emq_parameter_scores ORDER BY gain DESC, parameter"
    assert [name for (name,) in await rows(conn, query)] == ["email", "click_id", "phone"]


async def test_details_count_in_the_form_that_the_platform_takes(conn: Connection) -> None:
    payload = {
        "user_data": {"hashed": {"em": "a", "ph": "b", "fn": "c", "zp": "d"}},
        "identifiers": {"fbp": "fb.1.1.1", "ttp": "t", "customer_id": "c", "phone_sha256": "p"},
        "marketing": {"fbclid": "x", "msclkid": "m"},
        "browser": {"ip": "192.0.2.1"},
    }
    query = "SELECT attributary_known($1, $2::jsonb)"
    for platform, details in (
        ("meta", "email phone external_id browser_id click_id ip first_name zip"),
        ("ga4", "external_id ip"),
        ("tiktok", "email external_id browser_id ip first_name zip"),
        ("google_ads", "email"),
        ("microsoft_ads", "email click_id"),
        ("snapchat", "email phone external_id ip first_name zip"),
    ):
        found = await conn.fetchval(query, platform, json.dumps(payload))
        assert used(platform).intersection(found) == set(details.split()), platform


async def test_a_day_is_measured_again_until_it_is_left_alone_and_never_from_less(
    conn: Connection, scheduler: Database
) -> None:
    await a_day(conn)
    await run(scheduler)
    query = "SELECT * FROM emq_measurements"
    first = await rows(conn, query)
    await run(scheduler)
    assert await rows(conn, query) == first
    await conn.execute("UPDATE deliveries SET state = 'sent', finished_at = occurred_at")
    await conn.execute("UPDATE platform_connections SET account_id = '456'")
    await run(scheduler)
    matched = "SELECT pixel_id, events_received, events_matched FROM emq_measurements"
    assert await rows(conn, matched) == [("123", 4, 3)]
    later = await rows(conn, query)
    await conn.execute("DELETE FROM capi_delivery_log WHERE event_id = 'a'")
    await run(scheduler)
    assert await rows(conn, query) == later


async def test_percentiles_are_latencies_of_events_of_the_day(
    conn: Connection, scheduler: Database
) -> None:
    for n in range(1, 101):
        await told(conn, f"e{n}", "meta", minutes=n / 60, event_name="Lead")
    await told(conn, "later", "meta", minutes=120, event_name="Lead")
    await told(conn, "other", "meta", minutes=1)
    await run(scheduler)
    query = "SELECT * FROM conversion_latency_stats ORDER BY event_type"
    assert await rows(conn, query) == [
        ("acme", DAY.date(), "meta", "Lead", 100, 50_500, 50_000, 95_000, 99_000),
        ("acme", DAY.date(), "meta", "Purchase", 1, 60_000, 60_000, 60_000, 60_000),
    ]


async def test_a_signal_is_judged_by_score_acceptance_freshness_and_anomalies(
    conn: Connection, scheduler: Database
) -> None:
    await a_day(conn)
    await told(conn, "e", "meta", event_name="Lead")
    await attempt(conn, "before", platform="ga4", created_at=DAY - timedelta(hours=23))
    flagged = {"value": 1, "expected": 9, "low": 5, "high": 12, "score": -8, "detected_at": NOW}
    for series, platform in (("retry_rate", "google_ads"), ("spend", "google_ads")):
        await insert(conn, "anomalies", {
            "tenant_id": "acme", "series": series, "platform": platform, "date": DAY.date(),
            **flagged,
        })  # fmt: skip
    await run(scheduler)
    query = (
        "SELECT platform, status, conversion_volume, data_freshness_hours, anomaly_count,"
        " health_score, health_state, emq_score IS NULL FROM fact_signal_health_daily"
        " WHERE date = $1 ORDER BY 1"
    )
    assert [tuple(row) for row in await conn.fetch(query, DAY.date())] == [
        ("ga4", "critical", 0, 36, 0, 0, "UNHEALTHY", True),
        ("google_ads", "degraded", 2, 1, 1, 51, "DEGRADED", False),
        ("meta", "risk", 0, 1, 0, Decimal("63.50"), "DEGRADED", False),
    ]
    query = "SELECT platform, date FROM fact_signal_health_daily WHERE date < $1"
    found = [tuple(row) for row in await conn.fetch(query, DAY.date())]
    assert found == [("ga4", DAY.date() - timedelta(days=1))]


async def test_a_snapshot_tells_which_orders_and_records_are_complete(
    conn: Connection, scheduler: Database
) -> None:
    await a_day(conn)
    await run(scheduler)
    query = (
        "SELECT tenant_id, snapshot_date, orders, orders_attributed, orders_unattributed,"
        " coverage_score, records, session_id_coverage, visitor_id_coverage, email_hash_coverage,"
        " device_fingerprint_coverage, pixel_health -> 'google_ads' ->> 'events'"
        " FROM attribution_data_quality_snapshots"
    )
    assert await rows(conn, query) == [
        ("acme", DAY.date(), 3, 1, 1, 50, 2, 50, 50, 50, 50, "2"),
    ]
