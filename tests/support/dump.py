"""Every table as it is, for "identical tables", but for what is bookkeeping by design.

Revisions count how often something was looked at, queue positions and consumed offsets say how
the work was cut into batches; none of them is shown to anyone. A cell of the summary that has
come back to nothing says the same as none.
"""

from collections import Counter
from collections.abc import Collection
from typing import Final

import asyncpg

Tables = dict[str, list[str]]

BOOKKEEPING: Final = frozenset(
    {
        "alert_incidents",
        "alert_notifications",
        "anomalies",
        "ad_changes",
        "ad_recommendations",
        "conversion_revision",
        "attribution_data_quality_snapshots",
        "competitor_benchmarks",
        "connection_checks",
        "creative_assets",
        "creative_fatigue_alerts",
        "creative_saved_views",
        "customer_days_due",
        "customer_days",
        "cohort_days",
        "conversion_latency_stats",
        "customer_ltv_models",
        "customer_ltv_predictions",
        "emq_measurements",
        "emq_parameter_scores",
        "fact_signal_health_daily",
        "conservation_counts",
        "conservation_offsets",
        "consumed_offsets",
        "daily_correlations",
        "daily_series",
        "delivery_circuit_openings",
        "delivery_consent_log",
        "delivery_gates",
        "delivery_receipts",
        "forecasts",
        "outcome_counts",
        "platform_match_quality",
        "erasure_turns",
        "person_erasures",
        "person_keys",
        "schema_migrations",
        "spend_reports",
        "job_runs",
        "order_reconciliation",
        "survey_cursors",
        "attribution_trainings",
        "attribution_training_checkpoints",
        "attribution_transitions",
        "shadow_runs",
        "shadow_ranges",
        "shadow_credit_rows",
        "shadow_cells",
    }
)
BOOKKEPT_COLUMNS: Final = {
    "credit_applied": ("rev",),
    "identity_dirty": ("seq",),
    "conversions_due": ("seq", "since", "marked_at", "taken_until"),
}
EMPTY_CELLS: Final = {
    "summary_cells": (
        "WHERE 0 <> ANY (t.touchpoints) OR 0 <> ANY (t.conversions) OR 0 <> ANY (t.revenue)"
    ),
    "journey_cells": "WHERE 0 <> ANY (t.conversions) OR 0 <> ANY (t.revenue)",
}

_TABLES: Final = """SELECT c.relname AS name, obj_description(c.oid) AS comment FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1"""


async def dump(dsn: str, *, without: Collection[str] = ()) -> Tables:
    """Rows as JSON text, sorted; `without` names further columns as table.column."""
    conn = await asyncpg.connect(dsn)
    try:
        found: Tables = {}
        for row in await conn.fetch(_TABLES):
            if row["name"] not in BOOKKEEPING:
                found[row["name"]] = await _rows(conn, row["name"], without)
        return found
    finally:
        await conn.close()


async def _rows(
    conn: "asyncpg.Connection[asyncpg.Record]", table: str, without: Collection[str]
) -> list[str]:
    left_out = [*BOOKKEPT_COLUMNS.get(table, ())]
    left_out += [name.partition(".")[2] for name in without if name.startswith(f"{table}.")]
    condition = EMPTY_CELLS.get(table, "")
    query = f'SELECT (to_jsonb(t) - $1::text[])::text AS line FROM "{table}" AS t {condition}'
    return sorted(row["line"] for row in await conn.fetch(query, left_out))


def differences(expected: Tables, found: Tables) -> list[str]:
    """Nothing when they are equal; else rows of one side alone, the first few of each table."""
    lines = []
    for table in sorted(expected.keys() | found.keys()):
        left, right = Counter(expected.get(table, [])), Counter(found.get(table, []))
        for sign, only in (("-", left - right), ("+", right - left)):
            lines += [f"{sign} {table}: {line[:1_000]}" for line in sorted(only.elements())[:3]]
    return lines


async def writers(dsn: str) -> dict[str, str]:
    """Who writes each table, by its comment."""
    conn = await asyncpg.connect(dsn)
    try:
        found = {}
        for row in await conn.fetch(_TABLES):
            _, _, rest = (row["comment"] or "").rpartition("Writer: ")
            found[row["name"]] = rest.rstrip(".")
        return found
    finally:
        await conn.close()


async def wipe(dsn: str, writer: str) -> None:
    """Empty a writer's tables and the engine's, as if its group had never run."""
    tables = [name for name, owner in (await writers(dsn)).items() if owner in (writer, "engine")]
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
    finally:
        await conn.close()
