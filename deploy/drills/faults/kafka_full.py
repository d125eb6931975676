"""A broker whose disk is full.

The broker's log lies on a file system of its own. When that leaves no room, the first append that
does not fit takes the log directory offline, and a broker with no other one ends; its supervisor
starts it again and again, which fails until there is room. Expected: gateways spool (202), the
processors wait in place, and with room back the broker recovers its log: what was acknowledged is
there, what was not is sent again.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final

from deploy.drills.fault import Field, Layout, Left
from deploy.drills.small_disk import SmallDisk
from deploy.local.folder import StackFolder

ROOM_BYTES: Final = 8 * 1024 * 1024 * 1024
LEFT_BYTES: Final = 64 * 1024
_END_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2


class KafkaFull:
    """Strikes the broker; the strike begins to count when it has ended for want of room."""

    name = "kafka-full"
    bound_seconds = 150.0
    seconds = (5.0, 15.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The broker."""
        return [name for name in layout.servers if name == "kafka"]

    async def prepare(self, folder: Path) -> None:
        """The disk of the broker's log, which takes memory for what is written only.

        Raises:
            LocalStackError: where nothing may be mounted.
        """
        _disk(folder).mount()

    async def clear(self, folder: Path) -> None:
        """Take it away, the log with it."""
        _disk(folder).unmount()

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Take the room away until the broker ends, and give it back after that long.

        Raises:
            TimeoutError: when the broker went on for a minute without room.
        """
        disk, pid, began = _disk(field.folder), field.pid(target), monotonic()
        disk.fill(left=LEFT_BYTES)
        try:
            while field.row(target).pid == pid:
                if monotonic() - began > _END_SECONDS:
                    raise TimeoutError(f"{target} has no room, and goes on")
                await asyncio.sleep(_POLL_SECONDS)
            took = monotonic() - began
            await asyncio.sleep(seconds)
        finally:
            disk.free()
        return Left(notes=(f"{target} ended {took:.1f} s after its disk was full",))


def _disk(folder: Path) -> SmallDisk:
    return SmallDisk(StackFolder(folder / "servers").kafka / "data", size=ROOM_BYTES)
