"""`maintenance/cleanup`: deletes bookkeeping that is older than it is to be kept, in batches.

A partition of the delivery log that is too old for every tenant goes as a whole. What was deleted
when a run is cut off stays deleted, and the next run goes on.
"""

import logging
from typing import Final

import sql
from processors.engine.postgres import Database
from processors.schedule import store
from processors.schedule.abreast import abreast
from processors.schedule.maintenance.settings import RetentionSettings
from processors.schedule.settings import DAY
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("maintenance")
OF_TENANTS: Final = {
    "capi_delivery_log": "delivery_log",
    "delivery_consent_log": "consent_log",
    "audit_log": "audit_log",
}
"""Tables whose retention a tenant may set, each with its class."""
OF_ALL: Final = {
    "delivery_receipts": "receipts",
    "order_reconciliation": "reconciliation",
    "connection_attempts": "attempts",
    "dead_letter_replays": "replays",
    "job_runs": "job_runs",
}


async def clean_up(tools: Tools, tenant: str | None) -> Detail:
    """Every table, or those with a tenant for the one; how many rows went from each."""
    kept = RetentionSettings.load()
    own = await _own(tools.db)
    tenants = await store.tenants(tools.db, tenant)
    detail: Detail = {"deleted": {}}
    if tenant is None:
        days = max(
            [kept.delivery_log_days, *(d for (_, c), d in own.items() if c == "delivery_log")]
        )
        async with tools.db.connection() as conn:
            args = (tools.clock() - days * DAY * 1_000,)
            detail["months"] = await conn.fetchval(QUERIES["drop_log_months"], *args)
        for table, name in OF_ALL.items():
            days = getattr(kept, f"{name}_days")
            detail["deleted"][table] = await _prune(tools, kept, table, None, days)
    for table, name in OF_TENANTS.items():
        standard: int = getattr(kept, f"{name}_days")

        async def one(who: str, table: str = table, name: str = name, days: int = standard) -> int:
            return await _prune(tools, kept, table, who, own.get((who, name), days))

        gone = await abreast(one, tenants, at_once=2)
        detail["deleted"][table] = sum(gone)
    return detail


async def _own(db: Database) -> dict[tuple[str, str], int]:
    """(tenant, class) to the days of a tenant's own setting."""
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["own_retentions"])
    return {
        (row["tenant_id"], row["key"].removeprefix("retention_").removesuffix("_days")): row["days"]
        for row in rows
    }


async def _prune(
    tools: Tools, kept: RetentionSettings, table: str, tenant: str | None, days: int
) -> int:
    before, total = tools.clock() - days * DAY * 1_000, 0
    while True:
        async with tools.db.connection() as conn:
            gone: int = await conn.fetchval(QUERIES["prune"], table, tenant, before, kept.batch)
        total += gone
        if gone < kept.batch:
            return total
        log.info("pruning", extra={"table": table, "tenant": tenant, "deleted": total})
