"""`analytics/attribution-recalculate-recent` and `analytics/attribution-process-unattributed`:
requests for a fresh look, as commands of THE LOG. What was right stays as it is."""

from collections import Counter

from processors.schedule import store
from processors.schedule.settings import DAY
from processors.schedule.store import Detail
from processors.schedule.tools import Tools
from schemas.command import Recalculate


async def recalculate_recent(tools: Tools, tenant: str | None) -> Detail:
    """One command a tenant: the conversions of the latest days."""
    days = tools.settings.recalculation_days
    since = max(0, tools.clock() - days * DAY * 1_000)
    found = await store.tenants(tools.db, tenant)
    for name in found:
        await tools.ask(name, [Recalculate(since=since)])
    return {"tenants": len(found), "days": days}


async def process_unattributed(tools: Tools, tenant: str | None) -> Detail:
    """The orders of the latest days that no touch has earned, by id, and how many why."""
    since = max(0, tools.clock() - tools.settings.unattributed_days * DAY * 1_000)
    reasons: Counter[str] = Counter()
    for name in await store.tenants(tools.db, tenant):
        async for rows in store.unattributed(tools.db, name, since=since):
            reasons.update(row["unattributed_reason"] for row in rows)
            ids = tuple(row["conversion_id"] for row in rows)
            await tools.ask(name, [Recalculate(conversions=ids)])
    return {"asked": reasons.total(), "reasons": dict(sorted(reasons.items()))}
