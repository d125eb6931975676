"""`analytics/signal-health-daily`: how sound each platform's signal was on the latest days, today
among them; and `check-pipeline-health`, which looks at today alone, and tells.

What is told: the gauge of each signal's health and of each consuming group's lag, and in the run's
detail the signals that are not sound, the jobs that failed and the lags, on which the alerts of
pipeline_lag_records stand.
"""

from datetime import UTC, date, datetime
from typing import Any, Final

from processors.domain.quality import signal
from processors.domain.quality.measure import share
from processors.engine import kafka
from processors.engine.lag import behind, by_group
from processors.engine.postgres import Connection, Row
from processors.schedule import store
from processors.schedule.quality.measuring import QUERIES, days_of, measure, put
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

GAUGE: Final = "attributary_signal_health_score"
LAG: Final = "attributary_group_lag_records"
_SOUND: Final = ("ok", "risk")
_BAD_ENDS: Final = ("failed", "abandoned")


async def snapshot(tools: Tools, tenant: str | None) -> Detail:
    """Measure, then judge, every tenant or the one."""
    since, now = days_of(tools)
    async with tools.db.connection() as conn:
        await measure(conn, since=since, now=now, tenant=tenant)
        return {"judged": await judge(conn, since=since, now=now, tenant=tenant)}


async def check(tools: Tools, tenant: str | None) -> Detail:
    """Judge today by what was measured last, set the gauges, and say what is not sound; of the
    brokers, which belong to no tenant, only when it is about all.

    Raises:
        Failed: when the brokers do not answer; the rest is done then.
    """
    now = tools.clock()
    today = datetime.fromtimestamp(now / 1_000, UTC).date()
    async with tools.db.connection() as conn:
        judged = await judge(conn, since=today, now=now, tenant=tenant)
        rows = await conn.fetch(QUERIES["standing"], today, tenant)
        runs = await store.shown_runs(conn)
    if tenant is None:
        tools.metrics.forget(GAUGE)
    for row in rows:
        where = {"tenant": row["tenant_id"], "platform": row["platform"]}
        tools.metrics.gauge(GAUGE, row["health_score"], **where)
    detail: Detail = {
        "judged": judged,
        "unsound": [dict(row) for row in rows if row["status"] not in _SOUND],
        "failed_jobs": sorted(n for n, run in runs.items() if run["outcome"] in _BAD_ENDS),
    }
    if tenant is None:
        detail["lag"] = await _lag(tools, detail)
    return detail


async def _lag(tools: Tools, detail: Detail) -> dict[str, int]:
    try:
        async with tools.cluster() as cluster:
            found = by_group(await behind(cluster))
    except Exception as error:
        if not kafka.is_transient(error):
            raise
        raise Failed("the brokers do not answer", detail) from error
    for group, records in found.items():
        tools.metrics.gauge(LAG, records, group=group)
    return found


async def judge(conn: Connection, *, since: date, now: int, tenant: str | None) -> int:
    """Write how sound the signals were since that UTC day; how many rows."""
    rows = await conn.fetch(QUERIES["signals"], since, now, tenant)
    await put(conn, "put_health", [_judged(row) for row in rows])
    return len(rows)


def _judged(row: Row) -> dict[str, Any]:
    score = None if row["emq_score"] is None or not row["received"] else float(row["emq_score"])
    found = signal.health(
        score,
        accepted_pct=share(row["accepted"], row["received"]),
        freshness_hours=float(row["freshness_hours"]),
        anomalies=row["anomalies"],
    )
    return {
        "tenant_id": row["tenant_id"],
        "date": row["date"],
        "platform": row["platform"],
        "status": signal.status(score, found),
        "emq_score": score,
        "conversion_volume": row["purchases"],
        "data_freshness_hours": row["freshness_hours"],
        "anomaly_count": row["anomalies"],
        "health_score": found,
        "health_state": signal.state(found),
    }
