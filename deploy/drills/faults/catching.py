"""SIGKILL at the worst moments: within a transaction, and just after its commit, when the rows are
there and neither what follows from them nor the offset is."""

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
_COUNTED: Final = """SELECT sum(next_offset) FROM consumed_offsets
WHERE consumer_group = $1 AND ($2::text IS NULL OR topic = $2)"""


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


@dataclass(frozen=True)
class KillAfterCommit:
    """All replicas of a processor, as soon as the database says that rows of a batch are there. Of
    identity's batches those with orders, since what others bring is looked at again by itself when
    the same person comes again."""

    name: str = "kill-after-commit"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (8.0, 14.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The processors that count with their rows what they have done."""
        counted = ("identity", "summary", "dedupe", "fanout")
        return [name for name in layout.processors if name in counted]

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Again and again for the seconds of the strike."""
        loop = asyncio.get_running_loop()
        names = field.layout.replicas(target)
        began, caught, killed = loop.time(), 0, 0
        connection = await asyncpg.connect(field.dsn)
        try:
            while killed == 0 or loop.time() - began < seconds:
                await field.until_ready(*names)
                caught += await _committed(connection, target)
                pids = {name: field.signal(name, Signals.SIGKILL) for name in names}
                killed += 1
                for name, pid in pids.items():
                    await until_another(field, name, pid)
        finally:
            await connection.close()
        return Left(notes=(f"killed {killed} times, {caught} of them after a commit",))


async def _committed(connection: "asyncpg.Connection[asyncpg.Record]", group: str) -> bool:
    """True as soon as the group has counted another record; no pause between the questions, since
    what follows the commit is a matter of milliseconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CAUGHT_SECONDS
    asked = (_COUNTED, group, "orders.v1" if group == "identity" else None)
    before = await connection.fetchval(*asked)
    while loop.time() < deadline:
        if await connection.fetchval(*asked) != before:
            return True
    return False


FAULTS = (KillInTransaction(), KillAfterCommit())
