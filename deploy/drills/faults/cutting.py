"""A network that fails between one process and one server, while all others have theirs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.drills.fault import NOTHING, Field, Layout, Left

_SLOW_SECONDS = 0.3


@dataclass(frozen=True)
class Cut:
    """One of the proxy's troubles, on the way to one of the servers."""

    trouble: str
    server: str
    seconds: tuple[float, float]
    bound_seconds: float = 90.0

    @property
    def name(self) -> str:
        """As in `hole-kafka`."""
        return f"{self.trouble}-{self.server}"

    def targets(self, layout: Layout) -> Sequence[str]:
        """Whoever has a way of its own."""
        return [name for name in layout.ours if name != "simulators"]

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """The trouble, for that long."""
        if self.trouble == "slow":
            await field.links.slow(target, self.server, seconds=_SLOW_SECONDS)
        else:
            await getattr(field.links, self.trouble)(target, self.server)
        try:
            await asyncio.sleep(seconds)
        finally:
            await field.links.mend(target, self.server)
        return NOTHING


FAULTS = tuple(
    Cut(trouble, server, seconds)
    for server in ("kafka", "postgres")
    for trouble, seconds in (
        ("reset", (2.0, 8.0)),
        ("hole", (4.0, 12.0)),
        ("deafen", (4.0, 12.0)),
        ("slow", (3.0, 8.0)),
    )
)
