"""`GET /api/v1/tenants/{id}/emq/score` and `GET /api/v1/capi/quality/report`: how good a tenant's
signals were, as the jobs of quality measured them.

Read through the gateway's own role, which sees no result tables: functions of the database give it
these figures and nothing else. A connection of its own, so that a report holds no key up.
"""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson

import sql
from processors.domain.quality import emq
from processors.engine.postgres import Database, Row
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

REPORT: Final = "/api/v1/capi/quality/report"
SCORE: Final = "/api/v1/tenants/{id}/emq/score"
DESCRIBED: Final = (
    (REPORT, "get", "How good the tenant's events are: scores, advice, latencies, health", ()),
    (SCORE, "get", "The tenant's event match quality, with its five drivers", ()),
)
QUERIES: Final = sql.load("gateway")

_SCORE: Final = re.compile(r"/api/v1/tenants/([^/]+)/emq/score")
_SECONDS: Final = 30.0
_COLUMNS: Final = {
    "Event Match Rate": "event_match_rate",
    "Pixel Coverage": "pixel_coverage",
    "Conversion Latency": "conversion_latency",
    "Attribution Accuracy": "attribution_accuracy",
    "Data Freshness": "data_freshness",
}
_DIGITS: Final = 1


def tenant_of(path: str) -> str | None:
    """Whose score the path asks for; None when it asks for none."""
    found = _SCORE.fullmatch(path)
    return found[1] if found else None


class QualityReports:
    """Answers what is asked of quality."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._database: Database | None = None
        self._opening = asyncio.Lock()

    async def score(self, tenant: str) -> dict[str, Any]:
        """The payload of EMQ-05: the latest day that was measured, all platforms together, and the
        score of the measured day before; nulls before the first.

        Raises:
            Problem: 503 without Postgres.
        """
        return scored(await self._fetch("emq_of", tenant))

    async def report(self, tenant: str) -> dict[str, Any]:
        """The same with what stands behind it, by platform.

        Raises:
            Problem: 503 without Postgres.
        """
        (row,) = await self._fetch("quality_report", tenant)
        return {"score": await self.score(tenant), **orjson.loads(row["report"])}

    async def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            await self._database.close()

    async def _fetch(self, query: str, tenant: str) -> list[Row]:
        try:
            async with asyncio.timeout(_SECONDS):
                db = await self._open()
                async with db.connection() as conn:
                    return await conn.fetch(QUERIES[query], tenant)
        except Exception as error:
            log.warning("quality not read", exc_info=error)
            detail = "Postgres cannot be asked now"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await Database.connect(
                    self._settings.database_url.get_secret_value(),
                    role=self._settings.role,
                    max_size=1,
                    application_name="attributary gateway quality",
                )
            return self._database


def scored(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows of the two latest days, the latest first; a platform counts by its events."""
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        days[row["measurement_date"]].append(row)
    found = [emq.drivers(emq.pooled(_parts(day))) for day in days.values()]
    scores = [emq.calculate(drivers) for drivers in found]
    score, previous = (*scores, None, None)[:2]
    return {
        "score": _shown(score),
        "previousScore": _shown(previous),
        "confidenceBand": None if score is None else emq.band(score),
        "measuredOn": next(iter(days)).isoformat() if days else None,
        "drivers": [
            {
                "name": driver.name,
                "value": _shown(driver.value),
                "weight": driver.weight,
                "status": driver.status,
            }
            for driver in (found[0] if found else ())
        ],
    }


def _parts(rows: Sequence[Row]) -> list[tuple[int, dict[str, float | None]]]:
    return [
        (
            row["events_received"],
            {n: None if row[c] is None else float(row[c]) for n, c in _COLUMNS.items()},
        )
        for row in rows
    ]


def _shown(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
