"""Processes that stop for a while (SIGSTOP, SIGCONT), also for longer than their session lasts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from signal import Signals

from deploy.drills.fault import NOTHING, Field, Layout, Left


@dataclass(frozen=True)
class Stop:
    """SIGSTOP for the seconds of the strike."""

    name: str
    part: str
    seconds: tuple[float, float]
    bound_seconds: float = 60.0

    def targets(self, layout: Layout) -> Sequence[str]:
        """The processes of its part of the layout."""
        found: Sequence[str] = getattr(layout, self.part)
        return found

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """It sleeps, and wakes where it was."""
        pid = field.signal(target, Signals.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            if field.row(target).pid == pid:
                field.signal(target, Signals.SIGCONT)
        return NOTHING


FAULTS = (
    Stop("stop-ours", "ours", (1.0, 4.0)),
    Stop("stop-past-session", "workers", (9.0, 12.0)),
    Stop("stop-server", "servers", (2.0, 8.0)),
)
