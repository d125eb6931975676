"""`analytics/attribution-customers`: counts the days again whose customers have changed.

What changes an order marks its day in the same transaction (the triggers of `conversions` and
`journeys`), and a reader counts a marked day from the orders. So this makes reading fast and
changes no figure: the marks that a snapshot sees go with the figures that the snapshot gives.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import sql
from processors.engine.postgres import Connection
from processors.schedule.abreast import abreast
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

QUERIES: Final = sql.load("customers")
DAYS_AT_ONCE: Final = 20
"""Days of a transaction."""
_BESIDE: Final = (timedelta(days=-1), timedelta(), timedelta(days=1))
"""From a UTC day to the dates that its orders may have where the tenant is."""


async def count(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant, or the one; how many days were counted."""

    async def one(who: str) -> int:
        async with tools.db.connection() as conn:
            due: list[date] = [row["date"] for row in await conn.fetch(QUERIES["due"], who)]
        for start in range(0, len(due), DAYS_AT_ONCE):
            async with tools.db.transaction(isolation="repeatable_read") as conn:
                await count_again(conn, who, due[start : start + DAYS_AT_ONCE])
        return len(due)

    async with tools.db.connection() as conn:
        tenants = [row["tenant_id"] for row in await conn.fetch(QUERIES["due_tenants"], tenant)]
    return {"days": sum(await abreast(one, tenants, at_once=2))}


async def count_again(conn: Connection, tenant: str, due: Sequence[date]) -> None:
    """Some marked UTC days, in one snapshot: the transaction is the caller's, and repeatable."""
    days = sorted({day + beside for day in due for beside in _BESIDE})
    await conn.execute(QUERIES["unmark"], tenant, due)
    for query in ("forget_customers", "count_customers", "forget_cohorts", "count_cohorts"):
        await conn.execute(QUERIES[query], tenant, days)
