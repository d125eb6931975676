"""The views over deliveries, as an analyst asks them: milliseconds each.

`run(databases)` makes a shop of ninety days: every event delivered to two platforms, one in five of
them an order's purchase, one in 33 tried twice, one in fifty parked, one in a hundred rejected.
ATTRIBUTARY_BENCH_DELIVERIES, else a million.
"""

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final

import asyncpg

from tests.bench.analyst import analyst_of
from tests.support.databases import Databases

DELIVERIES: Final = int(os.environ.get("ATTRIBUTARY_BENCH_DELIVERIES", "1000000"))
ROUNDS: Final = 3
TARGET_MS: Final = 1_000
TENANT: Final = "bench"
DAYS: Final = 90

_AT: Final = f"now() - n * interval '{DAYS} days' / $1"
_ID: Final = f"attributary_platform_event_id('{TENANT}', p, name, 'e' || n, 'shopify', o, NULL)"
_EVENTS: Final = f"""
SELECT n, {_AT} AS at, CASE WHEN n % 5 = 0 THEN 'Purchase' ELSE 'AddToCart' END AS name,
    CASE WHEN n % 5 = 0 THEN (n / 5)::text END AS o
FROM generate_series(1, $1::int) AS n"""
_FILL: Final = (
    f"""INSERT INTO pixel_events (tenant_id, event_id, source, event_type, occurred_at, received_at,
    anchor, order_source, order_id, raw_data, content_hash)
    SELECT '{TENANT}', 'e' || n, 'events', name, at, at, 'visitor:' || n / 7,
        CASE WHEN o IS NOT NULL THEN 'shopify' END, o, jsonb_build_object('url', repeat('x', 300)),
        md5(n::text)
    FROM ({_EVENTS}) AS e ORDER BY at""",
    f"""INSERT INTO conversions (tenant_id, conversion_id, source, order_id, refunded, net,
    converted_at, status, state, deliverable, folded)
    SELECT '{TENANT}', md5(o), 'shopify', o, 0, 4999, at, 'paid', 'ready', true,
        jsonb_build_object('received_at', extract(epoch FROM at)::bigint * 1000)
    FROM ({_EVENTS}) AS e WHERE o IS NOT NULL ORDER BY at""",
    f"""INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, order_id,
    occurred_at, state, attempts, next_attempt_at, deadline_at, first_attempt_at, finished_at,
    published, payload)
    SELECT '{TENANT}', p, {_ID}, 'event', name, o, at,
        CASE WHEN n % 50 = 0 THEN 'parked' WHEN n % 100 = 1 THEN 'rejected' ELSE 'sent' END,
        1, at, now() + n % 100 * interval '1 hour', at, CASE WHEN n % 50 > 0 THEN at END, true,
        jsonb_build_object('value', 4999, 'currency', 'USD', 'source', 'shopify',
            'source_event_id', 'e' || n, 'browser', repeat('x', 400))
    FROM ({_EVENTS}) AS e CROSS JOIN unnest(ARRAY['ga4', 'meta']) AS p ORDER BY at""",
    f"""INSERT INTO capi_delivery_log (tenant_id, platform, event_id, kind, event_name, order_id,
    attempt, status, http_status, request_digest, latency_ms, created_at)
    SELECT '{TENANT}', p, {_ID}, 'event', name, o, attempt,
        CASE WHEN n % 50 = 0 OR attempt = 1 AND n % 33 = 0 THEN 'retry'
            WHEN n % 100 = 1 THEN 'rejected' ELSE 'sent' END,
        200, md5(n::text), n % 700, at
    FROM ({_EVENTS}) AS e CROSS JOIN unnest(ARRAY['ga4', 'meta']) AS p
    CROSS JOIN generate_series(1, CASE WHEN n % 33 = 0 THEN 2 ELSE 1 END) AS attempt ORDER BY at""",
    """INSERT INTO delivery_dlq
    SELECT tenant_id, platform, event_id, kind, state, 'bad', 1, finished_at
    FROM deliveries WHERE state = 'rejected' AND $1::int > 0""",
)

_OWN: Final = f"tenant_id = '{TENANT}'"
_SINCE: Final = "date >= current_date - {}"
_LAST_DAY: Final = "occurred_at >= now() - interval '1 day'"
QUESTIONS: Final = {
    "log of an order": f"SELECT * FROM delivery_log WHERE {_OWN} AND order_id = '7'",
    "log, newest 50": f"SELECT * FROM delivery_log WHERE {_OWN} ORDER BY created_at DESC LIMIT 50",
    "health, a day": f"SELECT * FROM delivery_health WHERE {_OWN} AND date = current_date - 1",
    "health, 7 days": f"SELECT * FROM delivery_health WHERE {_OWN} AND {_SINCE.format(6)}",
    "failed platforms, 7 days": (
        f"SELECT * FROM delivery_failed_platforms WHERE {_OWN} AND {_SINCE.format(6)}"
    ),
    "revenue at risk": f"SELECT * FROM delivery_revenue_at_risk WHERE {_OWN}",
    "latency p95, a day": (
        "SELECT platform, percentile_disc(0.95) WITHIN GROUP (ORDER BY received_to_accepted_ms)"
        f" FROM conversion_latencies WHERE {_OWN} AND {_LAST_DAY} GROUP BY platform"
    ),
    "dead letters": f"SELECT * FROM delivery_dead_letters WHERE {_OWN}",
    "parity, a day": f"SELECT * FROM delivery_parity WHERE {_OWN} AND date = current_date - 1",
    "parity, 7 days": f"SELECT * FROM delivery_parity WHERE {_OWN} AND {_SINCE.format(6)}",
    "ids without a delivery, a day": (
        f"SELECT * FROM delivery_parity_events WHERE {_OWN} AND {_LAST_DAY}"
        " AND server_state IS NULL"
    ),
    "dedupe quality, 14 days": (
        f"SELECT * FROM deduplication_quality WHERE {_OWN} AND {_SINCE.format(13)}"
    ),
}


async def fill(dsn: str, deliveries: int) -> None:
    """Make the shop."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("INSERT INTO tenants VALUES ($1)", TENANT)
        for statement in _FILL:
            await conn.execute(statement, deliveries // 2)
        await conn.execute("VACUUM ANALYZE")
    finally:
        await conn.close()


async def run(
    databases: Databases, *, deliveries: int = DELIVERIES, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A row a question; times in milliseconds, the first round not counted."""
    async with databases.fresh() as dsn:
        await fill(dsn, deliveries)
        async with analyst_of(dsn, TENANT) as analyst:
            return [
                await _asked(analyst, case, query, deliveries, tell)
                for case, query in QUESTIONS.items()
            ]


async def _asked(
    analyst: "asyncpg.Connection[asyncpg.Record]",
    case: str,
    query: str,
    deliveries: int,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    times: list[float] = []
    found: list[asyncpg.Record] = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        found = await analyst.fetch(query)
        times.append((time.perf_counter() - began) * 1_000)
    took = median(times[1:])
    tell(f"{case}: {took:.1f} ms, {len(found)} rows")
    return {
        "stage": "deliveries",
        "case": case,
        "target": f"{TARGET_MS} ms",
        "ms": round(took, 1),
        "rows": len(found),
        "size": f"{deliveries:,} deliveries",
    }
