"""`analytics/attribution-daily-metrics`: the summary is kept up by the stream; this proves it.

The cash cells of the latest days are compared with the conversions that they are the sums of. A
difference is a fault of ours that no event repairs, so it fails the run: `rebuild` makes the cells
again from the log.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import sql
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

QUERIES: Final = sql.load("maintenance")
_DAYS: Final = 3
_SHOWN: Final = 20


async def compare(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant, or the one; money in minor units of its reporting currency.

    Raises:
        Failed: when any day's cells are not the sum of its conversions.
    """
    today = datetime.fromtimestamp(tools.clock() / 1_000, UTC).date()

    async def one(who: str) -> list[dict[str, object]]:
        async with tools.db.connection() as conn:
            rows = await conn.fetch(QUERIES["unequal_days"], who, today - timedelta(days=_DAYS))
        return [dict(row) | {"date": str(row["date"])} for row in rows]

    tenants = await store.tenants(tools.db, tenant)
    found = await abreast(one, tenants, at_once=2)
    unequal = [row for rows in found for row in rows]
    detail: Detail = {"tenants": len(tenants), "unequal": unequal[:_SHOWN]}
    if unequal:
        raise Failed("the summary is not the sum of its conversions", detail)
    return detail
