"""The time that all replicas share: that of the database, carried on by what passes here.

What one replica writes down as a moment (a lease, the end of a window, the next attempt) another
one compares with its own now. So a machine whose clock is hours off must not send what another is
sending, nor give up what still has days. Only the gateway stamps by its own clock, since it takes
events while the database is away.
"""

import asyncio
import contextlib
import time
from typing import Final

from processors.engine.cycle import Abandoned, Patience
from processors.engine.postgres import Database

REFRESH_SECONDS: Final = 60.0
_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
# Also counts while the machine sleeps, where the system has such a clock.
_PASSING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SharedClock:
    """Epoch milliseconds when called; right to half of a round trip to the database."""

    def __init__(self, db: Database, patience: Patience) -> None:
        self._db = db
        self._patience = patience
        self._ahead = 0
        """Milliseconds of the database's clock over the passing one's."""

    def __call__(self) -> int:
        """Now, in epoch milliseconds."""
        return _passed() + self._ahead

    async def set(self, stop: asyncio.Event) -> None:
        """Ask the database, which is waited for.

        Raises:
            Abandoned: when `stop` was set meanwhile.
        """
        await self._patience.until_done("clock", self._ask, give_up=stop.is_set)

    async def keep(self, stop: asyncio.Event) -> None:
        """Ask again every minute, until `stop`."""
        with contextlib.suppress(Abandoned):
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), REFRESH_SECONDS)
                    return
                await self.set(stop)

    async def _ask(self) -> None:
        async with self._db.connection() as conn:
            before = _passed()
            now: int = await conn.fetchval(_NOW)
            after = _passed()
        self._ahead = now - (before + after) // 2


def _passed() -> int:
    return time.clock_gettime_ns(_PASSING) // 1_000_000
