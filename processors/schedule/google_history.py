"""`analytics/google-ads-change-history`: what was changed in each tenant's Google Ads account, as
events (`ad_changes.v1`) and as rows. `analytics/google-ads-recommendations`: what Google advises.

Google pushes nothing, so it is asked; the requirements name no job and no cadence for it. Each run
reads on from the day before the last known change, since changes show up late; the first goes as
far back as the history does. A change is published before it is a row: one whose run dies between
is published again, and its id tells.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

import sql
from processors.engine.postgres import Row
from processors.engine.processor import Emit
from processors.engine.vault import CannotDecrypt
from processors.platforms.base import Account
from processors.platforms.connecting import store as connections
from processors.platforms.connecting.renewal import Renewal
from processors.platforms.google_ads.changes import HISTORY_DAYS, Change, ChangeHistory
from processors.platforms.google_ads.recommendations import Recommendation, Recommendations
from processors.platforms.reading import Unreadable
from processors.platforms.spending import Unusable
from processors.schedule.abreast import abreast
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Job, Tools
from schemas.ad_change import AdChange

log = logging.getLogger(__name__)

PLATFORM: Final = "google_ads"
QUERIES: Final = sql.load("ad_history")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 4
_CHUNK: Final = 500


async def poll_changes(tools: Tools, tenant: str | None) -> Detail:
    """Every account that is connected and switched on; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when any could not be read to the end that may be at another try;
            those that refuse us or want a pause are told of alone.
    """
    history = ChangeHistory.load(tools.reading, tools.clock)
    try:
        return await _each(tools, tenant, lambda account: _changes_of(tools, account, history))
    finally:
        await history.close()


async def read_recommendations(tools: Tools, tenant: str | None) -> Detail:
    """As `poll_changes`."""
    reader = Recommendations.load(tools.reading, tools.clock)
    try:
        return await _each(tools, tenant, lambda account: _advice_for(tools, account, reader))
    finally:
        await reader.close()


ROWS: Final = (
    Job("analytics/google-ads-change-history", "google_changes_seconds", poll_changes),
    Job(
        "analytics/google-ads-recommendations",
        "google_recommendations_seconds",
        read_recommendations,
    ),
)


async def _each(
    tools: Tools, tenant: str | None, work: Callable[[Account], Awaitable[int]]
) -> Detail:
    async with tools.db.connection() as conn:
        rows = await connections.connections_of(conn, tenant, [PLATFORM])
    renewal = Renewal(tools.db, tools.vault, PLATFORM)
    detail: Detail = {"read": {}, "failed": {}}

    async def one(row: Row) -> bool:
        """Whether it failed so that another try may help."""
        try:
            credentials = connections.opened(tools.vault, row["credentials_encrypted"])
            account = Account(row["tenant_id"], row["account_id"], credentials, renewal)
            detail["read"][account.tenant_id] = await work(account)
        except (CannotDecrypt, Unreadable, Unusable) as error:
            unopened = isinstance(error, CannotDecrypt)
            why = "the credentials cannot be opened" if unopened else str(error)
            detail["failed"][row["tenant_id"]] = why
            log.warning("google ads not read", extra={"tenant": row["tenant_id"], "why": why})
            return error.may_pass if isinstance(error, Unreadable) else not unopened
        return False

    wanted = [row for row in rows if row["enabled"] and row["account_id"]]
    if any(await abreast(one, wanted, at_once=_AT_ONCE)):
        raise Failed("the accounts of some tenants were not read to the end", detail)
    return detail


async def _changes_of(tools: Tools, account: Account, history: ChangeHistory) -> int:
    """How many were new."""
    now = tools.clock()
    async with tools.db.connection() as conn:
        latest = await conn.fetchval(QUERIES["latest_change"], *_key(account))
    today = _moment(now).date()
    oldest = today - timedelta(days=HISTORY_DAYS)
    since = oldest if latest is None else max(oldest, _moment(latest).date() - _DAY)
    new = 0
    # The account's date may be tomorrow's already.
    async for page in history.changes(account, since=since, until=today + _DAY):
        for start in range(0, len(page), _CHUNK):
            new += await _publish(tools, account, page[start : start + _CHUNK], now=now)
    return new


async def _publish(tools: Tools, account: Account, changes: list[Change], *, now: int) -> int:
    ids = [change.change_id for change in changes]
    async with tools.db.connection() as conn:
        rows = await conn.fetch(QUERIES["unknown_changes"], *_key(account), ids)
    unknown = {row["change_id"] for row in rows}
    records = [
        AdChange(
            tenant_id=account.tenant_id,
            platform=PLATFORM,
            account_id=account.account_id,
            read_at=now,
            **asdict(change),
        )
        for change in changes
        if change.change_id in unknown
    ]
    await tools.producer.send_all([Emit("ad_changes.v1", record, now) for record in records])
    told = orjson.dumps([record.model_dump(mode="json") for record in records]).decode()
    async with tools.db.connection() as conn:
        await conn.execute(QUERIES["put_changes"], told)
    return len(records)


async def _advice_for(tools: Tools, account: Account, reader: Recommendations) -> int:
    """How many there are."""
    # Before the question: of two readings at once the later question has the newer answer.
    asked_at = tools.clock()
    found = await reader.of(account)
    told = orjson.dumps([_advice(one) for one in found]).decode()
    async with tools.db.transaction() as conn:
        await conn.execute(QUERIES["put_recommendations"], *_key(account), told, asked_at)
        await conn.execute(QUERIES["end_recommendations"], *_key(account), asked_at)
    return len(found)


def _advice(one: Recommendation) -> dict[str, object]:
    return {
        "recommendation_id": one.recommendation_id,
        "kind": one.kind,
        "campaign_id": one.campaign_id,
        "dismissed": one.dismissed,
        "weekly": {name: float(value) for name, value in one.base.items()},
        "potential": {name: float(value) for name, value in one.potential.items()},
    }


def _key(account: Account) -> tuple[str, str, str]:
    return account.tenant_id, PLATFORM, account.account_id


def _moment(millis: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=millis)
