"""The jobs that read spend. A platform that no job of its own reads is one of the secondary ones.

`analytics/attribution-vta-sync` reads what Meta claims for views (and all else that it tells) of
every day that Meta may have restated; the sync of Meta's spend does so once a day, too, and the
latest days at each run.
"""

from functools import partial
from typing import Final

from processors.platforms.spend_registry import SPEND_READERS
from processors.schedule.spend.sync import Depth, sync
from processors.schedule.store import Detail
from processors.schedule.tools import Job, Tools

_OWN: Final = ("meta", "google", "tiktok")


async def _read(
    tools: Tools, tenant: str | None, *, names: tuple[str, ...], depth: Depth
) -> Detail:
    return await sync(tools, tenant, platforms=names, depth=depth)


def _job(name: str, cadence: str, names: tuple[str, ...], depth: Depth = "latest") -> Job:
    return Job(name, cadence, partial(_read, names=names, depth=depth))


ROWS: Final = (
    _job("analytics/sync-meta-ads-spend", "spend_seconds", ("meta",)),
    _job("analytics/sync-google-ads-spend", "spend_seconds", ("google",)),
    _job("analytics/sync-tiktok-spend", "spend_seconds", ("tiktok",)),
    _job(
        "analytics/sync-secondary-platforms",
        "spend_seconds",
        tuple(name for name in SPEND_READERS if name not in _OWN),
    ),
    _job("analytics/sync-metrics", "spend_today_seconds", tuple(SPEND_READERS), "today"),
    _job("analytics/attribution-vta-sync", "vta_seconds", ("meta",), "restated"),
)
