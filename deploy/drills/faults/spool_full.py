"""A gateway whose disk is full while the brokers are away.

The gateway's spool lies on a small file system of its own. Kafka is cut off, so that events are
spooled (202); then the disk leaves room for a few more. Expected: `/readyz` and `/sink-health` say
503, events are answered 503 with Retry-After, and none of those that were answered 200 or 202 is
lost, in order of their partition or not; with room and Kafka back, the spool is refilled and empty.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final

import httpx

from deploy.drills.fault import Field, Layout, Left
from deploy.drills.small_disk import SmallDisk
from deploy.local.folder import StackFolder
from deploy.local.services import GATEWAY

ROOM_BYTES: Final = 512 * 1024 * 1024
LEFT_BYTES: Final = 64 * 1024
_REFUSAL_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_REFUSED: Final = re.compile(r'^attributary_requests_total\{.*status="503".*\} (\S+)$', re.M)


class SpoolFull:
    """Strikes a gateway; the strike begins to count when the first event has been refused."""

    name = "spool-full"
    bound_seconds = 60.0
    seconds = (3.0, 10.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """Every gateway."""
        return layout.gateways

    async def prepare(self, folder: Path) -> None:
        """The disks of the gateways' spools.

        Raises:
            LocalStackError: where nothing may be mounted.
        """
        _disk(folder).mount()

    async def clear(self, folder: Path) -> None:
        """Take it away."""
        _disk(folder).unmount()

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Cut Kafka off, fill the disk, see events refused, make room, bring Kafka back.

        Raises:
            TimeoutError: when no event was refused, or the gateway still called itself ready.
        """
        disk, address = _disk(field.folder), f"http://127.0.0.1:{field.row(target).port}"
        await field.links.reset(target, "kafka")
        try:
            before = await refused(address)
            disk.fill(left=LEFT_BYTES)
            took = await _until_refused(address, more_than=before)
            await asyncio.sleep(seconds)
            count = await refused(address) - before
        finally:
            disk.free()
            await field.links.mend(target, "kafka")
        return Left(notes=(f"{target} refused {count:.0f} requests, the first after {took:.1f} s",))


async def refused(address: str) -> float:
    """How many requests this gateway answered 503 since its start; 0 while it does not answer."""
    try:
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            text = (await client.get(f"{address}/metrics")).text
    except httpx.HTTPError:
        return 0.0
    return sum(float(number) for number in _REFUSED.findall(text))


async def _until_refused(address: str, *, more_than: float) -> float:
    """Seconds until events were refused and the gateway said that it takes none."""
    began = monotonic()
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
        while True:
            known = await refused(address) > more_than
            if known and (await client.get(f"{address}/sink-health")).status_code == 503:
                return monotonic() - began
            if monotonic() - began > _REFUSAL_SECONDS:
                said = "calls itself ready" if known else "has refused nothing"
                raise TimeoutError(f"{address} has a full disk, and {said}")
            await asyncio.sleep(_POLL_SECONDS)


def _disk(folder: Path) -> SmallDisk:
    return SmallDisk(StackFolder(folder / "workers").spool / GATEWAY, size=ROOM_BYTES)
