"""What an ad account tells stands beside our own credit, and is the newest that it told."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from processors.commands import backfill, jobs, tenants
from processors.commands.operator import Refused
from processors.engine.clock import wall_clock
from processors.schedule.spend.dates import latest_date
from schemas.spend import Spend
from tests.integration.gateway.running import client_of, records
from tests.integration.schedule.world import TENANT, World, tell

NAME = "analytics/attribution-vta-sync"
TOKEN, ACCOUNT = "synthetic-meta-token", "1234567890"
SUM = "SELECT coalesce(sum(amount), 0)::bigint FROM daily_spend WHERE source = 'meta'"
BESIDE = """SELECT campaign, impressions, reach, frequency, spend, claimed_view_conversions,
    claimed_click_conversions, claimed_view_revenue, view_conversions, click_conversions
FROM attribution_platform_reach
WHERE tenant_id = 'demo' AND model = 'linear' AND attribution_window = '7d' AND date = $1
ORDER BY campaign"""


def row(days_ago: int, campaign: str = "spring", **changes: Any) -> dict[str, Any]:
    day = latest_date(wall_clock()) - timedelta(days=days_ago)
    return {
        "date": day.isoformat(), "campaign_id": f"id of {campaign}", "campaign_name": campaign,
        "spend": "10.00", "impressions": 300, "clicks": 9, "reach": 200, "view": [4, "400.00"],
        "click": [2, "200.00"], **changes,
    }  # fmt: skip


async def told(vendor: str, *rows: dict[str, Any], account: str = ACCOUNT) -> None:
    await tell(vendor, "rows", {"account": account, "token": TOKEN, "rows": list(rows)})


async def questions(vendor: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(timeout=10) as client:
        stats = (await client.get(f"{vendor}/_sim/stats")).json()
    found: list[dict[str, Any]] = stats["requests_of_insights"]
    return found


async def filled(tenant: str, since: str) -> dict[str, Any]:
    return await backfill.spend(
        "meta", tenant=tenant, since=since, until=None, watch=lambda _done, _all: None
    )


async def test_claims_of_meta_stand_beside_our_credit_and_restated_ones_replace_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = world.simulator("meta")
    for name in ("identity", "credit", "summary"):
        world.processor(name)
    today = latest_date(wall_clock())
    seen = {
        "visitor_id": "v", "occurred_at": f"{today}T00:01:00Z",
        "utm_source": "facebook", "utm_medium": "paid_social", "utm_campaign": "spring",
    }  # fmt: skip
    async with client_of(world.gateway) as client:
        touches = [{**seen, "type": "view", "event_id": "seen"}, {**seen, "event_id": "clicked"}]
        assert (await client.post("/v1/touchpoints", json=touches)).status_code == 200
        order = {"order_id": "1", "visitor_id": "v", "revenue": "100.00", "currency": "USD"}
        order["ordered_at"] = f"{today}T00:02:00Z"
        assert (await client.post("/v1/orders", json=order)).status_code == 200
    # One page a row, a day that no reading reaches, an ad, and troubles that pass.
    ad = {"ad_id": "9", "ad_name": "dog", "adset_id": "90", "adset_name": "dogs"}
    days = (row(0), row(0, "autumn", view=[0, "0"]), row(2), row(27), row(28), row(1, **ad))
    await told(vendor, *days)
    throttled = {"error": {"code": 80000, "message": TOKEN}}
    steps = [{"status": 400, "body": throttled}, {"status": 500}, {"drop": "before"}]
    await tell(vendor, "script", {"steps": steps})

    with world.operator(monkeypatch, ATTRIBUTARY_META_PAGE_SIZE="1"):
        keys = {"meta_ad_account_id": f"act_{ACCOUNT}", "meta_access_token": TOKEN}
        await tenants.set_values(TENANT, keys)
        first = await jobs.run_now(NAME, tenant=None)
        assert (first["outcome"], first["detail"]["posted"]) == ("ok", {"meta": {TENANT: 5}}), first
        await world.wait_for(SUM, 4_000)
        ready = "SELECT count(*) FROM attribution_conversions WHERE state = 'ready'"
        await world.wait_for(ready, 1)
        credited = "SELECT count(*) FROM attribution_touch_facts WHERE cell = 19"
        await world.wait_for(credited, 2)
        shown = [tuple(found) for found in await world.rows(BESIDE, today)]
        half, claims = Decimal("0.5"), (300, 200, Decimal("1.5"), Decimal("10.00"))
        assert shown == [
            ("autumn", *claims, 0, 2, Decimal("0.00"), 0, 0),
            ("spring", *claims, 4, 2, Decimal("400.00"), half, half),
        ]

        # One is restated and renamed, one vanishes from a range that was read to its end.
        restated = row(0, spend="9.50", view=[3, "300.00"], campaign_name="spring sale")
        await told(vendor, restated, row(0, "autumn", spend="0"))
        again = await jobs.run_now(NAME, tenant=None)
        assert again["detail"]["posted"] == {"meta": {TENANT: 5}}
        await world.wait_for(SUM, 2_950)
        await world.wait_for("SELECT amount FROM daily_spend WHERE campaign = 'autumn'", 0)
        renamed = "SELECT campaign, amount FROM daily_spend WHERE campaign_id = $1 AND date = $2"
        found = await world.rows(renamed, "id of spring", today)
        assert [tuple(row) for row in found] == [("spring sale", 950)]
        (kept,) = await world.rows("SELECT ad, ad_group, campaign, amount FROM daily_ad_spend")
        assert tuple(kept) == ("dog", "dogs", "spring", 1_000)
    stored = await world.rows("SELECT level, account_id, read_to FROM spend_readings ORDER BY 1")
    assert [tuple(place) for place in stored] == [
        ("ad", ACCOUNT, today),
        ("campaign", ACCOUNT, today),
    ]
    fresh = "SELECT count(*) FROM spend_freshness WHERE hours_stale < 1 AND last_error IS NULL"
    await world.wait_for(fresh, 2)
    told_of_it = str([first, again, await questions(vendor)])
    assert TOKEN not in told_of_it


async def test_a_tenant_that_fails_hurts_only_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = world.simulator("meta")
    await told(vendor, row(0))
    await told(vendor, row(1), account="77")
    pause = {"x-business-use-case-usage": '{"77": [{"estimated_time_to_regain_access": 50}]}'}
    step = {"account": "act_77", "status": 400, "body": {"error": {"code": 17}}, "headers": pause}
    await tell(vendor, "script", {"steps": [step]})
    refused = {"error": {"code": 190}}
    with world.operator(monkeypatch):
        for tenant, keys in {
            "a-revoked": {"meta_ad_account_id": ACCOUNT, "meta_access_token": "revoked"},
            "b-throttled": {"meta_ad_account_id": "77", "meta_access_token": TOKEN},
            "c-tokenless": {"meta_ad_account_id": "78"},
            "d-pixel": {"meta_pixel_id": "1", "meta_access_token": TOKEN},
            TENANT: {"meta_ad_account_id": ACCOUNT, "meta_access_token": TOKEN},
        }.items():
            if tenant != TENANT:
                await tenants.add(tenant)
            await tenants.set_values(tenant, keys)
        ended = await jobs.run_now(NAME, tenant=None)
        assert ended["outcome"] == "ok"
        assert ended["detail"]["posted"] == {"meta": {TENANT: 1}}
        failed = ended["detail"]["failed"]["meta"]
        assert failed.keys() == {"a-revoked", "b-throttled", "c-tokenless"}
        assert "token: the token or the ad account is refused" in failed["a-revoked"]
        assert failed["b-throttled"] == "HTTP 400 code 17; asks for a pause of 3000 s"
        assert failed["c-tokenless"] == "needs meta_access_token and meta_ad_account_id"
        assert "revoked" not in str(failed["a-revoked"])
        health = "SELECT tenant_id FROM connection_health WHERE state = 'needs_reauth' ORDER BY 1"
        assert [row[0] for row in await world.rows(health)] == ["a-revoked", "c-tokenless"]
        # Who asked for a pause has it; then it is read from where it was left.
        asked = len(await questions(vendor))
        waits = await jobs.run_now(NAME, tenant="b-throttled")
        assert (waits["outcome"], waits["detail"]["paused"]) == ("ok", {"meta": ["b-throttled"]})
        assert len(await questions(vendor)) == asked
        await world.rows("UPDATE spend_readings SET paused_until = now()")
        # A backfill that is stopped goes on where it was: here behind the first of two ranges.
        since = (latest_date(wall_clock()) - timedelta(days=13)).isoformat()
        steps = [{"status": 200, "body": {"data": []}}, {"status": 400, "body": refused}]
        await tell(vendor, "script", {"steps": [{"account": "act_77", **step} for step in steps]})
        stopped = await filled("b-throttled", since)
        assert "the token or the ad account is refused" in stopped["stopped"]
        before = len(await questions(vendor))
        went_on = await filled("b-throttled", since)
        assert (went_on["stopped"], went_on["figures"]) == ("", {"77": {"campaign": 1, "ad": 0}})
        assert len(await questions(vendor)) - before == 3
        with pytest.raises(Refused, match="no ad account at meta"):
            await filled("rival", since)
        mended = await jobs.run_now(NAME, tenant="b-throttled")
        assert (mended["outcome"], mended["detail"]["posted"]) == (
            "ok",
            {"meta": {"b-throttled": 1}},
        )
    bootstrap = world.env["KAFKA_BOOTSTRAP_SERVERS"]
    prefix = world.env["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"]
    kept = [
        Spend.model_validate_json(message.value or b"")
        for message in await records(bootstrap, prefix, "spend.v1")
    ]
    assert {(figure.tenant_id, figure.account_id, figure.amount) for figure in kept} == {
        (TENANT, ACCOUNT, 1_000), ("b-throttled", "77", 1_000),
    }  # fmt: skip


async def test_customers_of_a_manager_are_read_each_and_today_is_the_tenants_date(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = world.simulator("google_ads")
    world.env["ATTRIBUTARY_GOOGLE_ADS_TOKEN_URL"] = f"{vendor}/oauth/token"
    world.processor("summary")
    # There it is always a day later than anywhere else's latest.
    zone = "Pacific/Kiritimati"
    ahead = datetime.now(ZoneInfo(zone)).date()
    manager, first, second = "1234567890", "1234567891", "1234567892"

    def spent(day: date, cost: int) -> dict[str, Any]:
        return {
            "segments.date": str(day), "campaign.id": "1", "campaign.name": "spring",
            "metrics.cost_micros": cost * 1_000_000, "metrics.clicks": 1,
        }  # fmt: skip

    async def told(customer: str, **what: Any) -> None:
        await tell(vendor, "rows", {"search": {"customer": customer, "currency": "USD", **what}})

    below = [{"id": name, "manager": False, "status": "ENABLED"} for name in (first, second)]
    await told(manager, clients=below)
    await told(first, campaign=[spent(latest_date(wall_clock()), 10), spent(ahead, 3)])
    await told(second, campaign=[spent(latest_date(wall_clock()), 20)])
    name, cost = "analytics/sync-google-ads-spend", "SELECT sum(amount)::bigint FROM daily_spend"
    with world.operator(monkeypatch):
        keys = {
            "google_ads_customer_id": manager, "google_ads_refresh_token": "r",
            "google_ads_client_id": "c", "google_ads_client_secret": "s",
            "google_ads_conversion_actions": "Purchase=1",
        }  # fmt: skip
        await tenants.set_values(TENANT, keys)
        setting = "INSERT INTO tenant_settings VALUES ($1, 'time_zone', $2, 1, 'k')"
        await world.rows(setting, TENANT, zone)
        read = await jobs.run_now(name, tenant=None)
        assert read["detail"] == {"posted": {"google": {TENANT: 2}}, "paused": {}, "failed": {}}
        await world.wait_for(cost, 3_000)
        # The clients and the first's day are told, the second's is ahead there and refused.
        refused = {"account": "r", "status": 400, "body": {"error": {"code": 400}}}
        steps = [{"account": "r", "count": 2}, refused]
        await tell(vendor, "script", {"steps": steps})
        today = await jobs.run_now("analytics/sync-metrics", tenant=None)
        assert (today["outcome"], today["detail"]["failed"]) == ("ok", {})
        assert today["detail"]["posted"] == {"google": {TENANT: 1}}
        await world.wait_for(cost, 3_300)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{vendor}/_sim/stats")).json()["script_left"] == 0
    told_of = "SELECT DISTINCT account_id FROM daily_spend ORDER BY 1"
    assert [row[0] for row in await world.rows(told_of)] == [first, second]
    read_to = await world.rows("SELECT max(read_to), bool_or(refused) FROM spend_readings")
    assert tuple(read_to[0]) == (latest_date(wall_clock()), False)
