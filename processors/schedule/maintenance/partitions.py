"""`maintenance/partitions`: a partition of the delivery log for each month, before it begins.

Rows of months without one lie in the default partition; those of a month that is over are moved
into a partition of their own, in one transaction. The month that is being written is moved while it
has few rows, else when it is over.
"""

from typing import Final

import sql
from processors.engine.postgres import is_taken
from processors.schedule.maintenance.settings import RetentionSettings
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

QUERIES: Final = sql.load("maintenance")


async def keep_months(tools: Tools, tenant: str | None) -> Detail:  # noqa: ARG001 (a log of all)
    """Make what is missing; how many rows were moved into each.

    Raises:
        Failed: after all of them, when writers kept any from being made.
    """
    detail: Detail = {"made": {}, "busy": []}
    async with tools.db.connection() as conn:
        ahead = RetentionSettings.load().months_ahead
        months = await conn.fetch(QUERIES["log_months_due"], tools.clock(), ahead)
        for row in months:
            month = row["month"]
            try:
                moved = await conn.fetchval(QUERIES["make_log_month"], month)
                detail["made"][f"{month:%Y-%m}"] = moved
            except Exception as error:
                if not is_taken(error):
                    raise
                detail["busy"].append(f"{month:%Y-%m}")
    if detail["busy"]:
        raise Failed("some months are still being written", detail)
    return detail
