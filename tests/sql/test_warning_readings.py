"""What alerts read and series are made of, from rows whose figures are plain."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

import sql
from processors.__main__ import app
from processors.domain.quality.alerting import METRICS
from tests.sql.delivered import Connection, attempt, delivery, insert, order, pixel_event, rows

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
AGO = timedelta(minutes=10)


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("INSERT INTO tenants VALUES ('acme'), ('other')")
    try:
        yield opened
    finally:
        await opened.close()


async def alert(conn: Connection, metric: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "config_id": metric, "metric": metric, "comparison": "above",
        "threshold": 1, "least_cases": 0, "window_minutes": 60, "cooldown_minutes": 0,
        "created_at": NOW - timedelta(days=100),
    } | changes  # fmt: skip
    await insert(conn, "pixel_alert_configs", row)


async def read(conn: Connection, kind: str, tenant: str | None = None) -> dict[Any, Any]:
    """(tenant, alert, platform) -> (value, cases), as the scheduler."""
    await conn.execute("SET ROLE attributary_scheduler")
    found = await conn.fetch(f"SELECT * FROM attributary_{kind}_readings($1, $2)", NOW, tenant)
    await conn.execute("RESET ROLE")
    return {
        (row["tenant_id"], row["config_id"], row["platform"]): (
            None if row["value"] is None else float(row["value"]), row["cases"],
        )
        for row in found
    }  # fmt: skip


async def credited(conn: Connection, order_id: str, state: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "conversion_id": f"shopify {order_id}", "model_version": "",
        "fallback_models": [], "state": state, "counts": True, "date": NOW.date(),
        "reporting_currency": "USD", "revenue": 100, "revenue_reporting": 100,
        "touchpoint_ids": [], "touch_dates": [], "channels": [], "platforms": [], "campaigns": [],
        "first_windows": [], "credit": [], "touch_revenue": [],
    } | changes  # fmt: skip
    await insert(conn, "credit_rows", row)


async def spent(conn: Connection, day: date, amount: int) -> None:
    row = {
        "tenant_id": "acme", "source": "api", "account_id": "1", "date": day, "platform": "google",
        "channel": "paid_search", "subject": "", "campaign": "", "currency": "USD",
        "amount": amount, "reported_at": 1,
    }  # fmt: skip
    await insert(conn, "daily_spend", row)


async def test_deliveries_of_the_window_are_read_for_each_platform(conn: Connection) -> None:
    for metric in ("delivery_success_rate", "retry_rate", "p95_latency_ms", "pixel_failure_rate"):
        await alert(conn, metric)
    await alert(conn, "retry_rate", config_id="of tiktok", platform="tiktok")
    await alert(conn, "retry_rate", config_id="long", window_minutes=1_440)
    await alert(conn, "retry_rate", tenant_id="other")
    for number in range(9):
        await attempt(conn, f"good {number}", created_at=NOW - AGO, latency_ms=100 + number)
        await delivery(conn, f"good {number}", payload='{"source_event_id": "p"}')
    await attempt(conn, "bad", created_at=NOW - 2 * AGO, status="retry", latency_ms=900)
    await attempt(conn, "bad", created_at=NOW - AGO, status="retry", attempt=2, latency_ms=950)
    await delivery(conn, "bad", state="parked", payload='{"source_event_id": "q"}')
    await attempt(conn, "old", created_at=NOW - timedelta(hours=2), attempt=2, status="rejected")
    await attempt(conn, "late", created_at=NOW + AGO, attempt=2, status="rejected")
    await attempt(conn, "none", created_at=NOW - AGO, attempt=2, status="unwanted")
    await attempt(conn, "one", created_at=NOW - AGO, platform="tiktok")
    await delivery(conn, "one", platform="tiktok")

    found = await read(conn, "delivery")
    assert found["acme", "delivery_success_rate", "meta"] == (0.9, 10)
    assert found["acme", "retry_rate", "meta"] == (0.1, 10)
    assert found["acme", "p95_latency_ms", "meta"] == (950, 10)
    assert found["acme", "pixel_failure_rate", "meta"] == (0.1, 10)
    assert found["acme", "pixel_failure_rate", "tiktok"] == (None, 0)
    assert found["acme", "of tiktok", "tiktok"] == (0, 1)
    assert ("acme", "of tiktok", "meta") not in found
    assert found["acme", "long", "meta"] == pytest.approx((2 / 11, 11))
    assert {tenant for tenant, _, _ in found} == {"acme"}, "the other has no deliveries"
    assert await read(conn, "delivery", "other") == {}


async def test_silence_staleness_and_both_match_qualities_are_read(conn: Connection) -> None:
    await alert(conn, "pixel_silence_minutes")
    await alert(conn, "pixel_silence_minutes", tenant_id="other", created_at=NOW - 3 * AGO)
    await pixel_event(conn, "seen", occurred_at=NOW - AGO)
    await pixel_event(conn, "of a server", source="capi", occurred_at=NOW - timedelta(minutes=1))
    await pixel_event(conn, "of a robot", is_bot=True, occurred_at=NOW - timedelta(minutes=1))
    await pixel_event(conn, "to come", occurred_at=NOW + AGO)
    assert await read(conn, "pixel") == {
        ("acme", "pixel_silence_minutes", ""): (10, 0),
        ("other", "pixel_silence_minutes", ""): (30, 0),
    }

    await alert(conn, "spend_staleness_hours")
    for platform in ("google", "tiktok"):
        named = f"spend of {platform}"
        await alert(conn, "spend_staleness_hours", config_id=named, platform=platform)
    for day in (8, 9):
        await spent(conn, date(2026, 3, day), 1)
    assert await read(conn, "spend") == {
        ("acme", "spend_staleness_hours", "google"): (36, 0),
        ("acme", "spend of google", "google"): (36, 0),
        ("acme", "spend of tiktok", "tiktok"): (2_400, 0),
    }

    await alert(conn, "platform_match_quality")
    quality = "INSERT INTO platform_match_quality VALUES ('acme', $1, '1', $2, '{}', $3)"
    await conn.execute(quality, "meta", Decimal("4.2"), NOW - timedelta(hours=6))
    await conn.execute(quality, "tiktok", Decimal("4.2"), NOW - timedelta(days=3))
    await conn.execute(quality, "snapchat", None, NOW)
    own = ("acme", "platform_match_quality", "meta")
    assert await read(conn, "platform_match") == {own: (4.2, 0)}
    assert await read(conn, "match") == {}

    await alert(conn, "match_quality", least_cases=20)
    await alert(conn, "match_quality", config_id="of tiktok", platform="tiktok")
    measured = "INSERT INTO emq_measurements VALUES ('acme', $1, $2, $3, $4, 9, 9, 9, $5, 1)"
    for day, platform, pixel, score, events in (
        (8, "meta", "1", 10, 900), (9, "meta", "1", 55, 30), (10, "meta", "1", 71, 20),
        (10, "meta", "2", 65, 25), (11, "meta", "1", 30, 19), (12, "meta", "1", 20, 900),
        (11, "tiktok", "1", None, 900), (10, "tiktok", "1", 40, 1),
    ):  # fmt: skip
        await conn.execute(measured, date(2026, 3, day), platform, pixel, score, events)
    assert await read(conn, "match") == {
        ("acme", "match_quality", "meta"): (65, 25), ("acme", "of tiktok", "tiktok"): (40, 1),
    }  # fmt: skip
    assert await read(conn, "platform_match") == {own: (4.2, 0)}


async def test_what_watched_a_platforms_own_score_before_still_does(conn: Connection) -> None:
    await alert(conn, "match_quality", config_id="old")
    await conn.execute(
        "INSERT INTO daily_series VALUES ('acme', 'match_quality', 'meta', $1, 4)", NOW
    )
    (text,) = (text for name, text in sql.migrations() if name.endswith("_pre_retention.sql"))
    updates = re.findall(r"^UPDATE .*;$", text, re.MULTILINE)
    assert len(updates) == 5
    await conn.execute("\n".join(updates))
    assert await rows(conn, "SELECT config_id, metric FROM pixel_alert_configs") == [
        ("old", "platform_match_quality")
    ]
    assert await rows(conn, "SELECT series FROM daily_series") == [("platform_match_quality",)]


async def test_the_group_that_is_furthest_behind_is_read_as_long_as_somebody_looks(
    conn: Connection,
) -> None:
    await alert(conn, "pipeline_lag_records", tenant_id="other")
    run = """INSERT INTO job_runs (name, scheduled_for, attempt, manual, started_at, finished_at,
        outcome, detail) VALUES ($1, $2, 1, false, $2, $2, 'ok', $3)"""
    name = "check-pipeline-health"
    assert await read(conn, "pipeline") == {}
    await conn.execute(run, name, NOW - timedelta(hours=3), '{"lag": {"credit": 9000}}')
    assert await read(conn, "pipeline") == {}
    await conn.execute(run, name, NOW - 3 * AGO, '{"lag": {"credit": 9, "summary": 10}}')
    await conn.execute(run, name, NOW - AGO, '{"judged": 1}')
    await conn.execute(run, "another", NOW - AGO, '{"lag": {"credit": 99}}')
    await conn.execute(run, name, NOW + AGO, '{"lag": {"credit": 99}}')
    assert await read(conn, "pipeline") == {("other", "pipeline_lag_records", ""): (10, 0)}
    assert await read(conn, "pipeline", "acme") == {}


async def test_the_health_of_a_signal_is_read_of_today_else_of_yesterday(conn: Connection) -> None:
    await alert(conn, "signal_health")
    await alert(conn, "signal_health", config_id="of tiktok", platform="tiktok")
    for day, platform, score in (
        (9, "meta", 10), (10, "meta", 20), (11, "meta", 72.5), (12, "meta", 30),
        (10, "tiktok", 41), (9, "ga4", 50),
    ):  # fmt: skip
        await insert(conn, "fact_signal_health_daily", {
            "tenant_id": "acme", "date": date(2026, 3, day), "platform": platform,
            "status": "ok", "conversion_volume": day, "health_score": score,
        })  # fmt: skip
    assert await read(conn, "health") == {
        ("acme", "signal_health", "meta"): (72.5, 11),
        ("acme", "signal_health", "tiktok"): (41, 10),
        ("acme", "of tiktok", "tiktok"): (41, 10),
    }
    assert await read(conn, "health", "other") == {}


async def test_orders_are_compared_with_the_same_window_of_earlier_weeks(conn: Connection) -> None:
    await alert(conn, "order_volume_anomaly", window_minutes=1_440)
    await alert(conn, "unattributed_share", window_minutes=1_440)
    usual = {1: 16, 2: 17, 3: 15, 4: 16, 5: 14, 6: 90}
    for week, count in {0: 4, **usual}.items():
        for number in range(count):
            at = NOW - timedelta(weeks=week, hours=2)
            await order(conn, "shopify", f"{week}-{number}", converted_at=at, gross=100)
    await order(conn, "shopify", "first", converted_at=NOW - timedelta(weeks=7), gross=100)
    await order(conn, "shopify", "untold", converted_at=NOW - AGO)
    states = ("ready", "unattributed", "unattributed", "pending_rate")
    for number, state in enumerate(states):
        await credited(conn, f"0-{number}", state)
    found = await read(conn, "order")
    median, deviation = 16, 4  # the root of 16 is more than 1.4826 times the deviation of the weeks
    value = (4 - median) / deviation
    assert found["acme", "order_volume_anomaly", ""] == (value, 6)
    assert found["acme", "unattributed_share", ""] == pytest.approx((2 / 3, 3), abs=1e-6)


async def test_the_days_that_are_over_are_counted_once_and_today_is_not(conn: Connection) -> None:
    await insert(
        conn, "tenant_settings",
        {"tenant_id": "acme", "key": "time_zone", "value": "America/Los_Angeles", "issued_at": 1,
         "command_id": "k"},
    )  # fmt: skip
    yesterday, today = NOW.date() - timedelta(days=1), NOW.date()
    for number, day in enumerate((yesterday, yesterday, today)):
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=11)
        await order(conn, "shopify", str(number), converted_at=at, gross=100)
        state = "ready" if number else "unattributed"
        await credited(conn, str(number), state, date=day, revenue_reporting=1_050)
        await pixel_event(conn, f"p{number}", occurred_at=at)
        await attempt(conn, f"d{number}", created_at=at, status="sent" if number else "rejected")
    await spent(conn, yesterday, 700)
    cells = [0] * 56
    cells[8 + 2] = 1_400  # last_touch, 7d
    await insert(
        conn, "summary_cells",
        {"tenant_id": "acme", "basis": "cash", "date": yesterday, "channel": "paid_search",
         "platform": "google", "campaign": "", "shard": 0, "touchpoints": [0] * 56,
         "conversions": [0] * 56, "revenue": cells},
    )  # fmt: skip
    emq = "INSERT INTO emq_measurements VALUES ('acme', $1, 'meta', $2, $3, 9, 9, 9, $4, 1)"
    for day, pixel, score, events in (
        (yesterday, "1", 80, 5),
        (yesterday, "2", 90, 9),
        (today, "1", 50, 9),
    ):
        await conn.execute(emq, day, pixel, score, events)
    quality = "INSERT INTO platform_match_quality VALUES ('acme', 'meta', '1', 4.2, '{}', $1)"
    await conn.execute(quality, NOW - timedelta(days=1))
    query = "SELECT series, platform, date, value::float8 FROM attributary_daily_figures($1, $2, 7)"
    await conn.execute("SET ROLE attributary_scheduler")
    found = {tuple(row) for row in await conn.fetch(query, "acme", NOW)}
    assert await conn.fetch(query, "other", NOW) == []
    await conn.execute("RESET ROLE")
    assert found == {
        ("orders", "", yesterday, 2), ("revenue", "", yesterday, 21.0),
        ("unattributed_share", "", yesterday, 0.5), ("pixel_events", "", yesterday, 2),
        ("deliveries", "meta", yesterday, 2), ("delivery_success_rate", "meta", yesterday, 0.5),
        ("retry_rate", "meta", yesterday, 0), ("p95_latency_ms", "meta", yesterday, 100),
        ("spend", "google", yesterday, 7.0), ("roas", "google", yesterday, 2.0),
        ("mer", "", yesterday, 3.0), ("emq_score", "meta", yesterday, 90.0),
        ("platform_match_quality", "meta", yesterday, 4.2),
    }  # fmt: skip


async def test_forecasts_are_judged_when_their_days_are_over(conn: Connection) -> None:
    day = date(2026, 3, 1)
    for number, value in enumerate((10, 14, 30)):
        at = day + timedelta(days=number)
        series = "INSERT INTO daily_series VALUES ('acme', 'orders', '', $1, $2)"
        await conn.execute(series, at, value)
        forecast = "INSERT INTO forecasts VALUES ('acme', 'orders', '', $1, $2, 11, 9, 13, 5, 20)"
        await conn.execute(forecast, at - timedelta(days=1), at)
    await conn.execute(forecast, day + timedelta(days=9), day + timedelta(days=10))
    query = "SELECT days_ahead, n, held_80, held_95, mean_error, bias FROM forecast_accuracy"
    expected = (1, 3, *map(Decimal, ("0.3333", "0.6667", "7.6667", "7.0000")))
    assert await rows(conn, query) == [expected]


async def test_what_can_be_watched_is_what_the_table_and_the_command_say(conn: Connection) -> None:
    query = """SELECT col_description('pixel_alert_configs'::regclass, attnum) FROM pg_attribute
        WHERE attrelid = 'pixel_alert_configs'::regclass AND attname = 'metric'"""
    command = CliRunner().invoke(app, ["alert", "add", "--help"], env={"COLUMNS": "400"}).output
    for text in (await conn.fetchval(query), command):
        assert {name for name in re.findall(r"\w+", text) if name in METRICS} == set(METRICS)
