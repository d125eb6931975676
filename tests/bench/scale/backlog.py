"""What an event costs each stage when more always waits: its replicas are paused while the gateway
takes everything in, then one stage after the other works its backlog off alone.

So the machine is shared by nobody but the stage and the servers, every batch is as full as it can
be, and what starting a process costs is not in it. What more replicas cost is what they cost each
other: smaller shares of a topic, locks, connections.
"""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from deploy.local.statefile import read_state
from deploy.local.up import Stack
from processors.commands.drain import Standing, look
from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS
from processors.engine.postgres import Database
from tests.bench.scale import load, meter
from tests.bench.scale.shops import Shop

MEASURED: Final = frozenset({"identity", "credit", "summary", "dedupe", "fanout"})
STAGES: Final = tuple(group.name for group in GROUPS if group.name in MEASURED)
"""Upstream first."""
PATIENCE: Final = {
    "ATTRIBUTARY_ENGINE_SESSION_TIMEOUT_MS": "600000",
    "ATTRIBUTARY_ENGINE_HEARTBEAT_INTERVAL_MS": "3000",
}
"""So that a paused replica keeps its partitions."""
_LOOK_SECONDS: Final = 0.1
_LATE_SECONDS: Final = 600.0


async def measure(
    stack: Stack,
    cluster: Cluster,
    db: Database,
    shops: Sequence[Shop],
    *,
    events: int,
    first: int,
) -> tuple[int, dict[str, meter.Spent]]:
    """How many events there were, and what each stage spent on them.

    Raises:
        TimeoutError: when a stage does not get through.
    """
    gateway = stack.environment["GATEWAY_URL"]
    spent: dict[str, meter.Spent] = {}
    with _paused(stack, STAGES):
        sent = await load.post(gateway, shops, events, first=first, hot=0.0)
        for stage in STAGES:
            with _awake(stack, stage):
                async with meter.measured(stack.folder, stack.environment) as one:
                    await _until_done(stage, cluster, db, gateway)
            spent[stage] = one
    return sent, spent


async def _until_done(stage: str, cluster: Cluster, db: Database, gateway: str) -> None:
    deadline = monotonic() + _LATE_SECONDS
    while not is_done(stage, await look(cluster=cluster, db=db, gateways=[gateway])):
        if monotonic() > deadline:
            raise TimeoutError(f"{stage} does not get through its backlog")
        await asyncio.sleep(_LOOK_SECONDS)


def is_done(stage: str, standing: Standing) -> bool:
    """Whether nothing is left for this stage."""
    if standing.unreachable or standing.lag[stage]:
        return False
    if stage == "identity":
        return not standing.dirty
    if stage == "fanout":
        return not (standing.sending or standing.waiting or standing.unpublished)
    return True


@contextmanager
def _paused(stack: Stack, stages: Sequence[str]) -> Iterator[None]:
    """All replicas of these stand still; they go on at the end, whatever happens."""
    try:
        for stage in stages:
            _signal(stack, stage, signal.SIGSTOP)
        yield
    finally:
        for stage in stages:
            _signal(stack, stage, signal.SIGCONT)


@contextmanager
def _awake(stack: Stack, stage: str) -> Iterator[None]:
    _signal(stack, stage, signal.SIGCONT)
    try:
        yield
    finally:
        _signal(stack, stage, signal.SIGSTOP)


def _signal(stack: Stack, stage: str, number: signal.Signals) -> None:
    state = read_state(stack.folder.state)
    for row in state.rows if state else ():
        if row.pid is not None and meter.processor(row.name) == stage:
            os.kill(row.pid, number)
