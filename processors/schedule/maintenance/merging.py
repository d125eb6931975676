"""`maintenance/merge-cells`: adds up the shards of the summary's settled days.

Replicas of summary write to shards of their own, so that they do not wait for each other; of days
that have settled a reader would add up six rows for one. A later refund makes a shard of its day
anew, and the next run merges it: the sum is the same at any time.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

import sql
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("maintenance")
_SETTLED: Final = timedelta(days=1)
"""A day begins as early as 14 hours before UTC's, and ends as late as 12 hours after it."""
_AT_ONCE: Final = 30
"""Days of a transaction."""


async def merge(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant, or the one; how many rows fewer there are."""
    before = datetime.fromtimestamp(tools.clock() / 1_000, UTC).date() - _SETTLED

    async def one(who: str) -> int:
        async with tools.db.connection() as conn:
            days = [row["date"] for row in await conn.fetch(QUERIES["split_days"], who, before)]
        fewer = 0
        for start in range(0, len(days), _AT_ONCE):
            some = days[start : start + _AT_ONCE]
            async with tools.db.connection() as conn:
                fewer += await conn.fetchval(QUERIES["merge_cells"], who, some)
            log.info("merging", extra={"tenant": who, "until": str(some[-1]), "fewer": fewer})
        return fewer

    return {"fewer_rows": sum(await abreast(one, await store.tenants(tools.db, tenant), at_once=2))}
