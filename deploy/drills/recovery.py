"""When is a stack well again? When every process is ready, no gateway holds anything back, and
every group that is behind moves on."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final

from deploy.drills.field import StackField
from processors.commands.spools import empty, spooled
from processors.engine.cluster import Cluster
from processors.engine.lag import behind

_POLL_SECONDS: Final = 0.4

Standing = Mapping[str, tuple[int, int]]
"""Of each group: what it has committed, all partitions added up, and how far it is behind."""


async def recovered(field: StackField, *, within: float) -> float | None:
    """Seconds until all is well; None when that took longer than this."""
    began = monotonic()
    first: Standing | None = None
    while monotonic() - began <= within:
        now = None if await field.not_ready() else await _standing(field)
        if now is not None and first is None:
            first = now
        if now is not None and first is not None and _moves(first, now):
            return round(monotonic() - began, 1)
        await asyncio.sleep(_POLL_SECONDS)
    return None


def _moves(first: Standing, now: Standing) -> bool:
    return all(
        not lag or reached > first.get(group, (0, 0))[0] for group, (reached, lag) in now.items()
    )


async def _standing(field: StackField) -> Standing | None:
    """None while a server does not answer, or a spool is not empty."""
    try:
        if not empty(await spooled([field.environment["GATEWAY_URL"]])):
            return None
        async with asyncio.timeout(10), Cluster(field.bootstrap) as cluster:
            rows = await behind(cluster)
    except Exception:  # a broker that was just killed fails in as many ways as there are
        return None
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        reached, lag = found.get(row.group, (0, 0))
        found[row.group] = reached + (row.committed or 0), lag + row.lag
    return found
