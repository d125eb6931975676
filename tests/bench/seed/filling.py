"""Fills a migrated, empty database, a table in a transaction, its indexes built after its rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import asyncpg

from tests.bench.population import Tell, copied_in, fill
from tests.bench.seed import cells, quality, rows
from tests.bench.seed.lives import LONGEST, lives
from tests.bench.seed.people import People, Size, name
from tests.bench.seed.settling import settle

USED: Final = (
    "SELECT EXISTS (SELECT FROM tenants) OR EXISTS (SELECT FROM attribution_touchpoints)"
    " OR EXISTS (SELECT FROM conversions)"
)
PARTITIONED: Final = "capi_delivery_log"
KEPT: Final = "customer_days_due, customer_days, cohort_days"


class NotEmpty(Exception):
    """There is something in the database already."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: str
    lines: Callable[[People], Iterator[rows.Line]]
    rows: Callable[[People], int]
    by_day: bool = True
    """Whether rows lie in the order of their days, as they would have come in."""


async def seed(dsn: str, size: Size, *, tell: Tell) -> People:
    """Fill, analyse and checkpoint; returns who is in it now.

    Raises:
        NotEmpty: if it has a tenant, a touch or an order.
    """
    conn = await asyncpg.connect(dsn)
    try:
        if await conn.fetchval(USED):
            raise NotEmpty("the database is not empty; seed fills empty, migrated ones only")
        people = People(size, lives(size.seed))
        tell(f"{people.touchpoints:,} touchpoints, {people.conversions:,} conversions,"
             f" {len(people):,} people of {size.tenants} tenants")  # fmt: skip
        await conn.execute("SET synchronous_commit = off")
        await conn.execute("SET maintenance_work_mem = '512MB'")
        for table in TABLES:
            lines = table.lines(people)
            text = _by_day(lines) if table.by_day else (line for _, line in lines)
            columns, count = table.columns.split(), table.rows(people)
            if table.name == PARTITIONED:
                await copied_in(conn, table.name, columns, text, count=count, tell=tell)
            else:
                await fill(conn, table.name, columns, text, count=count, tell=tell)
        tenants = [(name(n),) for n in range(size.tenants)]
        await conn.executemany("INSERT INTO tenants (tenant_id) VALUES ($1)", tenants)
        tell("analysing")
        filled = ", ".join(table.name for table in TABLES)
        await conn.execute(f"VACUUM (ANALYZE) tenants, {filled}", timeout=None)
        await settle(conn, tell=tell)
        await conn.execute(f"VACUUM (ANALYZE) {KEPT}", timeout=None)
        await conn.execute("CHECKPOINT")
        return people
    finally:
        await conn.close()


def _by_day(lines: Iterable[rows.Line]) -> Iterator[str]:
    """Lines come in the order in which lives begin, and none is older than its life: so a line may
    go when lives begin that are so much later that nothing before it can follow."""
    held: dict[int, list[str]] = {}
    days: list[int] = []
    newest = -LONGEST
    for day, line in lines:
        if day not in held:
            held[day] = []
            heappush(days, day)
        held[day].append(line)
        if day > newest:
            newest = day
            while days and days[0] < newest - LONGEST:
                yield from held.pop(heappop(days))
    while days:
        yield from held.pop(heappop(days))


def _conversions(people: People) -> int:
    return people.conversions


def _sent(people: People) -> int:
    return people.conversions * len(rows.DESTINATIONS)


def _measured(people: People) -> int:
    return people.size.days * people.size.tenants * len(rows.DESTINATIONS)


def _uploaded(people: People) -> int:
    return people.conversions // quality.OFFLINE_SHARE


