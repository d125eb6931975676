"""`backfill`: past days that no job reads any more."""

from datetime import date
from typing import Any

from processors.commands.jobs import tools
from processors.commands.operator import Refused
from processors.platforms.spend_registry import SPEND_READERS
from processors.schedule.spend import backfill, store
from processors.schedule.spend.backfill import Watch
from processors.schedule.spend.dates import latest_date


async def spend(
    platform: str, *, tenant: str, since: str, until: str | None, watch: Watch
) -> dict[str, Any]:
    """Read the tenant's spend at a platform of these days; returns what came of it.

    Raises:
        Refused: for a platform that nobody reads, a tenant without an ad account there, dates that
            are none or lie ahead.
    """
    source = SPEND_READERS.get(platform)
    if source is None:
        raise Refused(f"nobody reads spend of {platform}; of {', '.join(sorted(SPEND_READERS))}")
    first = _date(since)
    async with tools() as given:
        latest = latest_date(given.clock())
        last = latest if until is None else _date(until)
        if not first <= last <= latest:
            raise Refused(f"give dates in their order, up to {latest}")
        if not await store.accounts(given, source, tenant):
            raise Refused(f"{tenant} has no ad account at {platform}, or it is switched off")
        told = await backfill.fill(given, source, tenant, since=first, until=last, watch=watch)
    return {
        "platform": platform,
        "tenant_id": tenant,
        "since": first.isoformat(),
        "until": last.isoformat(),
        "figures": told.figures,
        "stopped": told.stopped,
    }


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no date like 2026-01-31") from None
