"""`calculate-fatigue-scores`, at 3 AM UTC: which ads are tired, as of the latest day that ad
accounts told of.

The rule is SQL, `attributary_creative_fatigue`, and stands in the comment of `creative_fatigue`;
this only writes down who is no longer fresh, so that the past of an ad can be read, too. A day that
is judged again, since its figures were restated, is replaced whole.
"""

import logging
from typing import Final

import sql
from processors.schedule import store
from processors.schedule.settings import HOUR
from processors.schedule.store import Detail
from processors.schedule.tools import Job, Tools

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("creatives")


async def judge_creatives(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant, each in a transaction of its own; returns how many ads were found tired."""
    found: dict[str, int] = {}
    for name in await store.tenants(tools.db, tenant):
        async with tools.db.transaction() as conn:
            day = await conn.fetchval(QUERIES["newest"], name)
            if day is not None:
                await conn.execute(QUERIES["clear_fatigue"], name, day)
                told = await conn.execute(QUERIES["put_fatigue"], name, day, tools.clock())
                found[name] = int(told.rsplit(" ", 1)[-1])
    return {"tired": found}


ROWS: Final[tuple[Job, ...]] = (
    Job("calculate-fatigue-scores", "fatigue_seconds", judge_creatives, at=3 * HOUR),
)
