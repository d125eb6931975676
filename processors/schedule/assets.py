"""`sync-all-campaigns`: what the ads of every tenant's accounts show now.

An ad that its vendor names no more stays as it was last told, since its figures stay, too. One
account that fails hurts only itself; the job fails where another try may help.
"""

import logging
from dataclasses import asdict
from typing import Final

import orjson

import sql
from processors.platforms.asset_registry import ASSET_READERS
from processors.platforms.assets import Asset, AssetReader
from processors.platforms.base import Account
from processors.platforms.reading import Unreadable
from processors.platforms.spend_registry import SPEND_READERS
from processors.platforms.spending import Manages, Unusable
from processors.schedule.abreast import abreast
from processors.schedule.spend import store as spend
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Job, Tools

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("creative_assets")
_CHUNK: Final = 500


async def read_assets(tools: Tools, tenant: str | None) -> Detail:
    """Every account that is connected, of all tenants or one; returns how many ads were told.

    Raises:
        Failed: after all of them, when any could not be read that may be at another try.
    """
    detail: Detail = {"read": {}, "failed": {}}
    may_pass = False
    for platform, kind in ASSET_READERS.items():
        accounts = await spend.accounts(tools, SPEND_READERS[platform], tenant)
        if accounts:
            reader = kind.load(tools.reading, tools.clock)
            try:
                may_pass |= await _platform(tools, platform, reader, accounts, detail)
            finally:
                await reader.close()
    if may_pass:
        raise Failed("the ads of some accounts were not read to the end", detail)
    return detail


async def _platform(
    tools: Tools, platform: str, reader: AssetReader, accounts: list[Account], detail: Detail
) -> bool:
    """Whether anything failed that may pass."""

    async def one(account: Account) -> bool:
        tenant = account.tenant_id
        try:
            clients = [account]
            if isinstance(reader, Manages):
                clients = await reader.clients(account)
            count = 0
            for client in clients:
                count += await _account(tools, platform, reader, client)
        except (Unreadable, Unusable) as error:
            detail["failed"].setdefault(platform, {})[tenant] = str(error)
            extra = {"platform": platform, "tenant": tenant, "why": str(error)}
            log.warning("ads not read", extra=extra)
            return not isinstance(error, Unreadable) or error.may_pass
        detail["read"].setdefault(platform, {})[tenant] = count
        return False

    return any(await abreast(one, accounts, at_once=tools.settings.tenants_at_once))


async def _account(tools: Tools, platform: str, reader: AssetReader, account: Account) -> int:
    own, count = SPEND_READERS[platform].account_id(account), 0
    async for page in reader.assets(account):
        for start in range(0, len(page), _CHUNK):
            await _put(tools, (account.tenant_id, platform, own), page[start : start + _CHUNK])
        count += len(page)
    return count


async def _put(tools: Tools, key: tuple[str, str, str], some: list[Asset]) -> None:
    # An ad that moves between two pages while they are read may be on both.
    told = {asset.ad_id: asdict(asset) for asset in some}
    body = orjson.dumps(list(told.values())).decode()
    async with tools.db.connection() as conn:
        await conn.execute(QUERIES["put_assets"], *key, body, tools.clock())


ROWS: Final[tuple[Job, ...]] = (
    Job("sync-all-campaigns", "campaigns_seconds", read_assets, queue="sync"),
)
