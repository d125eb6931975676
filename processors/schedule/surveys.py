"""`analytics/attribution-fairing-bridge`: polls Fairing and posts each answer through the survey
door, for tenants that switched it on. The cursor moves after the gateway took a page."""

import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from processors.platforms.fairing.client import Page, Responses
from processors.platforms.fairing.settings import FairingSettings
from processors.platforms.reading import Unreadable
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.gateway import Gateway, NoGateway
from processors.schedule.settings import DAY
from processors.schedule.store import Account, Cursor, Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

PROVIDER: Final = "fairing"
SWITCH: Final = "fairing_bridge_enabled"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES: Final = ("updated_at", "response_provided_at", "inserted_at")


async def bridge(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant that has a token and the setting; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when any could not be read to the end.
    """
    on = await store.switched_on(tools.db, SWITCH)
    detail: Detail = {"posted": {}, "failed": {}}
    responses = Responses(FairingSettings.load(), tools.reading)
    gateway = Gateway(tools.settings.gateway_url)

    async def one(account: Account) -> None:
        try:
            posted = await _of_tenant(tools, account, responses, gateway)
            detail["posted"][account.tenant] = posted
        except (Unreadable, NoGateway) as error:
            detail["failed"][account.tenant] = str(error)
            log.warning("not polled", extra={"tenant": account.tenant, "why": str(error)})

    try:
        accounts = await store.accounts(tools.db, tools.vault, PROVIDER, tenant)
        wanted = [account for account in accounts if account.tenant in on]
        await abreast(one, wanted, at_once=tools.settings.tenants_at_once)
    finally:
        await responses.close()
        await gateway.close()
    if detail["failed"]:
        raise Failed("the answers of some tenants were not read to the end", detail)
    return detail


async def _of_tenant(tools: Tools, account: Account, responses: Responses, gateway: Gateway) -> int:
    """Answers that the gateway took, those that were known already among them."""
    token = account.credentials.get("api_token")
    if not token:
        raise Unreadable("needs fairing_api_token")
    now, posted = tools.clock(), 0
    cursor = await store.survey_cursor(tools.db, account.tenant, PROVIDER)
    if cursor is None:
        back = tools.settings.fairing_days * DAY * 1_000
        newest, posted = await _walk(
            tools, account, gateway, responses.since(token, since=_rfc3339(now - back))
        )
        if newest is not None:
            await _put(tools, account, Cursor(newest, now))
        return posted
    async for page in responses.newer(token, cursor=cursor.last_id):
        posted += await _post(tools, account, gateway, page)
        cursor = Cursor(page[0]["id"], cursor.reread_at)
        await _put(tools, account, cursor)
    if now - cursor.reread_at >= DAY * 1_000:
        # A cursor shows new rows only; an edit keeps its id and its place.
        back = tools.settings.fairing_reread_days * DAY * 1_000
        _, again = await _walk(
            tools, account, gateway, responses.since(token, since=_rfc3339(now - back))
        )
        posted += again
        await _put(tools, account, Cursor(cursor.last_id, now))
    return posted


async def _walk(
    tools: Tools, account: Account, gateway: Gateway, pages: AsyncIterator[Page]
) -> tuple[str | None, int]:
    """Post pages, newest first; the newest id counts only when all of them are posted."""
    newest, posted = None, 0
    async for page in pages:
        newest = newest or page[0]["id"]
        posted += await _post(tools, account, gateway, page)
    return newest, posted


async def _put(tools: Tools, account: Account, cursor: Cursor) -> None:
    await store.put_survey_cursor(tools.db, account.tenant, PROVIDER, cursor)


async def _post(tools: Tools, account: Account, gateway: Gateway, page: Page) -> int:
    items = [item for row in page if (item := answer(row)) is not None]
    if not items:
        return 0
    return await gateway.survey(
        orjson.dumps(items), tenant=account.tenant, vault=tools.vault, clock=tools.clock
    )


def answer(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """A response in the form of the survey door; None for one without an order or an answer."""
    said = row.get("response") or row.get("other_response")
    if not said or not row.get("order_id"):
        return None
    item = {
        "provider": PROVIDER,
        "response_id": row["id"],
        "order_id": row["order_id"],
        "source": row.get("order_platform") or "shopify",
        "question": row.get("question"),
        "answer": said,
        "answered_at": next((row[name] for name in _TIMES if row.get(name)), None),
    }
    return {name: value for name, value in item.items() if value is not None}


def _rfc3339(at: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
