"""Platforms that are slow, that fail, and that lose their answers after the events have counted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.drills.fault import NOTHING, Field, Layout, Left

_ENDLESS = 1_000_000
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
            told = {"reset": True, "steps": list(self.steps)}
            (await client.post(url, json=told)).raise_for_status()
            try:
                await asyncio.sleep(seconds)
            finally:
                (await client.post(url, json={"reset": True})).raise_for_status()
        return NOTHING


FAULTS = (
    Vendor("slow-vendor", ({"count": _ENDLESS, "delay_ms": 3_000},)),
    Vendor("failing-vendor", ({"count": _ENDLESS, "status": 503},)),
    Vendor(
        "forgetful-vendor",
        ({"count": 3, "drop": "after"}, {"count": 3, "delay_ms": 12_000}),
    ),
)
