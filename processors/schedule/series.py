"""`analytics/anomaly-detection`, `analytics/series-correlations` and `generate-daily-forecasts`:
the days of each tenant that are over, judged by those before them, compared across platforms, and
carried on."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

import sql
from processors.engine.postgres import Connection
from processors.engine.settings import Settings
from processors.schedule import store
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

if TYPE_CHECKING:
    from processors.schedule.judging import Series

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("series")
_ENDS: Final = {"deliveries": "utc", "orders": "local", "pixel_events": "utc", "revenue": "local"}


class SeriesSettings(Settings):
    """How far back series are read, in days."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SERIES_")

    first_days: int = Field(400, ge=1, description="for a tenant without any")
    again_days: int = Field(
        35, ge=1, description="read again each time, since figures are restated"
    )
    judged_days: int = Field(35, ge=1, description="whose anomalies are found and acquitted")
    learned_days: int = Field(400, ge=1, description="that a forecast learns from")
    kept_days: int = Field(60, ge=1, description="for which forecasts are kept to be judged")


async def detect(tools: Tools, tenant: str | None) -> Detail:
    """Find the anomalies of the latest weeks."""
    return await _for_each(tools, tenant, _detect_of)


async def foretell(tools: Tools, tenant: str | None) -> Detail:
    """Forecast each series."""
    return await _for_each(tools, tenant, _foretell_of)


async def correlate(tools: Tools, tenant: str | None) -> Detail:
    """Compare the platforms of each series, and put that in the place of what was found before."""
    return await _for_each(tools, tenant, _correlate_of)


Work = Callable[[Tools, SeriesSettings, str, date], Awaitable[int]]


async def _for_each(tools: Tools, tenant: str | None, work: Work) -> Detail:
    """One transaction a tenant; one that fails hurts only itself."""
    settings, now = SeriesSettings.load(), tools.clock()
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    detail: Detail = {"rows": {}, "failed": {}}
    for name in await store.tenants(tools.db, tenant):
        try:
            async with tools.db.transaction() as conn:
                known = await conn.fetchval(QUERIES["has_series"], name)
                days = settings.again_days if known else settings.first_days
                await conn.execute(QUERIES["put_figures"], name, now, days)
            detail["rows"][name] = await work(tools, settings, name, today)
        except Exception as error:
            log.warning("series not judged", extra={"tenant": name, "why": type(error).__name__})
            detail["failed"][name] = type(error).__name__
    if detail["failed"]:
        raise Failed("the series of some tenants were not judged", detail)
    return detail


async def _detect_of(tools: Tools, settings: SeriesSettings, tenant: str, today: date) -> int:
    from processors.schedule import judging

    since = today - timedelta(days=settings.judged_days)
    before = judging.BEFORE_DAYS
    async with tools.db.connection() as conn:
        found = await _read(conn, tenant, since - timedelta(days=before), today, now=tools.clock())
    rows = await asyncio.to_thread(judging.anomalies, found, since)
    async with tools.db.transaction() as conn:
        columns = _columns(rows, 8)
        await conn.execute(QUERIES["acquit"], tenant, since, *columns[:3])
        await conn.execute(QUERIES["put_anomalies"], tenant, *columns, tools.clock())
    return len(rows)


async def _foretell_of(tools: Tools, settings: SeriesSettings, tenant: str, today: date) -> int:
    from processors.schedule import judging

    learned = today - timedelta(days=settings.learned_days)
    async with tools.db.connection() as conn:
        found = await _read(conn, tenant, learned, today, now=tools.clock())
    rows = await asyncio.to_thread(judging.forecasts, found, today)
    async with tools.db.transaction() as conn:
        await conn.execute(QUERIES["put_forecasts"], tenant, *_columns(rows, 9))
        oldest = today - timedelta(days=settings.kept_days)
        await conn.execute(QUERIES["forget_forecasts"], tenant, oldest)
    return len(rows)


async def _correlate_of(tools: Tools, _: SeriesSettings, tenant: str, today: date) -> int:
    from processors.schedule import judging

    since = today - timedelta(days=judging.TOGETHER_DAYS - 1)
    async with tools.db.connection() as conn:
        rows = await conn.fetch(QUERIES["figures"], tenant, since, today)
    figures: dict[str, dict[str, dict[date, float]]] = defaultdict(dict)
    for row in rows:
        if row["platform"]:
            known = dict(zip(row["dates"], row["values"], strict=True))
            figures[row["series"]][row["platform"]] = known
    found = await asyncio.to_thread(judging.together, figures, today)
    async with tools.db.transaction() as conn:
        await conn.execute(QUERIES["forget_correlations"], tenant)
        await conn.execute(QUERIES["put_correlations"], tenant, *_columns(found, 8))
    return len(found)


async def _read(
    conn: Connection, tenant: str, since: date, today: date, *, now: int
) -> "list[Series]":
    from processors.domain.quality.scales import SERIES
    from processors.schedule import judging

    ends = await conn.fetchrow(QUERIES["ends"], tenant, now)
    last = {name: ends[zone] for name, zone in _ENDS.items()} if ends is not None else {}
    rows = await conn.fetch(QUERIES["figures"], tenant, since, today)
    return [
        judging.regular(
            row["series"],
            row["platform"],
            dict(zip(row["dates"], row["values"], strict=True)),
            last,
        )
        for row in rows
        if row["series"] in SERIES
    ]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(width)]
