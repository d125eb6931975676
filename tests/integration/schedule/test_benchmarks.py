"""The job that tells shops of an industry what the others reach."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest_asyncio

from processors.engine.postgres import Database, Row
from processors.platforms.reading import ReadingSettings
from processors.schedule.benchmarks import refresh
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools

SHOPS = ("a", "b", "c", "d", "e")
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
FIGURES = """
INSERT INTO daily_series (tenant_id, series, platform, date, value)
SELECT $1, f.series, '', $2::date + day, f.value
FROM generate_series(0, $4) AS day,
    (VALUES ('orders', 2.0), ('revenue', $3::numeric)) AS f (series, value)"""
SETTING = """
INSERT INTO tenant_settings VALUES ($1, $2, $3, 1, 'k')
ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value"""


@dataclass(frozen=True, slots=True)
class Mall:
    """The operator's connection, and the job's tools."""

    owner: Database
    tools: Tools

    async def run(self, day: date) -> int:
        """The job on that day; how many metrics were told."""
        now = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1_000)
        told: int = (await refresh(replace(self.tools, clock=lambda: now), None))["told"]
        return told

    async def joins(self, tenant: str, industry: str = "toys", allows: str = "true") -> None:
        """Its settings."""
        async with self.owner.connection() as conn:
            await conn.execute(SETTING, tenant, "benchmarks", allows)
            await conn.execute(SETTING, tenant, "industry", industry)

    async def sold(self, tenant: str, month: date, revenue: int, *, days: int = 28) -> None:
        """Two orders a day that are worth so much together."""
        async with self.owner.connection() as conn:
            await conn.execute(FIGURES, tenant, month, revenue, days - 1)

    async def seen(self) -> dict[tuple[str, date], Row]:
        """Benchmarks of aov, by reader and month."""
        async with self.owner.connection() as conn:
            rows = await conn.fetch("SELECT * FROM competitor_benchmarks WHERE metric = 'aov'")
        return {(row["tenant_id"], row["period_start"]): row for row in rows}


@pytest_asyncio.fixture
async def mall(database: str) -> AsyncIterator[Mall]:
    unused: Any = None
    owner = await Database.connect(database, application_name="test", max_size=1)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=1
    )
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=unused, settings=ScheduleSettings.load(),
        reading=ReadingSettings.load(), clock=lambda: 0,
    )  # fmt: skip
    try:
        async with owner.connection() as conn:
            await conn.execute("INSERT INTO tenants SELECT unnest($1::text[])", [*SHOPS, "f", "g"])
        yield Mall(owner, tools)
    finally:
        await db.close()
        await owner.close()


async def test_a_month_is_told_once_when_five_allow_it_and_to_them_alone(mall: Mall) -> None:
    for place, shop in enumerate(SHOPS):
        await mall.sold(shop, JANUARY, 100 * (place + 1))
        await mall.joins(shop, allows="true" if shop != "e" else "false")
    await mall.sold("f", JANUARY, 90_000)
    assert await mall.run(date(2026, 2, 6)) == 0, "four allow it"
    await mall.joins("e")
    assert await mall.run(date(2026, 2, 5)) == 0, "refunds may still come"
    assert await mall.run(date(2026, 2, 6)) == 1

    found = await mall.seen()
    assert set(found) == {(shop, JANUARY) for shop in SHOPS}
    row = found["a", JANUARY]
    assert (row["source"], row["industry"], row["currency"]) == ("installation", "toys", "USD")
    assert (row["period_end"], row["tenants"]) == (date(2026, 1, 31), 5)
    assert [row["p25"], row["p50"], row["p75"]] == [100, 150, 200], "of 50, 100, 150, 200, 250"

    await mall.joins("f")
    assert await mall.run(date(2026, 2, 7)) == 0
    found = await mall.seen()
    assert found["f", JANUARY]["p75"] == 200, "who joins later changes nothing, and reads it"
    assert found["f", JANUARY]["tenants"] == 5
    await mall.joins("f", allows="false")
    await mall.joins("a", industry="tools")
    assert await mall.run(date(2026, 2, 8)) == 0
    assert {shop for shop, _ in await mall.seen()} == {"b", "c", "d", "e"}


async def test_a_figure_of_few_days_does_not_count_and_an_import_is_left_alone(mall: Mall) -> None:
    for place, shop in enumerate(SHOPS):
        await mall.joins(shop)
        await mall.sold(shop, JANUARY, 100, days=13 if shop == "e" else 14)
        await mall.sold(shop, FEBRUARY, 100 + place)
    async with mall.owner.connection() as conn:
        await conn.execute(
            "INSERT INTO competitor_benchmarks VALUES"
            " ('g', 'report', 'toys', 'aov', '', 'USD', '2026-01-01', '2026-01-31', 1, 2, 3, 9)"
        )
    assert await mall.run(date(2026, 3, 20)) == 1
    assert set(await mall.seen()) == {("g", JANUARY), *((shop, FEBRUARY) for shop in SHOPS)}
