"""Processes that die: SIGKILL of ours and of the servers, and the power cut of a gateway."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from signal import Signals

from deploy.drills import power
from deploy.drills.fault import NOTHING, Field, Layout, Left
from deploy.drills.field import eventually


async def until_another(field: Field, name: str, pid: int, *, seconds: float = 90.0) -> None:
    """Wait until the supervisor has started another process in its place.

    Raises:
        TimeoutError: when it does not.
    """

    def there() -> bool:
        return field.row(name).pid not in (None, pid)

    await eventually(there, what=f"another {name} runs", seconds=seconds)


@dataclass(frozen=True)
class Kill:
    """SIGKILL, again and again for the seconds of the strike."""

    name: str
    part: str
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (0.0, 6.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The processes of its part of the layout, or the one process of that name."""
        found: Sequence[str] = getattr(layout, self.part, (self.part,))
        return found

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """At once, and once more where there is time for it."""
        loop = asyncio.get_running_loop()
        began, killed = loop.time(), 0
        while killed == 0 or loop.time() - began < seconds:
            pid = field.signal(target, Signals.SIGKILL)
            killed += 1
            await until_another(field, target, pid)
        return Left(notes=(f"killed {killed} times",))


@dataclass(frozen=True)
class KillPair:
    """SIGKILL of both replicas of a processor at once: nobody is left to take over."""

    name: str = "kill-pair"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (0.0, 0.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The processors."""
        return layout.processors

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Both, then wait for both."""
        await asyncio.sleep(seconds)
        names = field.layout.replicas(target)
        pids = {each: field.signal(each, Signals.SIGKILL) for each in names}
        for each, pid in pids.items():
            await until_another(field, each, pid)
        return NOTHING


@dataclass(frozen=True)
class PowerCut:
    """A gateway loses power while Kafka is away: what was not synced is gone from its spool."""

    name: str = "power-cut"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (3.0, 6.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The gateways."""
        return layout.gateways

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Kafka away, events into the spool, SIGKILL, files cut back, Kafka back."""
        spool = power.spool_of(field, target)
        await field.links.reset(target, "kafka")
        try:
            await _until_spooled(spool, seconds)
            pid = field.signal(target, Signals.SIGKILL)
            lost = power.cut(spool)
            await until_another(field, target, pid)
        finally:
            await field.links.mend(target, "kafka")
        return Left(notes=(f"{lost:,} bytes were not on disk",))


async def _until_spooled(spool: power.Spool, seconds: float) -> None:
    """For that long, and until something is in the spool."""
    await asyncio.sleep(seconds)
    await eventually(spool.holds, what="something is in the spool", seconds=60.0)


FAULTS = (
    Kill("kill-worker", "workers"),
    Kill("kill-gateway", "gateways"),
    Kill("kill-other", "others"),
    Kill("kill-kafka", "kafka", bound_seconds=90.0, seconds=(0.0, 0.0)),
    Kill("kill-postgres", "postgres", seconds=(0.0, 0.0)),
    KillPair(),
    PowerCut(),
)
