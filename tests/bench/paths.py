"""Journeys and paths: each view for a year and for 30 days, beside a floor over the same rows.

Asked by a login of the tenant's analyst, so under row-level security, as everybody does.
`run(dsn)` needs a fresh, migrated database; ATTRIBUTARY_BENCH_CONVERSIONS, else a million, and ten
touches each.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any, Final

import asyncpg

from tests.bench.analyst import analyst_of
from tests.bench.journeys_past import BEGAN, DAYS, LONG_ROWS, TENANT, TOUCHES_A_CONVERSION, load

CONVERSIONS: Final = int(os.environ.get("ATTRIBUTARY_BENCH_CONVERSIONS", "1000000"))
ROUNDS: Final = 5
TARGET_MS: Final = 1_000

_END: Final = BEGAN + timedelta(days=DAYS)
_SPANS: Final = {"30 days": BEGAN.date() + timedelta(days=DAYS - 30), "a year": BEGAN.date()}
_PAGE: Final = "ORDER BY converted_at DESC, conversion_id DESC LIMIT 50"
_OWN: Final = f"tenant_id = '{TENANT}'"
_NEWEST: Final = f"(SELECT conversion_id FROM journeys WHERE {_OWN} {_PAGE})"


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what it cannot be faster than."""

    case: str
    query: str
    floor: str


def _of_a_span(span: str, since: object) -> list[Question]:
    within = f"{_OWN} AND date BETWEEN '{since}' AND '{_END.date()}'"
    windowed = f"{within} AND attribution_window = '30d'"
    rows = f"SELECT count(*), sum(revenue) FROM journeys WHERE {within}"
    cells = f"SELECT count(*), sum(conversions[6]) FROM journey_cells WHERE {within}"
    of = f"attribution_top_paths_of('{TENANT}', '30d', '{since}', '{_END.date()}', 20"
    return [
        Question(f"top paths, {span}", f"SELECT * FROM {of})", rows),
        Question(f"top paths, repeats told once, {span}", f"SELECT * FROM {of}, false)", rows),
        Question(
            f"top paths by day, added up, {span}",
            "SELECT path, sum(conversions), sum(revenue) FROM attribution_top_paths"
            f" WHERE {windowed} GROUP BY path ORDER BY 2 DESC LIMIT 20",
            rows,
        ),
        Question(
            f"path lengths, {span}",
            "SELECT measure, bucket, sum(conversions), sum(revenue) FROM attribution_path_lengths"
            f" WHERE {windowed} GROUP BY measure, bucket",
            cells,
        ),
        Question(
            f"assists, {span}",
            "SELECT channel, sum(assisted_conversions), sum(last_conversions)"
            f" FROM attribution_assists WHERE {windowed} GROUP BY channel",
            cells,
        ),
    ]


def _of_pages() -> list[Question]:
    middle = BEGAN + timedelta(days=DAYS // 2)
    before = f"{_OWN} AND (converted_at, conversion_id) < ('{middle}', '')"
    touches = f"attribution_journey_touches WHERE {_OWN} AND conversion_id"
    hour = f"{_OWN} AND {{}} BETWEEN '{middle}' AND '{middle + timedelta(hours=1)}'"
    return [
        Question(
            "journeys, newest 50", f"SELECT * FROM attribution_journeys WHERE {_OWN} {_PAGE}",
            f"SELECT * FROM journeys WHERE {_OWN} {_PAGE}",
        ),
        Question(
            "journeys, 50 in the middle",
            f"SELECT * FROM attribution_journeys WHERE {before} {_PAGE}",
            f"SELECT * FROM journeys WHERE {before} {_PAGE}",
        ),
        Question(
            "touches of a journey", f"SELECT * FROM {touches} = $1",
            f"SELECT * FROM credit_rows WHERE {_OWN} AND conversion_id = $1",
        ),
        Question(
            "touches of a journey with all credit",
            "SELECT * FROM attribution_journey_touches AS t JOIN attribution_results AS r"
            f" USING (tenant_id, conversion_id, touchpoint_id) WHERE {_OWN} AND conversion_id = $1",
            f"SELECT * FROM credit_rows WHERE {_OWN} AND conversion_id = $1",
        ),
        Question(
            "touches of 50 journeys", f"SELECT * FROM {touches} IN {_NEWEST}",
            f"SELECT * FROM credit_rows WHERE {_OWN} AND conversion_id IN {_NEWEST}",
        ),
        Question(
            "open journeys, newest 50",
            f"SELECT * FROM attribution_journeys_open WHERE {_OWN}"
            " ORDER BY last_touch_at DESC LIMIT 50",
            f"SELECT * FROM attribution_touchpoints WHERE {_OWN}"
            " ORDER BY occurred_at DESC LIMIT 50",
        ),
        Question(
            "open journeys, all of an hour in the middle",
            "SELECT count(*), sum(touches) FROM attribution_journeys_open"
            f" WHERE {hour.format('last_touch_at')}",
            f"SELECT count(*) FROM attribution_touchpoints WHERE {hour.format('occurred_at')}",
        ),
    ]  # fmt: skip


async def run(
    dsn: str, *, conversions: int = CONVERSIONS, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A row a question; times in milliseconds."""
    await load(dsn, max(conversions, LONG_ROWS), tell=tell)
    questions = [*_of_pages()]
    for span, since in _SPANS.items():
        questions += _of_a_span(span, since)
    async with analyst_of(dsn, TENANT) as analyst:
        return [await _asked(analyst, question, conversions, tell) for question in questions]


async def _asked(
    analyst: "asyncpg.Connection[asyncpg.Record]",
    question: Question,
    conversions: int,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Query and floor in turn, the first round of each not counted."""
    newest = await analyst.fetchval(f"SELECT conversion_id FROM journeys WHERE {_OWN} {_PAGE}")
    times: dict[str, list[float]] = {question.query: [], question.floor: []}
    rows = 0
    for _ in range(ROUNDS + 1):
        for query in times:
            arguments = [newest] if "$1" in query else []
            began = time.perf_counter()
            found = await analyst.fetch(query, *arguments)
            times[query].append((time.perf_counter() - began) * 1_000)
            rows = len(found) if query == question.query else rows
    took, floor = (median(own[1:]) for own in times.values())
    tell(f"{question.case}: {took:.1f} ms, floor {floor:.1f} ms")
    return {
        "stage": "paths",
        "case": question.case,
        "ratio": round(floor / took, 3),
        "target": f"{TARGET_MS} ms",
        "ms": round(took, 1),
        "floor_ms": round(floor, 1),
        "rows": rows,
        "size": f"{conversions:,} conversions, {conversions * TOUCHES_A_CONVERSION:,} touches",
    }
