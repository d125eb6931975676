"""What a stack spends: CPU by process, waits for locks, bytes of WAL, tables and log."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

import asyncpg
import psutil

from deploy.local.folder import StackFolder
from deploy.local.statefile import read_state

_SAMPLE_SECONDS: Final = 0.05
_WAITING: Final = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""
_WRITTEN: Final = """SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS wal,
    pg_database_size(current_database()) AS tables,
    (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) AS deadlocks"""


@dataclass(slots=True)
class Spent:
    """Between two moments. CPU in seconds by processor (all its replicas) or server; `waiting` is
    how many sessions of Postgres waited for a lock, on average; `busy` the share (0 to 1) of the
    machine's cores that was in use, the load generator's included."""

    seconds: float = 0.0
    cpu: Mapping[str, float] = field(default_factory=dict)
    waiting: float = 0.0
    deadlocks: int = 0
    wal_bytes: int = 0
    table_bytes: int = 0
    log_bytes: int = 0
    busy: float = 0.0

    @property
    def lock_seconds(self) -> float:
        """Seconds that sessions waited for locks, added up."""
        return self.waiting * self.seconds


def together(parts: Iterable[Spent]) -> Spent:
    """One after the other."""
    all_of = list(parts)
    cpu: Counter[str] = Counter()
    for part in all_of:
        cpu.update(part.cpu)
    seconds = sum(part.seconds for part in all_of) or 1.0
    return Spent(
        seconds=seconds,
        cpu=cpu,
        waiting=sum(part.lock_seconds for part in all_of) / seconds,
        deadlocks=sum(part.deadlocks for part in all_of),
        wal_bytes=sum(part.wal_bytes for part in all_of),
        table_bytes=sum(part.table_bytes for part in all_of),
        log_bytes=sum(part.log_bytes for part in all_of),
        busy=sum(part.busy * part.seconds for part in all_of) / seconds,
    )


def cpu(folder: StackFolder) -> dict[str, float]:
    """CPU seconds so far by processor or server, with what their ended children have used."""
    found: dict[str, float] = defaultdict(float)
    state = read_state(folder.state)
    for row in state.rows if state else ():
        if row.pid is None:
            continue
        found[processor(row.name)] += _tree(psutil.Process(row.pid))
    return found


def processor(row: str) -> str:
    """Of which processor or server a row of the stack is."""
    name, _, number = row.rpartition("-")
    return name if number.isdigit() else row


def _tree(root: psutil.Process) -> float:
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@asynccontextmanager
async def measured(folder: StackFolder, environment: Mapping[str, str]) -> AsyncIterator[Spent]:
    """What the block spends; complete when it has ended."""
    spent, samples = Spent(), Counter[str]()
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    watching = await asyncpg.connect(environment["DATABASE_URL"])

    async def watch() -> None:
        while True:
            samples["waiting"] += await watching.fetchval(_WAITING)
            samples["samples"] += 1
            await asyncio.sleep(_SAMPLE_SECONDS)

    try:
        before, log = cpu(folder), _size(folder.kafka)
        written = await _written(connection)
        idle = psutil.cpu_times()
        task, began = asyncio.create_task(watch()), monotonic()
        yield spent
        spent.seconds = monotonic() - began
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        after = await _written(connection)
        spent.cpu = {name: n - before.get(name, 0.0) for name, n in cpu(folder).items()}
        spent.waiting = samples["waiting"] / max(1, samples["samples"])
        spent.deadlocks = after["deadlocks"] - written["deadlocks"]
        spent.wal_bytes = after["wal"] - written["wal"]
        spent.table_bytes = after["tables"] - written["tables"]
        spent.log_bytes = _size(folder.kafka) - log
        cores = psutil.cpu_count() or 1
        spent.busy = 1 - (psutil.cpu_times().idle - idle.idle) / (spent.seconds * cores)
    finally:
        await connection.close()
        await watching.close()


async def _written(connection: "asyncpg.Connection[asyncpg.Record]") -> asyncpg.Record:
    row = await connection.fetchrow(_WRITTEN)
    assert row is not None
    return row


def _size(folder: Path) -> int:
    """Bytes of the log's segments; indexes are allocated ahead and tell nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*.log") if path.parent != folder)
