"""A history in random order through the whole stack, one process a processor, judged by the oracle.

It is fed straight to Kafka, as `import` does; the gateway's door has a bench of its own. The clock
stops when the log is drained. Beside the rate: how often each conversion was looked at, credited
and summed, which is what a storm of restatements would show in.
"""

import asyncio
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

import asyncpg

from deploy.local.down import down
from deploy.local.folder import StackFolder
from deploy.local.up import Stack, up
from processors.commands.drain import Standing, drain, summarise
from processors.commands.restated import restated
from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.postgres import Database
from processors.engine.processor import Emit
from tests.oracle.judge import judge_each
from tests.support.history import History

TOUCHES: Final = 1_000_000
MOST_LOOKS: Final = 5.0
"""Of a conversion; more is a storm."""
_CHUNK: Final = 2_000
_PATIENCE_SECONDS: Final = 3_600.0
_PROGRESS_SECONDS: Final = 15.0

Tell = Callable[[str], None]


class Differs(Exception):
    """The tables are not what the log gives."""


async def run(history: History, *, tell: Tell) -> list[dict[str, Any]]:
    """One row, on a stack of its own.

    Raises:
        Differs: with the first differences.
    """
    with tempfile.TemporaryDirectory(prefix="attributary-backfill-") as temporary:
        folder = StackFolder(Path(temporary))
        await asyncio.to_thread(folder.path.chmod, 0o711)
        stack = await asyncio.to_thread(up, folder=folder)
        try:
            return [await _measure(stack, history, tell=tell)]
        finally:
            await asyncio.to_thread(down, folder=folder)


async def _measure(stack: Stack, history: History, *, tell: Tell) -> dict[str, Any]:
    bootstrap, dsn = (stack.environment[n] for n in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"))
    operator = await asyncpg.connect(dsn)
    await operator.executemany("INSERT INTO tenants VALUES ($1)", [(n,) for n in history.names()])
    await operator.close()
    db = await Database.connect(dsn, application_name="backfill")
    try:
        async with Cluster(bootstrap) as cluster:
            began = monotonic()
            await _feed(bootstrap, history, tell=tell)
            fed = monotonic() - began
            report = await drain(
                cluster=cluster, db=db, gateways=[stack.environment["GATEWAY_URL"]],
                timeout_seconds=_PATIENCE_SECONDS, watch=_telling(tell),
            )  # fmt: skip
            seconds = monotonic() - began
        if not report.drained:
            raise Differs(f"not drained: {summarise(report.last)}")
        counted = await restated(db=db)
    finally:
        await db.close()
    tell(f"drained after {seconds:.0f} s; asking the oracle")
    began = monotonic()
    differences, size = await judge_each(bootstrap=bootstrap, prefix="", dsn=dsn, tell=tell)
    if differences:
        raise Differs("\n".join(differences))
    return {
        "stage": "backfill",
        "case": f"{history.touches:,} touches, {history.orders:,} orders, random order",
        "rate": round(history.records / seconds),
        "fed_rate": round(history.records / fed),
        "looks": counted.each(counted.pointers),
        "credited": counted.each(counted.answered),
        "summed": counted.each(counted.applied),
        "target_looks": MOST_LOOKS,
        "oracle": f"equal, {size}, {monotonic() - began:.0f} s",
    }


async def _feed(bootstrap: str, history: History, *, tell: Tell) -> None:
    producer = Producer(bootstrap)
    await producer.start()
    due, sent, arrivals = monotonic() + _PROGRESS_SECONDS, 0, history.arrivals()
    try:
        while chunk := list(islice(arrivals, _CHUNK)):
            await producer.send_all([Emit(topic, record) for topic, record in chunk])
            sent += len(chunk)
            if monotonic() > due:
                due = monotonic() + _PROGRESS_SECONDS
                tell(f"fed {sent:,} of {history.records:,}")
    finally:
        await producer.stop()


def _telling(tell: Tell) -> Callable[[Standing], None]:
    due = [0.0]

    def watch(standing: Standing) -> None:
        if monotonic() > due[0]:
            due[0] = monotonic() + _PROGRESS_SECONDS
            tell(summarise(standing))

    return watch
