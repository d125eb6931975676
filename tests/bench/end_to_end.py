"""The whole stack under load: how many touchpoints a second go through, and how soon an order is
in the summary. Everything runs on this machine, the load generator included.

Sustained rate: batches of 100 touchpoints are posted as fast as the gateway takes them, an order
for every fifty; the clock stops when the log is drained. Latency: 500 events a second, one order
in fifty, each timed from its acknowledgement until its row is visible.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import psutil

from deploy.demo.latency import percentiles
from deploy.local.down import down
from deploy.local.folder import StackFolder
from deploy.local.up import Stack, up
from processors.commands.drain import drain
from processors.domain.ids import conversion_id
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database
from tests.bench.shoppers import order, post, touch

BATCH = 100
ORDER_EVERY = 50
CONNECTIONS = 4
SEEN = """
SELECT conversion_id FROM credit_rows WHERE tenant_id = 'demo' AND conversion_id = ANY($1::text[])
"""


async def run(*, touches: int = 60_000, latency_seconds: float = 20.0) -> list[dict[str, Any]]:
    """Two rows, on a stack of its own."""
    with tempfile.TemporaryDirectory(prefix="attributary-bench-") as temporary:
        folder = StackFolder(Path(temporary))
        await asyncio.to_thread(folder.path.chmod, 0o711)
        stack = await asyncio.to_thread(up, folder=folder)
        try:
            return await _measure(stack, touches, latency_seconds)
        finally:
            await asyncio.to_thread(down, folder=folder)


async def _measure(stack: Stack, touches: int, latency_seconds: float) -> list[dict[str, Any]]:
    environment = stack.environment
    headers = {"Authorization": f"Bearer {environment['ATTRIBUTARY_API_KEY']}"}
    db = await Database.connect(environment["DATABASE_URL"], application_name="bench")
    try:
        async with (
            Cluster(environment["KAFKA_BOOTSTRAP_SERVERS"]) as cluster,
            httpx.AsyncClient(
                base_url=environment["GATEWAY_URL"], headers=headers, timeout=60
            ) as client,
        ):
            # The first batches fill caches and give Postgres its statistics.
            await _post_all(client, 5_000, first=0)
            await _drained(cluster, db, environment)
            cpu, began = _cpu(), monotonic()
            await _post_all(client, touches, first=5_000)
            posted = monotonic() - began
            await _drained(cluster, db, environment)
            seconds = monotonic() - began
            spent = _cpu() - cpu
            low, high = await _latency(client, db, latency_seconds)
    finally:
        await db.close()
    orders = touches // ORDER_EVERY
    return [
        {
            "stage": "end to end",
            "case": "touchpoints, 1 order in 50",
            "rate": round(touches / seconds),
            "posted_rate": round(touches / posted),
            "cpu_s_per_100k": round(spent / (touches + orders) * 100_000, 1),
            "target_rate": 3000,
        },
        {
            "stage": "order to summary",
            "case": "500 events/s",
            "p50_seconds": round(low, 3),
            "p95_seconds": round(high, 3),
            "target_p95_seconds": 1.0,
        },
    ]


def _touch(n: int, now: int) -> dict[str, Any]:
    return touch(f"bench-{now}-{n}", n, now)


def _order(n: int, now: int) -> dict[str, Any]:
    return order(f"bench-{now}-{n}", n, now)


async def _post_all(client: httpx.AsyncClient, touches: int, *, first: int) -> None:
    starts = iter(range(first, first + touches, BATCH))

    async def worker() -> None:
        for start in starts:
            now = wall_clock()
            await post(client, "/v1/touchpoints", [_touch(start + n, now) for n in range(BATCH)])
            orders = [_order(start + n, now) for n in range(0, BATCH, ORDER_EVERY)]
            await post(client, "/v1/orders", orders)

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


async def _drained(cluster: Cluster, db: Database, environment: Any) -> None:
    report = await drain(
        cluster=cluster, db=db, gateways=[environment["GATEWAY_URL"]], timeout_seconds=600
    )
    if not report.drained:
        raise RuntimeError(f"not drained: {report.last}")


async def _latency(client: httpx.AsyncClient, db: Database, seconds: float) -> tuple[float, float]:
    """Ten requests a second: 49 touches and an order, from its acknowledgement to its row."""
    waiting: dict[str, float] = {}
    found: list[float] = []
    posting = True

    async def watch() -> None:
        while posting or waiting:
            async with db.connection() as conn:
                rows = await conn.fetch(SEEN, list(waiting))
            now = monotonic()
            found.extend(now - waiting.pop(row["conversion_id"]) for row in rows)
            await asyncio.sleep(0.01)

    async def one(n: int) -> None:
        now = wall_clock()
        await post(client, "/v1/touchpoints", [_touch(n * 50 + m, now) for m in range(49)])
        made = _order(n, now)
        await post(client, "/v1/orders", [made])
        waiting[conversion_id("demo", "api", made["order_id"])] = monotonic()

    watching = asyncio.ensure_future(watch())
    began = monotonic()
    sending: list[asyncio.Task[None]] = []
    for n in range(int(seconds * 10)):
        await asyncio.sleep(max(0.0, began + n / 10 - monotonic()))
        sending.append(asyncio.ensure_future(one(n)))
    await asyncio.gather(*sending)
    posting = False
    await asyncio.wait_for(watching, 60)
    return percentiles(found)


def _cpu() -> float:
    """CPU seconds of everything that this machine runs for us: children, load generator too."""
    total = sum(os.times()[:2])
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
