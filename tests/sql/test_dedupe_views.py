"""How well events are told apart, and whether browser and server call them the same."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import asyncpg
import pytest

from processors.domain import ids
from processors.domain.consent import needs
from schemas.delivery import Platform
from tests.sql.delivered import DAY, Connection, delivery, order, pixel_event, rows


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("INSERT INTO tenants VALUES ('acme')")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.mark.parametrize("name", ["Purchase", "AddToCart"])
@pytest.mark.parametrize("order_id", [None, "1001", "ørder/1"])
@pytest.mark.parametrize("source", [None, "shopify", "woocommerce"])
@pytest.mark.parametrize("checkout_id", [None, "c-1"])
async def test_the_id_of_a_pixels_event_is_the_pipelines(
    conn: Connection, name: str, order_id: str | None, source: str | None, checkout_id: str | None
) -> None:
    if name == "Purchase" and order_id:
        expected = ids.purchase_event_id(
            tenant="acme", source=source or "api", order_id=order_id, platform="meta"
        )
    else:
        expected = ids.event_delivery_id(
            tenant="acme", platform="meta", event_name=name, event_id="own", order_id=order_id,
            checkout_id=None if name == "Purchase" else checkout_id,
        )  # fmt: skip
    query = "SELECT attributary_platform_event_id('acme', 'meta', $1, 'own', $2, $3, $4)"
    assert await conn.fetchval(query, name, source, order_id, checkout_id) == expected


async def test_the_parity_meter_finds_the_pixels_ids_among_the_servers(conn: Connection) -> None:
    purchase = ids.purchase_event_id(tenant="acme", source="shopify", order_id="1", platform="meta")
    await pixel_event(
        conn, "purchase-1", event_type="Purchase", order_source="shopify", order_id="1"
    )
    for name in ("cart", "waits", "lost", "midnight"):
        await pixel_event(conn, name)
    await pixel_event(conn, "robot", is_bot=True)
    await pixel_event(conn, "no", raw_data='{"consent": {"ad_storage": "denied"}}')
    await pixel_event(conn, "server", source="capi")
    await delivery(conn, purchase, order_id="1")
    await delivery(conn, "cart", event_name="AddToCart")
    await delivery(conn, "waits", event_name="AddToCart", state="parked")
    await delivery(conn, "only by the server")
    await delivery(conn, "midnight", occurred_at=DAY - timedelta(seconds=1))
    query = "SELECT * FROM delivery_parity"
    assert await rows(conn, query) == [("acme", DAY.date(), "meta", 5, 4, 3, Decimal("0.8"), 3)]
    query = "SELECT browser_event_id FROM delivery_parity_events WHERE server_state IS NULL"
    assert await rows(conn, query) == [("lost",)]


@pytest.mark.parametrize("platform", get_args(Platform))
async def test_the_parity_meter_knows_each_platform_and_what_consent_it_needs(
    conn: Connection, platform: Platform
) -> None:
    await delivery(conn, "e", platform=platform)
    await pixel_event(conn, "silent")
    flags = ("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "whatsapp")
    for flag in flags:
        await pixel_event(conn, flag, raw_data=f'{{"consent": {{"{flag}": "denied"}}}}')
    found = await conn.fetch("SELECT browser_event_id AS id FROM delivery_parity_events")
    assert {row["id"] for row in found} == {"silent", *flags} - set(needs(platform))


@pytest.mark.parametrize(
    ("duplicates", "status"), [(1, "target"), (2, "warning"), (5, "warning"), (6, "critical")]
)
async def test_the_duplicate_rate_is_that_of_events_and_orders(
    conn: Connection, duplicates: int, status: str
) -> None:
    for group, topic, outcome, n in (
        ("identity", "pixel_events.v1", "applied", 60 - duplicates),
        ("identity", "pixel_events.v1", "duplicate", duplicates),
        ("identity", "orders.v1", "applied", 40),
        ("identity", "pixel_events.v1", "filtered", 1_000),
        ("dedupe", "credits.v1", "duplicate", 1_000),
    ):
        row = (group, topic, DAY.date(), outcome, n)
        await conn.execute(
            "INSERT INTO outcome_counts VALUES ($1, $2, 0, 'acme', $3, $4, '', $5)", *row
        )
    query = "SELECT records, duplicate_rate, duplicate_status FROM deduplication_quality"
    assert await rows(conn, query) == [(100, Decimal(duplicates) / 100, status)]


@pytest.mark.parametrize(
    ("named", "status", "dedupe"),
    [(20, "target", "excellent"), (19, "warning", "excellent"), (16, "warning", "excellent"),
     (15, "critical", "good"), (8, "critical", "fair"), (7, "critical", "poor")],
)  # fmt: skip
async def test_event_id_coverage_is_the_share_that_came_with_an_id(
    conn: Connection, named: int, status: str, dedupe: str
) -> None:
    for n in range(20):
        await pixel_event(conn, f"e{n}", content_hash="h" if n < named else f"e{n}")
    await pixel_event(conn, "survey", source="survey", content_hash="survey")
    query = (
        "SELECT events, event_id_coverage, coverage_status, deduplication_quality, dedupe_status"
        " FROM deduplication_quality"
    )
    share = Decimal(named) / 20
    assert await rows(conn, query) == [(20, share, status, share * 10, dedupe)]


async def test_orders_collide_when_a_platform_could_not_tell_them_apart(conn: Connection) -> None:
    for source, order_id in (
        ("shopify", "1"), ("api", "1"),
        ("woocommerce", "2"), ("api", "woocommerce/2"),
        ("shopify", "3"), ("woocommerce", "3"), ("bigcommerce", "3"),
        ("api", "shopify/3"),
    ):  # fmt: skip
        await order(conn, source, order_id)
    query = "SELECT orders, collisions, collision_rate, collision_status FROM deduplication_quality"
    assert await rows(conn, query) == [(8, 4, Decimal("0.5"), "critical")]


async def test_connections_are_shown_without_their_secrets(conn: Connection) -> None:
    for platform, account in (("meta", "px"), ("google_ads", "123"), ("tiktok", "C0")):
        await conn.execute(
            "INSERT INTO platform_connections VALUES ('acme', $1, $2, 'secret', true)",
            platform,
            account,
        )
    assert await rows(conn, "SELECT pixel_id FROM meta_ad_connections") == [("px",)]
    assert await rows(conn, "SELECT customer_id FROM google_ads_connections") == [("123",)]
    assert await rows(conn, "SELECT pixel_code FROM tiktok_connections") == [("C0",)]
    everything = await conn.fetch("SELECT * FROM attribution_platform_connections")
    assert len(everything) == 3
    assert "secret" not in {v for row in everything for v in row.values()}
