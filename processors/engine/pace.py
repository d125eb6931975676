"""How soon a replica runs its next batch.

A batch costs nearly the same for one record as for twenty: transactions, plans, round trips. So
what comes after a quiet time is taken at once, and after a batch the engine rests in proportion to
what that one took; what arrives meanwhile shares the next. On a machine that is full batches take
longer, rests grow with them, and the cost of a record falls until the machine is not full. A batch
that was full, or behind which a full one waits, is followed at once.

Replicas share a topic, and each gets less of it; so each rests longer, in proportion, and a batch
has as many records as one replica's would: what a record costs does not depend on how many there
are.
"""

import asyncio
from typing import Final

SHARE: Final = 2.0
"""A rest, as a multiple of the batch before it: a replica with little to do works a third of the
time at most."""


class Pace:
    """The rests of one replica."""

    def __init__(self, *, full: int, rest_max_seconds: float) -> None:
        self._full = full
        self._most = rest_max_seconds

    def rest(self, records: int, seconds: float, *, behind: int = 0, share: float = 1.0) -> float:
        """Seconds until the next batch, after one of so many records that took so many seconds;
        `behind` is how many records are known to wait, `share` which part of the group's
        partitions the replica has, above 0 to 1."""
        if records >= self._full or behind >= self._full:
            return 0.0
        return min(SHARE * seconds, self._most) / share


async def until(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
