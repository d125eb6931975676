"""`make bench`: every stage beside its floor, in one run, as a table and as JSON.

Absolute figures are this machine's at this moment; the ratios are what to compare. Stages can be
named to run only those: `python -m tests.bench identity summary`. Those that take long run only
when they are named: `identity-size` (ATTRIBUTARY_BENCH_TOUCHPOINTS, else ten million), `shadow`
and `paths` (ATTRIBUTARY_BENCH_CONVERSIONS, else a million), `deliveries`
(ATTRIBUTARY_BENCH_DELIVERIES, else a million), `backfill` (ATTRIBUTARY_BACKFILL_TOUCHES, else a
million), `gateway-kills` (twenty kills of the gateway and of the broker, or
ATTRIBUTARY_BENCH_KILLS), `analyst-views` (every view for analysts after
ATTRIBUTARY_BENCH_TOUCHPOINTS, else a million), `scale` (replicas, tenants and a hot one, with
ATTRIBUTARY_BENCH_EVENTS each, else 40,000; and what rates need), `fanout` (platforms that answer in
50 ms), `fanout-faults` (every platform, fault and kill point), and, which need neither Kafka nor
Postgres, `fuzz` (ATTRIBUTARY_FUZZ_INPUTS, else 220,000) and `journeys`
(ATTRIBUTARY_BENCH_JOURNEYS, else a million).
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from tests.bench import (
    analyst_views,
    backfill,
    credit,
    deliveries,
    end_to_end,
    gateway,
    gateway_kills,
    identity,
    identity_size,
    journeys,
    paths,
    restatement,
    shadow,
    summary,
)
from tests.bench.fanout import faults as fanout_faults
from tests.bench.fanout import load as fanout_load
from tests.bench.fuzz import running as fuzz
from tests.bench.fuzz.telling import tell as fuzz_table
from tests.bench.scale import run as scale
from tests.support.databases import Databases
from tests.support.history import History
from tests.support.servers import broker, postgres

OUTPUT = Path(".attributary/bench.json")
WIDTH = 150
COLUMNS = ("stage", "case", "rate", "floor_rate", "ratio", "cpu_s_per_100k", "target")

Rows = list[dict[str, Any]]


async def _gateway(bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn:
        rows = await gateway.run(bootstrap, dsn)
    return [
        {
            "stage": row["stage"],
            "case": row["case"],
            "rate": row["events_per_second"],
            "floor_rate": row["floor_events_per_second"],
            "ratio": row["ratio"],
            "cpu_s_per_100k": round(row["cpu_us_per_event"] / 10, 1),
            "floor_cpu_s_per_100k": round(row["floor_cpu_us_per_event"] / 10, 1),
            "target": row["target"],
        }
        for row in rows
    ]


async def _identity(_bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn, databases.fresh() as floor:
        for target in (dsn, floor):
            operator = await asyncpg.connect(target)
            await operator.execute("INSERT INTO tenants (tenant_id) VALUES ('bench')")
            await operator.close()
        return [{**row, "target": 0.4} for row in await identity.run(dsn, floor)]


async def _credit(bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn:
        return [{**row, "target": "1500/s"} for row in await credit.run(dsn, bootstrap)]


async def _summary(_bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn:
        return await summary.run(dsn)


async def _restatement(_bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn:
        return await restatement.run(dsn)


async def _identity_size(_bootstrap: str, databases: Databases) -> Rows:
    return await identity_size.run(databases, tell=Console(stderr=True).print)


async def _shadow(_bootstrap: str, databases: Databases) -> Rows:
    return await shadow.run(databases, tell=Console(stderr=True).print)


async def _paths(_bootstrap: str, databases: Databases) -> Rows:
    async with databases.fresh() as dsn:
        return await paths.run(dsn, tell=Console(stderr=True).print)


async def _deliveries(_bootstrap: str, databases: Databases) -> Rows:
    return await deliveries.run(databases, tell=Console(stderr=True).print)


async def _analyst_views(_bootstrap: str, databases: Databases) -> Rows:
    return await analyst_views.run(databases, tell=Console(stderr=True).print)


async def _gateway_kills(bootstrap: str, databases: Databases) -> Rows:
    rounds = int(os.environ.get("ATTRIBUTARY_BENCH_KILLS", gateway_kills.ROUNDS))
    tell = Console(stderr=True).print
    return await gateway_kills.run(databases, bootstrap, rounds=rounds, tell=tell)


async def _fanout(bootstrap: str, databases: Databases) -> Rows:
    return await fanout_load.run(databases, bootstrap, tell=Console(stderr=True).print)


async def _fanout_faults(bootstrap: str, databases: Databases) -> Rows:
    return await fanout_faults.run(databases, bootstrap, tell=Console(stderr=True).print)


STAGES: dict[str, Callable[[str, Databases], Awaitable[Rows]]] = {
    "gateway": _gateway,
    "identity": _identity,
    "credit": _credit,
    "summary": _summary,
    "restatement": _restatement,
    "identity-size": _identity_size,
    "shadow": _shadow,
    "paths": _paths,
    "deliveries": _deliveries,
    "analyst-views": _analyst_views,
    "gateway-kills": _gateway_kills,
    "fanout": _fanout,
    "fanout-faults": _fanout_faults,
}
LONG = (
    "identity-size", "shadow", "paths", "deliveries", "analyst-views", "gateway-kills", "fanout",
    "fanout-faults",
)  # fmt: skip


async def _staged(names: list[str], console: Console) -> Rows:
    rows: Rows = []
    with broker() as kafka, postgres() as server:
        databases = Databases(server.dsn)
        for name in names:
            console.print(f"measuring {name}")
            rows += await STAGES[name](kafka.bootstrap, databases)
        await databases.drop_template()
    return rows


def main() -> None:
    """Measure, print, and keep the JSON."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    wanted = sys.argv[1:] or [*(name for name in STAGES if name not in LONG), "end_to_end"]
    staged = [name for name in wanted if name in STAGES]
    rows = asyncio.run(_staged(staged, console)) if staged else []
    if "backfill" in wanted:
        touches = int(os.environ.get("ATTRIBUTARY_BACKFILL_TOUCHES", backfill.TOUCHES))
        rows += asyncio.run(backfill.run(History(touches), tell=Console(stderr=True).print))
    sound = True
    if "fuzz" in wanted:
        rows += (found := fuzz.run(tell=Console(stderr=True).print))
        sound = fuzz_table(found, console)
    if "journeys" in wanted:
        rows += journeys.run(tell=Console(stderr=True).print)
    if "scale" in wanted:
        rows += asyncio.run(scale.run(tell=Console(stderr=True).print))
    if "end_to_end" in wanted:
        console.print("measuring end to end")
        rows += asyncio.run(end_to_end.run())
    table = Table(*COLUMNS, "more")
    for row in rows:
        if row["stage"] == "fuzz":
            continue
        more = ", ".join(f"{name} {row[name]}" for name in row if name not in COLUMNS)
        table.add_row(*(str(row.get(name, "")) for name in COLUMNS), more)
    if table.row_count:
        console.print(table)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(rows, indent=1) + "\n")
    console.print(f"also in {OUTPUT}")
    if not sound:
        sys.exit(1)


if __name__ == "__main__":
    main()
