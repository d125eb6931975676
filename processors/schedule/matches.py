"""`analytics/offline-match-rate`: which share of the offline conversions that were uploaded lately
belongs to somebody with a touch. A great upload takes seconds to count, so the leader counts for
all, and nobody counts at a scrape; of a replica that leads no more the series are gone."""

from processors.schedule.store import QUERIES, Detail
from processors.schedule.tools import Tools


async def measure(tools: Tools, tenant: str | None) -> Detail:
    """Count, set the gauge, and say the counts; a tenant without an upload has no series."""
    async with tools.db.connection() as conn:
        rows = await conn.fetch(QUERIES["offline_matches"], tools.settings.match_days, tenant)
    if tenant is None:
        tools.metrics.forget("attributary_offline_match_ratio")
    for row in rows:
        ratio = row["matched"] / row["taken"]
        tools.metrics.gauge("attributary_offline_match_ratio", ratio, tenant=row["tenant_id"])
    return {"tenants": [dict(row) for row in rows]}
