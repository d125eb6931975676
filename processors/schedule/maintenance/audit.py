"""`process-audit-logs`: what was changed by hand since the run before, counted by action, so that
the runs tell when something was done; rows too old are `maintenance/cleanup`'s."""

from typing import Final

import sql
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

QUERIES: Final = sql.load("maintenance")


async def process(tools: Tools, tenant: str | None) -> Detail:
    """From where the latest run ended, whatever was missed, to now."""
    until = tools.clock()
    async with tools.db.connection() as conn:
        since = await conn.fetchval(QUERIES["audited_until"])
        if since is None:
            since = until - tools.settings.audit_seconds * 1_000
        rows = await conn.fetch(QUERIES["audited"], since, until, tenant)
    return {"until": until, "actions": {row["action"]: row["rows"] for row in rows}}
