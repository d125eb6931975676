"""`analytics/emq-refresh`: the event match quality of the latest days, from the delivery logs."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import sql
from processors.domain.quality import emq, parameters
from processors.domain.quality.measure import Signal, values
from processors.engine.postgres import Connection, Row
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

QUERIES: Final = sql.load("quality")
COLUMNS: Final = {
    "Event Match Rate": "event_match_rate",
    "Pixel Coverage": "pixel_coverage",
    "Conversion Latency": "conversion_latency",
    "Attribution Accuracy": "attribution_accuracy",
    "Data Freshness": "data_freshness",
}

Place = tuple[str, date, str]
Known = dict[frozenset[str], int]


async def refresh(tools: Tools, tenant: str | None) -> Detail:
    """Measure every tenant, or the one."""
    since, now = days_of(tools)
    async with tools.db.connection() as conn:
        rows = await measure(conn, since=since, now=now, tenant=tenant)
    return {"since": since.isoformat(), "measured": rows}


async def measure(conn: Connection, *, since: date, now: int, tenant: str | None) -> int:
    """Write the match quality of the UTC days since then, as it is now (epoch milliseconds); how
    many rows."""
    signals = await conn.fetch(QUERIES["signals"], since, now, tenant)
    known, matched = _details(await conn.fetch(QUERIES["signal_events"], since, now, tenant))
    tried = [row for row in signals if row["received"]]
    await put(conn, "put_measurements", [_measured(row, known, matched) for row in tried])
    await put(conn, "put_parameters", [one for row in tried for one in _scores(row, known)])
    return len(tried)


def days_of(tools: Tools) -> tuple[date, int]:
    """The first UTC day to look at, and now."""
    now = tools.clock()
    today = datetime.fromtimestamp(now / 1_000, UTC).date()
    return today - timedelta(days=tools.settings.quality_days - 1), now


async def put(conn: Connection, query: str, rows: list[dict[str, Any]]) -> None:
    """Write rows, by the names of their columns."""
    await conn.execute(QUERIES[query], json.dumps(rows, default=str))


def _place(row: Row) -> Place:
    return row["tenant_id"], row["date"], row["platform"]


def _details(rows: list[Row]) -> tuple[dict[Place, Known], dict[Place, int]]:
    """By place: how many events have which details, and how many accepted ones can be matched."""
    known: dict[Place, Known] = defaultdict(dict)
    matched: dict[Place, int] = defaultdict(int)
    for row in rows:
        place, names = _place(row), frozenset(row["known"])
        known[place][names] = row["events"]
        if names & parameters.used(row["platform"]):
            matched[place] += row["accepted"]
    return known, matched


def _measured(row: Row, known: dict[Place, Known], matched: dict[Place, int]) -> dict[str, Any]:
    place = _place(row)
    signal = Signal(
        received=row["received"],
        matched=matched.get(place, 0),
        browsed=row["browsed"],
        seen=row["seen"],
        latency_hours=None if row["latency_hours"] is None else float(row["latency_hours"]),
        freshness_hours=float(row["freshness_hours"]),
        earned=row["earned"],
        unearned=row["unearned"],
    )
    found = values(signal)
    score = emq.calculate(emq.drivers(found))
    coverage = row["share_matched"]
    return {
        "tenant_id": row["tenant_id"],
        "measurement_date": row["date"],
        "platform": row["platform"],
        "pixel_id": row["pixel_id"],
        "overall_score": score,
        "parameter_quality": parameters.mean(row["platform"], known.get(place, {})),
        "deduplication_quality": row["deduplication_quality"],
        "event_coverage": None if coverage is None else round(10 * coverage, 2),
        "events_received": signal.received,
        "events_matched": signal.matched,
        "status": None if score is None else emq.standing(score),
        **{COLUMNS[n]: None if value is None else round(value, 2) for n, value in found.items()},
    }


def _scores(row: Row, known: dict[Place, Known]) -> list[dict[str, Any]]:
    events = known.get(_place(row), {})
    return [
        {
            "tenant_id": row["tenant_id"],
            "measurement_date": row["date"],
            "platform": row["platform"],
            "parameter": one.name,
            "events": sum(events.values()),
            "events_with": one.events,
            "gain": one.gain,
        }
        for one in parameters.scores(row["platform"], events)
    ]
