"""A platform that fails during the demo's day, by its simulator's script.

Two answers get lost after the events have counted, then everything is a 503 for a few seconds. What
the senders make of it is read from their own metrics.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import httpx

from deploy.demo.platforms import Tally
from schemas.delivery import Platform

PLATFORM: Final[Platform] = "tiktok"
RECOVERY: Final = ("ATTRIBUTARY_FANOUT_BREAKER_RECOVERY_SECONDS", "5")
"""How long a circuit rests in a demo, unless the environment says so."""
_LOST_ANSWERS: Final = 2
_STORM_SECONDS: Final = 6.0
_LONGEST_SECONDS: Final = 60.0
_CLOSING_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.2
_ENDLESS: Final = 1_000_000
_STEPS: Final = ({"count": _LOST_ANSWERS, "drop": "after"}, {"count": _ENDLESS, "status": 503})
_GAUGE: Final = f'attributary_open_circuits{{platform="{PLATFORM}"}} '


@dataclass(slots=True)
class Outage:
    """What was seen, in seconds since it began; None for what did not come to pass."""

    failed: int = 0
    opened: float | None = None
    over: float | None = None
    closed: float | None = None
    _began: float = field(default_factory=monotonic)

    @property
    def seconds(self) -> float:
        """How long it is since it began."""
        return monotonic() - self._began


@asynccontextmanager
async def during(environment: Mapping[str, str], senders: Sequence[str]) -> AsyncIterator[Outage]:
    """The outage, from the beginning of the block; `senders` are the metrics' addresses of every
    replica that sends. The end of the block waits for the circuit to close."""
    url = environment[f"ATTRIBUTARY_{PLATFORM.upper()}_BASE_URL"]
    async with httpx.AsyncClient(trust_env=False) as client:
        await _script(client, url, reset=True, steps=_STEPS)
        seen = Outage()
        watch = asyncio.create_task(_watch(client, url, senders, seen))
        try:
            yield seen
            with suppress(TimeoutError):
                await asyncio.wait_for(watch, _CLOSING_SECONDS)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            if seen.over is None:
                await _script(client, url, reset=True)


async def _watch(client: httpx.AsyncClient, url: str, senders: Sequence[str], seen: Outage) -> None:
    """Follow the circuits until they are closed again; the storm ends once one was open for a
    while, or nothing was sent for long."""
    while seen.closed is None:
        circuits = [await _open_circuits(client, sender) for sender in senders]
        if any(circuits) and seen.opened is None:
            seen.opened = seen.seconds
        if seen.over is None and (
            seen.seconds > _LONGEST_SECONDS
            or (seen.opened is not None and seen.seconds > max(_STORM_SECONDS, seen.opened + 1))
        ):
            left = (await client.get(f"{url}/_sim/stats")).json()["script_left"]
            seen.failed = _ENDLESS + _LOST_ANSWERS - left
            await _script(client, url, reset=True)
            seen.over = seen.seconds
        if seen.over is not None and not any(circuits):
            seen.closed = seen.seconds
        await asyncio.sleep(_POLL_SECONDS)


async def _open_circuits(client: httpx.AsyncClient, sender: str) -> float:
    answer = await client.get(sender)
    lines = answer.text.splitlines()
    return sum(float(line.removeprefix(_GAUGE)) for line in lines if line.startswith(_GAUGE))


async def _script(client: httpx.AsyncClient, url: str, **told: Any) -> None:
    (await client.post(f"{url}/_sim/script", json=told)).raise_for_status()


def told(seen: Outage, tally: Tally) -> str:
    """What came of it, in a line or two."""
    began = f"{PLATFORM} failed {seen.failed:,} requests during {seen.over or seen.seconds:.1f} s"
    if seen.opened is None or seen.closed is None:
        return f"{began}, which its senders have not noticed"
    return (
        f"{began}, {_LOST_ANSWERS} of them after it had counted: its circuit opened at "
        f"{seen.opened:.1f} s and closed at {seen.closed:.1f} s; in the end "
        f"{tally.states['sent']:,} events were sent ({tally.again:,} of them again), "
        f"{tally.taken or 0:,} counted and {tally.waiting:,} wait"
    )


def faults(seen: Outage) -> list[str]:
    """A circuit that did not open, or did not close again."""
    if seen.opened is None:
        return [f"{PLATFORM} failed, and no circuit opened"]
    return [] if seen.closed is not None else [f"the circuit of {PLATFORM} has not closed"]
