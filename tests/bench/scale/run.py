"""The cases, each on a stack of its own, and the tables that come of them."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console

from deploy.local.down import down
from deploy.local.folder import StackFolder
from deploy.local.up import Stack, up
from processors.commands.drain import drain
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database
from tests.bench.scale import backlog, load, meter, shops, sizing

EVENTS: Final = 40_000
_WARM: Final = 5_000
_HOT: Final = 0.8
_DRAIN_SECONDS: Final = 1_800.0
_OURS: Final = ("gateway", "identity", "credit", "summary", "dedupe", "fanout")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One stack; `hot` is the first tenant's share of the events, 0 for an equal one; with
    `backlog` its stages are also measured one by one, each on all the events at once."""

    name: str
    replicas: int = 1
    tenants: int = 10
    hot: float = 0.0
    backlog: bool = False


@dataclass(frozen=True)
class Made:
    """What came of a case: events that went through all stages at once and what they cost, and
    events that each stage had to work off and what they cost it."""

    sent: int
    live: meter.Spent
    worked_off: int = 0
    backlog: Mapping[str, meter.Spent] = field(default_factory=dict)


CASES: Final = (
    Case(name="1 replica", backlog=True),
    Case(name="2 replicas", replicas=2, backlog=True),
    Case(name="4 replicas", replicas=4, backlog=True),
    Case(name="1 tenant", tenants=1),
    Case(name="1 tenant, 4 replicas", tenants=1, replicas=4, backlog=True),
    Case(name="100 tenants", tenants=100),
    Case(name="hot tenant", hot=_HOT),
)
BASE: Final = CASES[0].name


async def run(*, tell: Callable[[str], Any]) -> list[dict[str, Any]]:
    """A row a case, then a row a rate, computed from the first case."""
    events = int(os.environ.get("ATTRIBUTARY_BENCH_EVENTS", EVENTS))
    rows, costs = [], {}
    for case in CASES:
        tell(f"scale: {case.name}")
        made = await _measure(case, events)
        costs[case.name] = cost_of(made.live, made.sent)
        rows.append(row_of(case.name, made.sent, made.live))
        if made.backlog:
            rows.append(backlog_row(f"{case.name}, backlog", made.worked_off, made.backlog))
        tell("\n".join(str(row) for row in rows[-2 if made.backlog else -1 :]))
    full = sizing.saturation(costs[BASE])
    rows.append({"stage": "scale", "case": "full at (events/s)", **full})
    for rate in sizing.RATES:
        told = asdict(sizing.need(costs[BASE], rate))
        rows.append({"stage": "scale", "case": f"needs of {told.pop('rate'):,}/s", **told})
    return rows


def cost_of(spent: meter.Spent, events: int) -> sizing.Cost:
    """Of one event: ours and the servers', without the simulators and the shop."""
    kept = (*_OURS, *sizing.SERVERS)
    return sizing.Cost(
        cpu={name: spent.cpu.get(name, 0.0) / events for name in kept},
        wal_bytes=spent.wal_bytes / events,
        table_bytes=spent.table_bytes / events,
        log_bytes=spent.log_bytes / events,
    )


def row_of(name: str, events: int, spent: meter.Spent) -> dict[str, Any]:
    """Seconds of CPU and of waiting for locks are for 100,000 events."""
    each = {name: round(n / events * 1e5, 2) for name, n in spent.cpu.items() if n > 0}
    return {
        "stage": "scale",
        "case": name,
        "rate": round(events / spent.seconds),
        "cpu_s_per_100k": round(sum(each.get(name, 0.0) for name in (*_OURS, *sizing.SERVERS)), 1),
        "lock_s_per_100k": round(spent.lock_seconds / events * 1e5, 3),
        "deadlocks": spent.deadlocks,
        "machine_busy": round(spent.busy, 2),
        "cpu_s_per_100k_by": each,
        "wal_bytes": round(spent.wal_bytes / events),
        "table_bytes": round(spent.table_bytes / events),
        "log_bytes": round(spent.log_bytes / events),
    }


def backlog_row(name: str, events: int, stages: Mapping[str, meter.Spent]) -> dict[str, Any]:
    """All stages added up, and each of them: events a second, seconds of CPU (its own and the
    servers') and of waiting for locks for 100,000 events."""
    row = row_of(name, events, meter.together(stages.values()))
    each = {stage: row_of(stage, events, spent) for stage, spent in stages.items()}
    told = ("rate", "cpu_s_per_100k", "lock_s_per_100k")
    return row | {"stages": {stage: [one[key] for key in told] for stage, one in each.items()}}


async def _measure(case: Case, events: int) -> Made:
    with tempfile.TemporaryDirectory(prefix="attributary-scale-") as temporary:
        folder = StackFolder(Path(temporary))
        await asyncio.to_thread(folder.path.chmod, 0o711)
        quiet = Console(quiet=True)
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in backlog.PATIENCE.items():
                patch.setenv(variable, value)
            stack = await asyncio.to_thread(
                up, folder=folder, replicas=case.replicas, console=quiet
            )
        try:
            return await _spend(case, stack, events)
        finally:
            await asyncio.to_thread(down, folder=folder)


async def _spend(case: Case, stack: Stack, events: int) -> Made:
    environment = stack.environment
    gateway = environment["GATEWAY_URL"]
    made = await shops.make(case.tenants, environment)
    db = await Database.connect(environment["DATABASE_URL"], application_name="bench")
    try:
        async with Cluster(environment["KAFKA_BOOTSTRAP_SERVERS"]) as cluster:
            await _until_known(gateway, made)
            # The first batches fill caches and give Postgres its statistics.
            warm = await load.post(gateway, made, _WARM, first=0, hot=case.hot)
            await _drained(cluster, db, gateway)
            async with meter.measured(stack.folder, environment) as spent:
                first = warm // load.BATCH + 1
                sent = await load.post(gateway, made, events, first=first, hot=case.hot)
                await _drained(cluster, db, gateway)
            if not case.backlog:
                return Made(sent, spent)
            first += sent // load.BATCH + 1
            again, stages = await backlog.measure(
                stack, cluster, db, made, events=events, first=first
            )
            return Made(sent, spent, again, stages)
    finally:
        await db.close()


async def _until_known(gateway: str, made: list[shops.Shop]) -> None:
    """A gateway reads keys every few seconds."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await load.hello(gateway, made)
            except load.Unknown:
                await asyncio.sleep(0.2)


async def _drained(cluster: Cluster, db: Database, gateway: str) -> None:
    report = await drain(
        cluster=cluster, db=db, gateways=[gateway], timeout_seconds=_DRAIN_SECONDS, deliveries=True
    )
    if not report.drained:
        raise RuntimeError(f"not drained: {report.last}")
