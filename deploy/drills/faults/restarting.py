"""Restarts as operators make them: the broker, the database fast and immediate, and replicas that
come and go faster than their group settles."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from signal import Signals

from deploy.drills.fault import NOTHING, Field, Layout, Left
from deploy.drills.faults.dying import until_another


@dataclass(frozen=True)
class Restart:
    """A signal on which a server ends by itself; its supervisor starts it again."""

    name: str
    target: str
    signal: Signals
    bound_seconds: float = 90.0
    seconds: tuple[float, float] = (0.0, 0.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The one server."""
        return [name for name in layout.servers if name == self.target]

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Ask it to end."""
        await asyncio.sleep(seconds)
        pid = field.signal(target, self.signal)
        await until_another(field, target, pid, seconds=120.0)
        return NOTHING


@dataclass(frozen=True)
class Storm:
    """One replica of a processor leaves and comes back, and then the other, in turn."""

    name: str = "rebalance-storm"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (8.0, 15.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The processors."""
        return layout.processors

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Restarts, one after the other."""
        names = field.layout.replicas(target)
        loop = asyncio.get_running_loop()
        began, turns = loop.time(), 0
        while loop.time() - began < seconds:
            name = names[turns % len(names)]
            pid = field.signal(name, Signals.SIGTERM)
            await until_another(field, name, pid)
            turns += 1
        return Left(notes=(f"{turns} restarts",))


FAULTS = (
    Restart("restart-kafka", "kafka", Signals.SIGTERM),
    Restart("restart-postgres", "postgres", Signals.SIGINT),
    Restart("restart-postgres-now", "postgres", Signals.SIGQUIT),
    Storm(),
)
