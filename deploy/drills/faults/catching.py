"""SIGKILL at the worst moment: within a transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from signal import Signals
from typing import Final

import asyncpg

from deploy.drills.fault import Field, Layout, Left
from deploy.drills.faults.dying import until_another

_CAUGHT_SECONDS: Final = 15.0
_IN_TRANSACTION: Final = """SELECT EXISTS (SELECT 1 FROM pg_stat_activity
WHERE application_name = 'attributary-' || $1 AND xact_start IS NOT NULL
    AND state IN ('idle in transaction', 'active'))"""


@dataclass(frozen=True)
class KillInTransaction:
    """Stopped until the database says that a transaction of it is open, then killed."""

    name: str = "kill-in-transaction"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (5.0, 10.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The workers that write in batches."""
        return [name for name in layout.workers if not name.startswith("credit")]

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Again and again for the seconds of the strike."""
        loop = asyncio.get_running_loop()
        began, caught, killed = loop.time(), 0, 0
        connection = await asyncpg.connect(field.dsn)
        try:
            while killed == 0 or loop.time() - began < seconds:
                await field.until_ready(target)
                pid = field.pid(target)
                caught += await _catch(field, connection, target)
                killed += 1
                field.signal(target, Signals.SIGKILL)
                await until_another(field, target, pid)
        finally:
            await connection.close()
        return Left(notes=(f"killed {killed} times, {caught} of them within a transaction",))


async def _catch(
    field: Field, connection: "asyncpg.Connection[asyncpg.Record]", target: str
) -> bool:
    """Leave it stopped within a transaction, if it is ever found in one."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CAUGHT_SECONDS
    while loop.time() < deadline:
        field.signal(target, Signals.SIGSTOP)
        if await connection.fetchval(_IN_TRANSACTION, target):
            return True
        field.signal(target, Signals.SIGCONT)
        await asyncio.sleep(field.rng.random() / 50)
    return False


FAULTS = (KillInTransaction(),)
