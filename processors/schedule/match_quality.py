"""`connections/match-quality`: what Meta itself says of how well it matches each tenant's events.

The latest stands beside the connection. It is Meta's own scale, 0 to 10, and is never averaged with
scores of ours.
"""

import logging
from typing import Final

from processors.engine.postgres import Row
from processors.engine.vault import CannotDecrypt
from processors.platforms.connecting.store import connections_of, opened
from processors.platforms.meta.quality import DatasetQuality, Quality, overall
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import Unreadable
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

PLATFORM: Final = "meta"


async def refresh(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant with a pixel and a token; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when any could not be read.
    """
    detail: Detail = {"scores": {}, "failed": {}}
    async with tools.db.connection() as conn:
        rows = await connections_of(conn, tenant, [PLATFORM])
    reader = DatasetQuality(MetaSettings.load(), tools.reading)

    async def one(row: Row) -> None:
        try:
            found = await _read(tools, row, reader)
        except Unreadable as error:
            detail["failed"][row["tenant_id"]] = str(error)
            why = {"tenant": row["tenant_id"], "why": str(error)}
            log.warning("match quality not read", extra=why)
        else:
            detail["scores"][row["tenant_id"]] = await _put(tools, row, found)

    try:
        wanted = [row for row in rows if row["account_id"] and row["enabled"]]
        await abreast(one, wanted, at_once=tools.settings.tenants_at_once)
    finally:
        await reader.close()
    if detail["failed"]:
        raise Failed("the match quality of some tenants was not read", detail)
    return detail


async def _read(tools: Tools, row: Row, reader: DatasetQuality) -> dict[str, Quality]:
    try:
        credentials = opened(tools.vault, row["credentials_encrypted"])
    except CannotDecrypt:
        raise Unreadable("the credentials cannot be opened") from None
    token = credentials.get("access_token")
    if not token:
        raise Unreadable("needs meta_access_token, or a sign-in")
    return await reader.of_pixel(row["account_id"], token)


async def _put(tools: Tools, row: Row, found: dict[str, Quality]) -> str | None:
    score = overall(found)
    events = {
        name: {
            "score": float(one.score),
            "coverage": {key: float(share) for key, share in one.coverage.items()},
        }
        for name, one in sorted(found.items())
    }
    await store.put_match_quality(
        tools.db,
        row["tenant_id"],
        PLATFORM,
        row["account_id"],
        score=score,
        events=events,
        now=tools.clock(),
    )
    return None if score is None else str(score)
