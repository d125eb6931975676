"""The wall clock of one process jumps: hours ahead, hours back, and right again.

The process is started anew under libfaketime, and its clock is moved while it runs; its monotonic
clock stays. Expected: nothing at all. Processors share the database's time, timers measure what
passes; only the gateway stamps by its own clock, so what it receives meanwhile carries the wrong
receive time, with which the oracle reads the log, too.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.drills import faketime
from deploy.drills.fault import Field, Layout, Left

_HOUR: Final = 3_600
_AHEAD: Final = (1, 11)
_BACK: Final = (1, 11)
_TURNS: Final = 3


class ClockJump:
    """Strikes any process of ours but the platforms, whose clock is their own affair."""

    name = "clock-jump"
    bound_seconds = 60.0
    seconds = (6.0, 15.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """Gateways, processors, the scheduler."""
        return [name for name in layout.ours if name != "simulators"]

    async def prepare(self, _: Path) -> None:
        """See that the library is there, before anything is started.

        Raises:
            MissingProgram: naming its package.
        """
        faketime.library()

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Ahead for a third of the time, back for another, right for the last."""
        clock = field.folder / f"clock-{target}"
        ahead, back = (field.rng.randint(*hours) * _HOUR for hours in (_AHEAD, _BACK))
        faketime.set_clock(clock, seconds=0)
        await field.restart(target, environment=faketime.variables(clock))
        try:
            for off in (ahead, -back, 0):
                faketime.set_clock(clock, seconds=off)
                await asyncio.sleep(seconds / _TURNS)
        finally:
            await field.restart(target, environment=faketime.without())
        return Left(notes=(f"{target}: {ahead // _HOUR} h ahead, {back // _HOUR} h back",))
