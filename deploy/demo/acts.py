"""The acts of the demo before its report: waiting for the gateway to know the senders, playing,
orders one by one on an idle system, and waiting until the log is drained."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo import report
from deploy.demo.latency import Stopwatch
from deploy.demo.lines import Request
from deploy.demo.play import Access, GatewayAway, Player, signed
from processors.commands.drain import DrainReport, Standing, drain, summarise
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database

DRAIN_SECONDS: Final = 900.0
_DELIVERIES_SECONDS: Final = 240.0
_KNOWN_SECONDS: Final = 30.0
_PACE_SECONDS: Final = 0.2
_POLL_SECONDS: Final = 0.25
_WEBHOOK: Final = "/api/webhooks/shopify/orders/paid"


@dataclass(slots=True, kw_only=True)
class Scene:
    """What every act needs."""

    console: Console
    gateway: str
    accesses: Mapping[str, Access]
    cluster: Cluster
    db: Database
    loaded: Stopwatch = field(default_factory=Stopwatch)
    quiet: Stopwatch = field(default_factory=Stopwatch)
    wrong: list[str] = field(default_factory=list)


async def until_known(gateway: str, accesses: Mapping[str, Access]) -> None:
    """Wait until the gateway knows every webhook secret: keys it looks up at once, secrets it
    reads every few seconds. The question is signed and no JSON, so it leaves no trace.

    Raises:
        GatewayAway: when it does not learn of one.
    """
    body = b"knock"
    deadline = monotonic() + _KNOWN_SECONDS
    async with httpx.AsyncClient(base_url=gateway, trust_env=False) as client:
        for access in accesses.values():
            if not access.shop_domain:
                continue
            headers = signed(_WEBHOOK, body, domain=access.shop_domain, secret=access.secret)
            status = 0
            while status != httpx.codes.BAD_REQUEST:
                if monotonic() > deadline:
                    raise GatewayAway(f"{gateway} does not know {access.shop_domain}")
                with suppress(httpx.TransportError):
                    status = (
                        await client.post(_WEBHOOK, content=body, headers=headers)
                    ).status_code
                await asyncio.sleep(_POLL_SECONDS if status != httpx.codes.BAD_REQUEST else 0)


async def play(scene: Scene, requests: Sequence[Request]) -> None:
    """Everything, with a bar."""
    player = Player(scene.gateway, scene.accesses, told=scene.loaded.start)
    began = monotonic()
    with _bar(scene.console) as progress:
        task = progress.add_task("playing the day", total=len(requests))
        await player.play(requests, step=lambda: progress.advance(task))
    report.played(scene.console, player.played, seconds=monotonic() - began)
    scene.wrong += player.played.wrong


async def play_quietly(scene: Scene, requests: Sequence[Request]) -> None:
    """Orders one by one, when nothing else is on its way."""
    player = Player(scene.gateway, scene.accesses, told=scene.quiet.start)
    for request in requests:
        await player.play([request])
        await asyncio.sleep(_PACE_SECONDS)
    scene.wrong += player.played.wrong


async def until_drained(scene: Scene) -> DrainReport:
    """Wait for the log, and for a while also for deliveries, telling what is on its way."""
    with scene.console.status("draining") as status:

        def watch(standing: Standing) -> None:
            status.update(f"draining: {summarise(standing)}")

        wait = partial(
            drain, cluster=scene.cluster, db=scene.db, gateways=[scene.gateway], watch=watch
        )
        found = await wait(timeout_seconds=DRAIN_SECONDS)
        if found.drained and found.last.waiting:
            later = await wait(timeout_seconds=_DELIVERIES_SECONDS, deliveries=True)
            seconds = found.seconds + later.seconds
            found = DrainReport(drained=later.drained, seconds=seconds, last=later.last)
    if found.last.done(deliveries=False):
        scene.console.print(f"drained {found.seconds:.1f} s later: {summarise(found.last)}")
    else:
        scene.console.print(f"not drained: {summarise(found.last)}", style="red")
    return found


@asynccontextmanager
async def watching(stopwatch: Stopwatch, db: Database) -> AsyncIterator[None]:
    """Let the stopwatch look during the block."""
    task = asyncio.create_task(stopwatch.watch(db))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
