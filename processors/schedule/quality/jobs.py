"""The rows of quality in the table of jobs, and those whose whole work is one statement."""

from datetime import date
from typing import Final

from processors.engine.postgres import Connection
from processors.schedule.quality.health import check, snapshot
from processors.schedule.quality.measuring import QUERIES, days_of, refresh
from processors.schedule.store import Detail
from processors.schedule.tools import Job, Tools


async def aggregate_latencies(tools: Tools, tenant: str | None) -> Detail:
    """`analytics/latency-aggregation`: exact percentiles of whole days; they do not add up, so a
    day to which acceptances still come is computed anew."""
    return {"rows": await _write(tools, "put_latencies", tenant)}


async def snapshot_data_quality(tools: Tools, tenant: str | None) -> Detail:
    """`analytics/attribution-data-quality-snapshot`: the completeness of the latest days."""
    return {"days": await _write(tools, "put_snapshots", tenant)}


async def _write(tools: Tools, query: str, tenant: str | None) -> int:
    since, now = days_of(tools)
    async with tools.db.connection() as conn:
        return await write(conn, query, since=since, now=now, tenant=tenant)


async def write(conn: Connection, query: str, *, since: date, now: int, tenant: str | None) -> int:
    """One statement that computes and writes the UTC days since then; how many rows."""
    told = await conn.execute(QUERIES[query], since, now, tenant)
    return int(told.rpartition(" ")[2])


ROWS: Final = (
    Job("analytics/attribution-data-quality-snapshot", "snapshot_seconds", snapshot_data_quality),
    Job("analytics/emq-refresh", "match_quality_seconds", refresh),
    Job("analytics/latency-aggregation", "latency_seconds", aggregate_latencies),
    Job("analytics/signal-health-daily", "snapshot_seconds", snapshot),
    Job("check-pipeline-health", "pipeline_seconds", check),
)
