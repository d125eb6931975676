"""Every view of the analysts, warm, for the largest tenant and for 30 days and a year, beside its
target.

Asked by a login of the tenant's analyst, so under row-level security. A view that has a model and a
window is asked for one of each, as a page asks; a question about a view that the database does not
have is told as missing. ATTRIBUTARY_BENCH_TOUCHPOINTS, else a million, are seeded, unless
ATTRIBUTARY_BENCH_SEEDED names a database that `make seed` has filled. With
ATTRIBUTARY_BENCH_EXPLAIN the plan of each that misses its target is kept in `.attributary/explain`.
"""

import os
import re
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

import asyncpg

from tests.bench.analyst import analyst_of
from tests.bench.seed.filling import seed
from tests.bench.seed.people import Size, name
from tests.support.databases import Databases

Analyst: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TOUCHPOINTS: Final = int(os.environ.get("ATTRIBUTARY_BENCH_TOUCHPOINTS", "1000000"))
ROUNDS: Final = 5
SPANS: Final = {"30 days": 30, "a year": 365}
PAGE_MS, PATHS_MS, COHORTS_MS = 100, 1_000, 2_000
PLANS: Final = Path(".attributary/explain")
_GIVE_UP_MS: Final = 60_000

_DATES: Final = (
    "date", "hour", "measurement_date", "period_date", "batch_date", "cohort", "cohort_month",
    "converted_at", "occurred_at", "last_touch_at", "created_at",
)  # fmt: skip
_ONE_OF: Final = {
    "model": "linear", "attribution_window": "30d", "basis": "cash", "level": "channel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """A view, what a page reads of it, and what that may cost."""

    name: str
    target_ms: int = PAGE_MS
    newest: str = ""
    """Of a list: its order; a page of 50 is read."""
    spans: bool = True


VIEWS: Final = (
    View("attribution_overview"),
    View("attribution_channel_summary"),
    View("attribution_channel_summary_cash"),
    View("attribution_campaign_summary"),
    View("attribution_channels"),
    View("attribution_customers"),
    View("attribution_channel_customers"),
    View("attribution_model_comparison"),
    View("attribution_platform_comparison"),
    View("attribution_roas_index"),
    View("attribution_realtime", spans=False),
    View("attribution_products"),
    View("attribution_view_through"),
    View("attribution_platform_reach"),
    View("attribution_spend_facts"),
    View("platform_daily_spend"),
    View("attribution_campaign_roas"),
    View("creative_performance"),
    View("emq_score_history"),
    View("conversion_latency"),
    View("offline_batches"),
    View("dedupe_quality"),
    View("signal_health"),
    View("signal_health_summary"),
    View("attribution_coverage"),
    View("attribution_influencer_metrics"),
    View("delivery_health"),
    View("deduplication_quality"),
    View("delivery_parity"),
    View("attribution_journeys", PATHS_MS, newest="converted_at DESC, conversion_id DESC"),
    View("attribution_journeys_open", PATHS_MS, newest="last_touch_at DESC"),
    View("attribution_unattributed_orders", PATHS_MS, newest="converted_at DESC"),
    View("pixel_event_log", PATHS_MS, newest="occurred_at DESC"),
    View("attribution_top_paths", PATHS_MS),
    View("attribution_path_lengths", PATHS_MS),
    View("attribution_assists", PATHS_MS),
    View("attribution_cohorts", COHORTS_MS),
)
_COLUMNS: Final = "SELECT column_name FROM information_schema.columns WHERE table_name = $1"


async def run(
    databases: Databases, *, touchpoints: int = TOUCHPOINTS, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A row a question; times in milliseconds."""
    async with AsyncExitStack() as stack:
        if not (dsn := os.environ.get("ATTRIBUTARY_BENCH_SEEDED", "")):
            dsn = await stack.enter_async_context(databases.fresh())
            yesterday = datetime.now(UTC).date() - timedelta(days=1)
            await seed(dsn, Size(touchpoints, yesterday), tell=tell)
        analyst = await stack.enter_async_context(analyst_of(dsn, name(0)))
        await analyst.execute(f"SET statement_timeout = {_GIVE_UP_MS}")
        until = await analyst.fetchval("SELECT max(date) FROM journeys")
        rows = []
        for view in VIEWS:
            rows += await _asked(analyst, view, until, tell)
        return rows


async def _asked(
    analyst: Analyst, view: View, until: date, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    columns = {row["column_name"] for row in await analyst.fetch(_COLUMNS, view.name)}
    if not columns:
        tell(f"{view.name}: missing")
        return [{"stage": "views", "case": view.name, "target": "missing"}]
    dated = next((own for own in _DATES if own in columns), None)
    if not view.spans or dated is None:
        return [await _timed(analyst, view, view.name, _query(view, columns), tell)]
    rows = []
    for span, days in SPANS.items():
        within = f" AND {dated} BETWEEN '{until - timedelta(days=days - 1)}' AND '{until}'"
        query = _query(view, columns, within)
        rows.append(await _timed(analyst, view, f"{view.name}, {span}", query, tell))
    return rows


def _query(view: View, columns: set[str], within: str = "") -> str:
    """Of a list its page; of anything else all rows, made and counted, not sent."""
    one = "".join(f" AND {own} = '{value}'" for own, value in _ONE_OF.items() if own in columns)
    rows = f"SELECT * FROM {view.name} WHERE tenant_id = '{name(0)}'{within}{one}"
    if view.newest:
        return f"{rows} ORDER BY {view.newest} LIMIT 50"
    return f"SELECT count(t) FROM ({rows}) AS t"


async def _timed(
    analyst: Analyst, view: View, case: str, query: str, tell: Callable[[str], None]
) -> dict[str, Any]:
    """The first round is not counted: it warms."""
    row: dict[str, Any] = {"stage": "views", "case": case, "target": f"{view.target_ms} ms"}
    times: list[float] = []
    try:
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            found = await analyst.fetch(query)
            times.append((time.perf_counter() - began) * 1_000)
            if len(times) == 2 and times[1] > 10 * view.target_ms:
                break
    except asyncpg.QueryCanceledError:
        tell(f"{case}: more than {_GIVE_UP_MS / 1_000:.0f} s, target {view.target_ms} ms")
        return row | {"ms": None, "ok": False}
    took = median(times[1:])
    ok = took <= view.target_ms
    tell(f"{case}: {took:.1f} ms, target {view.target_ms} ms{'' if ok else ': MISSED'}")
    if not ok and os.environ.get("ATTRIBUTARY_BENCH_EXPLAIN"):
        await _explain(analyst, case, query)
    count = len(found) if view.newest else found[0][0]
    return row | {"ms": round(took, 1), "ok": ok, "rows": count}


async def _explain(analyst: Analyst, case: str, query: str) -> None:
    PLANS.mkdir(parents=True, exist_ok=True)
    plan = await analyst.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {query}")
    text = "\n".join([query, "", *(row[0] for row in plan)])
    (PLANS / f"{re.sub(r'[^a-z0-9]+', '-', case)}.txt").write_text(text + "\n")
