"""`analytics/attribution-order-reconciliation`: the shop's own list of orders beside ours.

An order that we lack, or have otherwise, is posted to the gateway's webhook route under the
tenant's own secret: one conversion serves webhooks and repairs, and the repair is on THE LOG.
"""

import asyncio
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from processors.platforms.reading import Unreadable
from processors.platforms.shopify.client import Orders
from processors.platforms.shopify.settings import ShopifySettings
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.gateway import Gateway, NoGateway
from processors.schedule.orders import differs, standing
from processors.schedule.settings import DAY
from processors.schedule.store import QUERIES, Account, Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

PLATFORM: Final = "shopify"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Report:
    """One tenant's run."""

    tenant_id: str
    orders_in_shop: int = 0
    found: int = 0
    missing: int = 0
    differing: int = 0
    repaired: int = 0
    unattributed: int = 0
    state: str = "clean"
    error: str | None = None


async def reconcile(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant with Shopify credentials; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when the list of any could not be read or repaired.
    """
    now = tools.clock()
    since = now - tools.settings.reconciliation_days * DAY * 1_000

    async def one(account: Account) -> Report:
        return await of_tenant(tools, account, since=since)

    accounts = await store.accounts(tools.db, tools.vault, PLATFORM, tenant)
    reports = await abreast(one, accounts, at_once=tools.settings.tenants_at_once)
    detail = {"tenants": [asdict(report) for report in reports]}
    if any(report.state in ("failed", "unrepaired") for report in reports):
        raise Failed("the orders of some tenants are not reconciled", detail)
    return detail


async def of_tenant(tools: Tools, account: Account, *, since: int, dry_run: bool = False) -> Report:
    """Compare, repair and note one tenant's orders changed since then (epoch milliseconds)."""
    run_at = tools.clock()
    report = Report(account.tenant)
    orders = Orders(ShopifySettings.load(), tools.reading)
    gateway = Gateway(tools.settings.gateway_url)
    try:
        token, shop = account.credentials.get("admin_token"), account.shop
        if not token or not shop or not account.secret:
            raise Unreadable(
                "needs shopify_admin_token, shopify_shop_domain and shopify_webhook_secret"
            )
        until = run_at - tools.settings.reconciliation_settle_seconds * 1_000
        async for page in orders.pages(
            shop=shop, token=token, since=_rfc3339(since), until=_rfc3339(until)
        ):
            wrong = await _compare(tools, account.tenant, page, report)
            at_once = tools.settings.repairs_at_once
            for start in range(0, 0 if dry_run else len(wrong), at_once):
                report.repaired += await _repair(
                    gateway, wrong[start : start + at_once], shop=shop, secret=account.secret
                )
        report.state = _state(report)
    except (Unreadable, NoGateway) as error:
        report.state, report.error = "failed", str(error)
        log.warning("not reconciled", extra={"tenant": account.tenant, "reason": str(error)})
    finally:
        await orders.close()
        await gateway.close()
    await _note(tools, report, run_at=run_at, since=since, dry_run=dry_run)
    return report


async def _compare(
    tools: Tools, tenant: str, page: list[dict[str, Any]], report: Report
) -> list[dict[str, Any]]:
    """Count a page; returns its orders that are missing or differ."""
    shown = [(order, seen) for order in page if (seen := standing(order)) is not None]
    ours = await store.conversions(tools.db, tenant, [seen.order_id for _, seen in shown])
    wrong = []
    for order, seen in shown:
        report.orders_in_shop += 1
        row = ours.get(seen.order_id)
        if row is None:
            report.missing += 1
            wrong.append(order)
            continue
        report.found += 1
        report.unattributed += row["state"] == "unattributed"
        if differs(seen, dict(row.items())):
            report.differing += 1
            wrong.append(order)
    return wrong


async def _repair(gateway: Gateway, orders: list[dict[str, Any]], *, shop: str, secret: str) -> int:
    """Post them beside each other; returns how many were taken.

    Raises:
        NoGateway: after all of them have ended.
    """
    posts = (gateway.webhook(orjson.dumps(order), shop=shop, secret=secret) for order in orders)
    taken = await asyncio.gather(*posts, return_exceptions=True)
    for one in taken:
        if isinstance(one, BaseException):
            raise one
    return sum(one for one in taken if isinstance(one, int))


def _state(report: Report) -> str:
    wrong = report.missing + report.differing
    if not wrong:
        return "clean"
    return "repaired" if report.repaired == wrong else "unrepaired"


async def _note(tools: Tools, report: Report, *, run_at: int, since: int, dry_run: bool) -> None:
    async with tools.db.connection() as conn:
        await conn.execute(
            QUERIES["note_reconciliation"],
            report.tenant_id,
            run_at,
            since,
            dry_run,
            report.orders_in_shop,
            report.found,
            report.missing,
            report.differing,
            report.repaired,
            report.unattributed,
            report.state,
            report.error,
        )


def _rfc3339(at: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="seconds")
