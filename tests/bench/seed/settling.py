"""What the scheduler's jobs would have counted by now: new and returning customers, and cohorts."""

from typing import Final, cast

import asyncpg

import sql
from processors.engine.postgres import Connection
from processors.schedule.customers import DAYS_AT_ONCE, count_again
from tests.bench.population import Tell

QUERIES: Final = sql.load("customers")
_MARK: Final = """INSERT INTO customer_days_due (tenant_id, date)
SELECT DISTINCT tenant_id, (converted_at AT TIME ZONE 'UTC')::date FROM conversions"""


async def settle(conn: "asyncpg.Connection[asyncpg.Record]", *, tell: Tell) -> None:
    """Every tenant's days, as the job counts them."""
    await conn.execute(_MARK, timeout=None)
    for row in await conn.fetch(QUERIES["due_tenants"], None):
        tenant = row["tenant_id"]
        due = [row["date"] for row in await conn.fetch(QUERIES["due"], tenant)]
        for start in range(0, len(due), DAYS_AT_ONCE):
            async with conn.transaction(isolation="repeatable_read"):
                await count_again(cast(Connection, conn), tenant, due[start : start + DAYS_AT_ONCE])
        tell(f"customers of {tenant}: {len(due)} days")