TABLES: Final[Sequence[_Table]] = (
    _Table(
        "attribution_touchpoints",
        "tenant_id touchpoint_id event_id anchor visitor_id occurred_at received_at late"
        " touchpoint_type channel platform campaign rules_version utm_campaign ad_id url"
        " device_type content_hash",
        rows.touchpoints, lambda p: p.touchpoints,
    ),
    _Table("identity_nodes", "tenant_id node person_id quarantined", rows.nodes, len),
    _Table("identity_edges", "tenant_id a b reason settled", rows.edges, _conversions),
    _Table(
        "conversions",
        "tenant_id conversion_id source order_id customer_id visitor_id person_id currency gross"
        " refunded net converted_at status state deliverable folded",
        rows.conversions, _conversions,
    ),
    _Table("conversion_nodes", "tenant_id node conversion_id", rows.carried,
           lambda p: p.conversions * 2),
    _Table("conversion_revision", "tenant_id conversion_id rev", rows.revisions, _conversions),
    _Table("credit_applied", "tenant_id conversion_id rev", rows.revisions, _conversions),
    _Table("order_versions", "tenant_id conversion_id content_hash version_at snapshot",
           rows.versions, _conversions),
    _Table(
        "credit_rows",
        "tenant_id conversion_id model_version fallback_models state counts date currency"
        " reporting_currency revenue revenue_reporting touchpoint_ids touch_dates channels"
        " platforms campaigns first_windows credit touch_revenue",
        rows.credit_rows, _conversions,
    ),
    _Table(
        "journeys",
        "converted_at revenue date counts tenant_id conversion_id path steps touches seconds"
        " path_starts steps_starts",
        rows.journeys, _conversions,
    ),
    _Table(
        "summary_cells",
        "tenant_id basis date channel platform campaign shard touchpoints conversions revenue",
        cells.summary_cells, lambda p: p.conversions * 2, by_day=False,
    ),
    _Table("journey_cells", "tenant_id date kind key shard conversions revenue",
           cells.journey_cells, lambda p: p.conversions * 2, by_day=False),
    _Table(
        "daily_spend",
        "tenant_id source account_id date platform channel campaign currency amount impressions"
        " clicks reported_at subject",
        rows.spend, lambda p: p.size.days * p.size.tenants * 6,
    ),
    _Table(
        "pixel_events",
        "tenant_id event_id source event_type occurred_at received_at anchor visitor_id"
        " order_source order_id raw_data content_hash",
        rows.pixel_events, lambda p: len(p) + p.conversions * 2, by_day=False,
    ),
    _Table("dedupe_keys",
           "tenant_id platform event_id kind source_topic source_partition source_offset first_seen"
           " conversion_id amount", rows.claims, _sent),
    _Table(
        "deliveries",
        "tenant_id platform event_id kind event_name order_id occurred_at state attempts"
        " next_attempt_at deadline_at first_attempt_at http_status error finished_at published"
        " payload",
        rows.deliveries, _sent,
    ),
    _Table("delivery_dlq", "tenant_id platform event_id kind reason error attempts created_at",
           rows.dead, lambda p: p.conversions * 2 // 50),
    _Table(
        PARTITIONED,
        "tenant_id platform event_id kind event_name order_id attempt status http_status error"
        " request_digest response_digest latency_ms created_at",
        rows.attempts, _sent,
    ),
    _Table(
        "emq_measurements",
        "tenant_id measurement_date platform pixel_id overall_score parameter_quality"
        " deduplication_quality event_coverage events_received events_matched status",
        quality.measurements, _measured,
    ),
    _Table(
        "conversion_latency_stats",
        "tenant_id period_date platform event_type event_count avg_latency_ms median_latency_ms"
        " p95_latency_ms p99_latency_ms",
        quality.latencies, lambda p: _measured(p) * len(quality.EVENT_TYPES),
    ),
    _Table(
        "fact_signal_health_daily",
        "tenant_id date platform status emq_score conversion_volume data_freshness_hours"
        " anomaly_count",
        quality.health, _measured,
    ),
    _Table("offline_rows",
           "tenant_id batch_id row_number content_hash conversion_id platform upload_type"
           " received_at", quality.offline_rows, _uploaded),
    _Table("offline_contents",
           "tenant_id conversion_id content_hash received_at batch_id row_number",
           quality.offline_contents, _uploaded),
    _Table(
        "offline_reports",
        "tenant_id batch_id command_id issued_at batch_name platform upload_type status"
        " total_records failed_records created_at completed_at",
        quality.offline_reports, lambda p: p.size.tenants * p.size.days // 30,
    ),
)  # fmt: skip
