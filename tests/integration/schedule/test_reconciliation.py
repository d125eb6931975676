"""An order that only the shop knows becomes a conversion, through the gateway and the log."""

import httpx
import orjson
import pytest

from processors.commands import jobs, tenants
from processors.commands.operator import Refused
from processors.schedule import JOBS
from tests.integration.gateway.running import SHOP_SECRET
from tests.integration.schedule.world import SHOP, TENANT, World, asked, shop_order, tell
from tests.unit.gateway.shop import signature

TOKEN = "synthetic-admin-token"
NAME = "analytics/attribution-order-reconciliation"
SINCE = "2026-08-01"
REFUND = {
    "id": 7,
    "created_at": "2026-09-03T12:00:00-04:00",
    "transactions": [{"kind": "refund", "status": "success", "amount": "40.00", "currency": "USD"}],
}
LATER = "2026-09-03T12:00:01-04:00"


async def by_webhook(world: World, number: int) -> None:
    """The shop's own delivery of an order."""
    raw = orjson.dumps(shop_order(number))
    headers = {
        "x-shopify-topic": "orders/paid",
        "x-shopify-shop-domain": SHOP,
        "x-shopify-hmac-sha256": signature(raw, SHOP_SECRET.encode()),
    }
    async with httpx.AsyncClient(base_url=world.gateway.url) as client:
        path = "/api/webhooks/shopify/orders/paid"
        assert (await client.post(path, content=raw, headers=headers)).status_code == 200


async def test_lost_orders_and_lost_refunds_are_repaired_through_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = world.simulator("shopify")
    listed = [shop_order(n) for n in range(7)] + [shop_order(7, test=True)]
    listed[0] |= {
        "refunds": [REFUND], "financial_status": "partially_refunded", "updated_at": LATER,
    }  # fmt: skip
    told = {"token": TOKEN, "orders": listed, "bucket": 2, "leak_per_second": 10}
    await tell(shop, "rows", told)
    troubles = [{"status": 429, "headers": {"Retry-After": "0.1"}}, {"status": 502}]
    await tell(shop, "script", {"steps": [*troubles, {"drop": "before"}]})
    world.processor("identity")
    for number in range(5):
        await by_webhook(world, number)
    await world.wait_for("SELECT count(*) FROM conversions", 5)

    with world.operator(
        monkeypatch,
        ATTRIBUTARY_SHOPIFY_PAGE_SIZE="3",
        ATTRIBUTARY_SCHEDULE_RECONCILIATION_DAYS="9999",
    ):
        await tenants.set_values(TENANT, {"shopify_admin_token": TOKEN})
        looked = await jobs.reconcile_tenant(TENANT, since=SINCE, dry_run=True)
        assert looked | {"unattributed": 0} == {
            "tenant_id": TENANT, "orders_in_shop": 7, "found": 5, "missing": 2, "differing": 1,
            "repaired": 0, "unattributed": 0, "state": "unrepaired", "error": None,
        }  # fmt: skip
        assert (await world.rows("SELECT count(*) FROM conversions"))[0][0] == 5

        ended = await jobs.run_now(NAME, tenant=None)
        assert ended["outcome"] == "ok", ended
        assert ended["detail"]["tenants"][0]["repaired"] == 3
        await world.wait_for("SELECT count(*) FROM conversions", 7)
        await world.wait_for("SELECT count(*) FROM conversions WHERE refunded = 4000", 1)

        clean = await jobs.reconcile_tenant(TENANT, since=SINCE, dry_run=False)
        assert (clean["found"], clean["state"]) == (7, "clean")

    requests = await asked(shop)
    assert {429, 502} <= {request["status"] for request in requests}
    assert sum("page_info" in r["query"] for r in requests if r["status"] == 200) >= 6
    report = await world.rows(
        "SELECT state, dry_run, repaired FROM attribution_order_reconciliation ORDER BY run_at"
    )
    assert [tuple(row) for row in report] == [
        ("unrepaired", True, 0), ("repaired", False, 3), ("clean", False, 0),
    ]  # fmt: skip
    enabled = "SELECT enabled FROM platform_connections WHERE platform = 'shopify'"
    assert [row[0] for row in await world.rows(enabled)] == [False]
    stored = "SELECT credentials_encrypted FROM platform_connections WHERE platform = 'shopify'"
    assert TOKEN not in (await world.rows(stored))[0][0]


async def test_a_shop_that_refuses_the_token_is_a_failed_report_and_not_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = world.simulator("shopify")
    await tell(shop, "rows", {"token": TOKEN})
    with world.operator(monkeypatch):
        await tenants.set_values(TENANT, {"shopify_admin_token": "another"})
        ended = await jobs.run_now(NAME, tenant=TENANT)
        assert ended["outcome"] == "failed"
        (report,) = ended["detail"]["tenants"]
        assert report["state"] == "failed"
        assert "401" in report["error"]
        assert "another" not in str(ended)

        listed = {row["name"]: row for row in await jobs.listed()}
        assert listed.keys() == JOBS.keys()
        assert listed[NAME]["outcome"] == "failed"
        with pytest.raises(Refused, match="no job"):
            await jobs.run_now("analytics/nothing", tenant=None)
        with pytest.raises(Refused, match="no date"):
            await jobs.reconcile_tenant(TENANT, since="soon", dry_run=True)
        with pytest.raises(Refused, match="no tenant"):
            await jobs.run_now(NAME, tenant="nobody")
