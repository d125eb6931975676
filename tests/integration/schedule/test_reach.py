"""What Meta says of an ad account stands beside our own credit, and is the newest that it said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from processors.commands import jobs, tenants
from processors.engine.clock import wall_clock
from processors.schedule.reach import latest_date
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
    # One page a row, a day that only a first reading reaches, and troubles that pass.
    await told(vendor, row(0), row(0, "autumn", view=[0, "0"]), row(2), row(27), row(28))
    throttled = {"error": {"code": 80000, "message": TOKEN}}
    steps = [{"status": 400, "body": throttled}, {"status": 500}, {"drop": "before"}]
    await tell(vendor, "script", {"steps": steps})

    with world.operator(monkeypatch, ATTRIBUTARY_META_PAGE_SIZE="1"):
        keys = {"meta_ad_account_id": f"act_{ACCOUNT}", "meta_access_token": TOKEN}
        await tenants.set_values(TENANT, keys)
        first = await jobs.run_now(NAME, tenant=None)
        assert (first["outcome"], first["detail"]["posted"]) == ("ok", {TENANT: 4}), first
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

        before = len(await questions(vendor))
        await told(vendor, row(0, spend="9.50", view=[3, "300.00"]), row(27, spend="99.00"))
        again = await jobs.run_now(NAME, tenant=None)
        assert again["detail"]["posted"] == {TENANT: 3}
        # A day that is read no more keeps its figure; the restated one replaces, not adds.
        await world.wait_for(SUM, 3_950)
        shown = [tuple(found) for found in await world.rows(BESIDE, today)]
        assert (shown[1][4], shown[1][5]) == (Decimal("9.50"), 3)
        asked = (await questions(vendor))[before:]
        assert {question["time_range"] for question in asked} == {
            f'{{"since":"{today - timedelta(days=6)}","until":"{today}"}}'
        }
    stored = await world.rows("SELECT read_to, account_id FROM spend_readings")
    assert [tuple(found) for found in stored] == [(today, ACCOUNT)]
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
        assert ended["outcome"] == "failed"
        assert ended["detail"]["posted"] == {TENANT: 1}
        failed = ended["detail"]["failed"]
        assert failed.keys() == {"a-revoked", "b-throttled", "c-tokenless"}
        assert "token: the token or the ad account is refused" in failed["a-revoked"]
        assert failed["b-throttled"] == "HTTP 400 code 17; asks for a pause of 3000 s"
        assert failed["c-tokenless"] == "needs meta_access_token"
        assert "revoked" not in str(failed["a-revoked"])
        # The trouble of the second has passed: it is read from where it was left.
        mended = await jobs.run_now(NAME, tenant="b-throttled")
        assert (mended["outcome"], mended["detail"]["posted"]) == ("ok", {"b-throttled": 1})
    bootstrap = world.env["KAFKA_BOOTSTRAP_SERVERS"]
    prefix = world.env["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"]
    kept = [
        Spend.model_validate_json(message.value or b"")
        for message in await records(bootstrap, prefix, "spend.v1")
    ]
    assert {(figure.tenant_id, figure.account_id, figure.amount) for figure in kept} == {
        (TENANT, ACCOUNT, 1_000), ("b-throttled", "77", 1_000),
    }  # fmt: skip
