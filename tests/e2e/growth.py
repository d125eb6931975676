"""What may not grow while a stack works: memory and descriptors of each process, connections of the
database, and what a row costs on its disk."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Final

import asyncpg
import psutil

from tests.e2e.stack import Stack

EVERY_SECONDS: Final = 2.0
# A platform that counts remembers what it counted; the servers' memory is theirs.
OURS: Final = ("gateway", "identity", "credit", "summary", "dedupe", "fanout", "schedule")
ALLOWED: Final = {"memory": 1.15, "descriptors": 1.1, "connections": 1.1, "bytes a row": 1.5}
"""The peak of the last quarter over that of the first. A table may hold the dead rows that
autovacuum leaves until a fifth of it is dead, and the pages that were once full of them."""
SMALL: Final = 4 * 2**20
"""A table below this many bytes grows by what one page is, not by what a row costs."""
_CONNECTIONS: Final = """SELECT application_name, count(*) AS n FROM pg_stat_activity
WHERE application_name LIKE 'attributary-%' GROUP BY application_name"""
_TABLES: Final = """SELECT relname, pg_total_relation_size(relid) AS bytes, n_live_tup AS live
FROM pg_stat_user_tables WHERE n_live_tup > 0"""
# Few rows, each changed with every batch: where vacuum did not keep up, these would show it first.
_CHANGED: Final = """SELECT relname, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables
WHERE relname IN ('consumed_offsets', 'outcome_counts', 'identity_dirty', 'conversions_due',
    'delivery_gates', 'conservation_offsets', 'job_runs')"""

Name = tuple[str, str]
"""What is measured, and of what."""
Series = dict[Name, list[float]]


async def watch(stack: Stack, *, seconds: float, warm_share: float) -> Series:
    """Samples from the end of the warm-up until the end."""
    processes = {name: psutil.Process(stack.pids()[name]) for name in OURS}
    series: Series = defaultdict(list)
    connection = await asyncpg.connect(stack.dsn)
    began = monotonic()
    try:
        while (elapsed := monotonic() - began) < seconds:
            if elapsed >= warm_share * seconds:
                for name, process in processes.items():
                    series["memory", name].append(process.memory_info().rss)
                    series["descriptors", name].append(process.num_fds())
                for row in await connection.fetch(_CONNECTIONS):
                    series["connections", row["application_name"]].append(row["n"])
                for row in await connection.fetch(_TABLES):
                    if row["bytes"] >= SMALL:
                        cost = row["bytes"] / row["live"]
                        series["bytes a row", row["relname"]].append(cost)
                for row in await connection.fetch(_CHANGED):
                    series["bytes", row["relname"]].append(row["bytes"])
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        await connection.close()
    return series


def grown(series: Series) -> dict[Name, str]:
    """Those whose peak of the last quarter lies above that of the first by more than is allowed:
    peaks, since an allocator gives back what it likes when it likes."""
    found = {}
    for name, samples in series.items():
        before, after = _peaks(samples)
        most = ALLOWED[name[0]] * before if name[0] in ALLOWED else before + SMALL
        if after > most:
            found[name] = f"{before:,.0f} became {after:,.0f}"
    return found


def _peaks(samples: Sequence[float]) -> tuple[float, float]:
    quarter = max(1, len(samples) // 4)
    return max(samples[:quarter]), max(samples[-quarter:])
