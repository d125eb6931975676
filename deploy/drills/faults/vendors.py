"""Platforms that are slow, that fail, and that lose their answers after the events have counted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx

from deploy.drills.fault import NOTHING, Field, Layout, Left

_ENDLESS = 1_000_000
_HEARS_SECONDS = 180.0
_PLATFORMS = ("ga4", "meta", "tiktok")


@dataclass(frozen=True)
class Vendor:
    """Steps of the simulator's script, for the seconds of the strike."""

    name: str
    steps: tuple[dict[str, Any], ...]
    seconds: tuple[float, float] = (4.0, 10.0)
    bound_seconds: float = 60.0

    def targets(self, layout: Layout) -> Sequence[str]:
        """Platforms to which every shop of the load sends; they are one process."""
        assert "simulators" in layout.others
        return _PLATFORMS

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """The script, and afterwards none."""
        url = field.environment[f"ATTRIBUTARY_{target.upper()}_BASE_URL"] + "/_sim/script"
        async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
            await _told(client, url, {"reset": True, "steps": list(self.steps)})
            try:
                await asyncio.sleep(seconds)
            finally:
                await _told(client, url, {"reset": True})
        return NOTHING


async def _told(client: httpx.AsyncClient, url: str, script: dict[str, Any]) -> None:
    """A platform that is busy with what was sent to it hears late, but it has to hear: it would
    fail for good."""
    deadline = monotonic() + _HEARS_SECONDS
    while True:
        try:
            (await client.post(url, json=script)).raise_for_status()
        except httpx.TransportError:
            if monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)
        else:
            return


FAULTS = (
    Vendor("slow-vendor", ({"count": _ENDLESS, "delay_ms": 3_000},)),
    Vendor("failing-vendor", ({"count": _ENDLESS, "status": 503},)),
    Vendor(
        "forgetful-vendor",
        ({"count": 3, "drop": "after"}, {"count": 3, "delay_ms": 12_000}),
    ),
)
