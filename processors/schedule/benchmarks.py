"""`refresh-competitor-data`: what shops of an industry reach, of those who allow it, for them.

Only tenants with the setting `benchmarks` = true and an `industry` give figures, and only they
read. A month is told once, when it has been over for some days and five of them at least have a
figure, and then never again: two versions, one with and one without a tenant, would tell its
figure. For the same reason no periods overlap. Who joins later is handed what was told before; who
leaves reads nothing from the next run on. Imports (`attributary benchmark import`) are left alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

import sql
from processors.domain.benchmarks import LEAST_TENANTS, quartiles
from processors.engine.postgres import Connection
from processors.engine.settings import Settings
from processors.schedule.store import Detail
from processors.schedule.tools import Job, Tools

QUERIES: Final = sql.load("benchmarks")


class BenchmarkSettings(Settings):
    """When figures of shops are put together."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_BENCHMARKS_")

    least_tenants: int = Field(LEAST_TENANTS, ge=LEAST_TENANTS, description="of a benchmark")
    least_days: int = Field(14, ge=1, description="of the month that a figure must be of")
    settle_days: int = Field(5, ge=1, description="after the month, for refunds and late figures")
    months: int = Field(12, ge=1, description="that are told when an industry begins")


async def refresh(tools: Tools, _: str | None) -> Detail:
    """Of all tenants, whoever is named: a benchmark is nobody's."""
    settings, now = BenchmarkSettings.load(), tools.clock()
    async with tools.db.connection() as conn:
        members = await conn.fetch(QUERIES["members"])
    industries: dict[str, list[str]] = defaultdict(list)
    for row in members:
        industries[row["industry"]].append(row["tenant_id"])
    everyone = [[row[name] for row in members] for name in ("tenant_id", "industry")]
    told = 0
    async with tools.db.transaction() as conn:
        await conn.execute(QUERIES["forget"], *everyone)
    for industry, names in industries.items():
        if len(names) < settings.least_tenants:
            continue
        async with tools.db.transaction() as conn:
            known = {
                row["period_start"] for row in await conn.fetch(QUERIES["published"], industry)
            }
            for first, last in _months(now, settings):
                if first not in known:
                    told += await _publish(
                        conn, industry, names, first=first, last=last, settings=settings, now=now
                    )
    async with tools.db.transaction() as conn:
        await conn.execute(QUERIES["hand_on"], *everyone)
    return {"industries": {name: len(names) for name, names in industries.items()}, "told": told}


async def _publish(
    conn: Connection,
    industry: str,
    names: list[str],
    *,
    first: date,
    last: date,
    settings: BenchmarkSettings,
    now: int,
) -> int:
    """Tell a month to everybody who gives figures; of how many metrics."""
    rows = await conn.fetch(
        QUERIES["figures"], names, first, last, settings.least_days, settings.least_tenants
    )
    if rows:
        three = [quartiles(row["values"]) for row in rows]
        await conn.execute(
            QUERIES["publish"], names, industry, first, last, now,
            *([row[name] for row in rows] for name in ("metric", "platform", "currency")),
            *([one[place] for one in three] for place in range(3)),
            [len(row["values"]) for row in rows],
        )  # fmt: skip
    return len(rows)


def _months(now: int, settings: BenchmarkSettings) -> Iterator[tuple[date, date]]:
    """The latest months that are over and settled, the newest first."""
    settled = datetime.fromtimestamp(now / 1_000, UTC).date() - timedelta(days=settings.settle_days)
    first = settled.replace(day=1)
    for _ in range(settings.months):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        yield first, last


ROWS: Final[tuple[Job, ...]] = (
    Job("refresh-competitor-data", "benchmarks_seconds", refresh, queue="intel"),
)
