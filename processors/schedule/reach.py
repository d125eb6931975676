"""`analytics/attribution-vta-sync`: what Meta says of an ad account's views, beside our own credit.

Meta tells totals only, never who saw an ad, and we do not guess: touches of type `view` come from
servers that know. The sync posts each campaign's day through the spend door: spend, impressions,
clicks, reach, frequency, and the purchases that Meta claims for views (1 day) and clicks (7 days).
Meta restates figures for days, so each run reads the latest days again; the newest report of a
figure stands. A campaign that Meta lists no more (archived, deleted) keeps its last figure.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import orjson

from processors.platforms.meta.figures import Figure, Row, Unusable, figures
from processors.platforms.meta.insights import Insights
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import Unreadable
from processors.schedule import store
from processors.schedule.gateway import Gateway, NoGateway
from processors.schedule.store import Account, Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

PLATFORM: Final = "meta"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_ZONE: Final = timedelta(hours=12)
_DAYS_AT_ONCE: Final = 7
_ITEMS_AT_ONCE: Final = 500


async def sync(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant with an ad account; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when any could not be read or posted to the end.
    """
    detail: Detail = {"posted": {}, "failed": {}}
    insights = Insights(MetaSettings.load(), tools.reading)
    gateway = Gateway(tools.settings.gateway_url)
    try:
        for account in await store.accounts(tools.db, tools.vault, PLATFORM, tenant):
            if "ad_account_id" in account.credentials:
                try:
                    posted = await _of_tenant(tools, account, insights, gateway)
                    detail["posted"][account.tenant] = posted
                except (Unreadable, Unusable, NoGateway) as error:
                    detail["failed"][account.tenant] = str(error)
                    log.warning("not synced", extra={"tenant": account.tenant, "why": str(error)})
    finally:
        await insights.close()
        await gateway.close()
    if detail["failed"]:
        raise Failed("the figures of some tenants were not read to the end", detail)
    return detail


async def _of_tenant(tools: Tools, account: Account, insights: Insights, gateway: Gateway) -> int:
    """Figures that the gateway took, those that say nothing new among them."""
    token, own = account.credentials.get("access_token"), account.credentials["ad_account_id"]
    if not token:
        raise Unreadable("needs meta_access_token")
    read_to = await store.spend_cursor(tools.db, account.tenant, PLATFORM, own)
    until = latest_date(tools.clock())
    since = first_date(
        until, read_to, again=tools.settings.vta_days, first=tools.settings.vta_first_days
    )
    posted = 0
    for low, high in spans(since, until):
        # Before the question: of two readings at once the later question has the newer answer.
        asked_at = tools.clock()
        rows: list[Row] = []
        async for page in insights.rows(account=own, token=token, since=low, until=high):
            rows += page
        posted += await _post(tools, account, gateway, figures(rows), asked_at=asked_at)
        await store.put_spend_cursor(tools.db, account.tenant, PLATFORM, own, high)
    return posted


async def _post(
    tools: Tools, account: Account, gateway: Gateway, found: list[Figure], *, asked_at: int
) -> int:
    own = account.credentials["ad_account_id"]
    for start in range(0, len(found), _ITEMS_AT_ONCE):
        some = found[start : start + _ITEMS_AT_ONCE]
        items = [figure.item(account=own, reported_at=asked_at) for figure in some]
        taken = await gateway.spend(
            orjson.dumps(items), tenant=account.tenant, vault=tools.vault, clock=tools.clock
        )
        if taken != len(items):
            raise Unreadable(f"the gateway refused {len(items) - taken} of {len(items)} figures")
    return len(found)


def latest_date(now: int) -> date:
    """The latest date that has begun in every time zone; `now` in epoch milliseconds."""
    return (_EPOCH + timedelta(milliseconds=now) - _LATEST_ZONE).date()


def first_date(until: date, read_to: date | None, *, again: int, first: int) -> date:
    """The first date to read: `again` days before the end of what was read, or of what is; the
    first time, `first` days."""
    if read_to is None:
        return until - timedelta(days=first - 1)
    return min(until, read_to) - timedelta(days=again - 1)


def spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Short ranges of dates, oldest first: Meta refuses an answer that gets too large."""
    low = since
    while low <= until:
        high = min(until, low + timedelta(days=_DAYS_AT_ONCE - 1))
        yield low, high
        low = high + timedelta(days=1)
