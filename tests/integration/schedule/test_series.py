"""The jobs that judge series: from the facts of the days to anomalies and forecasts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from processors.engine.postgres import Database
from processors.platforms.reading import ReadingSettings
from processors.schedule.judging import regular
from processors.schedule.series import correlate, detect, foretell
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools

NOW = datetime(2026, 9, 2, 0, 30, tzinfo=UTC)
LAST = NOW.date() - timedelta(days=1)
DAYS = 110
ORDERS = """
INSERT INTO conversions (tenant_id, conversion_id, source, order_id, gross, refunded, net,
    converted_at, status, state, deliverable, folded)
SELECT 'acme', $1 || '-' || n, 'api', $1 || '-' || n, 1, 0, 1, $2, 'paid', 'ready', true, '{}'
FROM generate_series(1, $3) AS n"""


async def test_a_day_without_orders_is_found_acquitted_when_they_come_and_the_rest_is_foretold(
    database: str,
) -> None:
    unused: Any = None
    owner = await Database.connect(database, application_name="test", max_size=1)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=2
    )
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=unused, settings=ScheduleSettings.load(),
        reading=ReadingSettings.load(), clock=lambda: round(NOW.timestamp() * 1_000),
    )  # fmt: skip
    rng = np.random.default_rng(5)
    noon = datetime.combine(LAST, datetime.min.time(), UTC) + timedelta(hours=12)
    try:
        async with owner.transaction() as conn:
            await conn.execute("INSERT INTO tenants VALUES ('acme'), ('empty')")
            for age in range(1, DAYS):
                at = noon - timedelta(days=age)
                count = int(rng.poisson(12 if at.weekday() < 5 else 30))
                await conn.execute(ORDERS, str(age), at, count)
            await conn.execute(ORDERS, "today", NOW, 200)

        detail = await detect(tools, None)
        assert detail == {"rows": {"acme": 1, "empty": 0}, "failed": {}}
        async with owner.connection() as conn:
            (found,) = await conn.fetch("SELECT * FROM anomalies")
            assert (found["series"], found["date"], found["value"]) == ("orders", LAST, 0)
            assert 0 < found["low"] < found["expected"] < found["high"]
            assert found["score"] < -4

        assert (await foretell(tools, "acme"))["rows"] == {"acme": 14}
        assert (await foretell(tools, "acme"))["rows"] == {"acme": 14}, "again is the same"
        async with owner.transaction() as conn:
            rows = await conn.fetch("SELECT * FROM forecasts ORDER BY date")
            assert [row["date"] for row in rows] == [LAST + timedelta(days=n) for n in range(1, 15)]
            weekend = [row["date"].weekday() >= 5 for row in rows]
            assert [row["expected"] > 19 for row in rows] == weekend
            assert all(row["low_95"] <= row["low_80"] <= row["expected"] for row in rows)
            await conn.execute(ORDERS, "0", noon, 13)

        assert (await detect(tools, None))["rows"] == {"acme": 0, "empty": 0}
        async with owner.connection() as conn:
            assert await conn.fetchval("SELECT count(*) FROM anomalies") == 0

        figures = [
            ("acme", "spend", platform, LAST - timedelta(days=age), age % 7 + (platform == "meta"))
            for platform in ("meta", "tiktok")
            for age in range(20)
        ]
        async with owner.connection() as conn:
            await conn.executemany("INSERT INTO daily_series VALUES ($1, $2, $3, $4, $5)", figures)
            # 7 lags both ways and one of the same day, of which 14 days are left; no week before.
            assert (await correlate(tools, None))["rows"] == {"acme": 13, "empty": 0}
            assert (await correlate(tools, None))["rows"] == {"acme": 13, "empty": 0}
            query = "SELECT lag_days, n, pearson, spearman FROM series_correlations"
            together = await conn.fetch(f"{query} WHERE platform = 'meta' ORDER BY lag_days")
            assert [row["lag_days"] for row in together] == list(range(7))
            assert tuple(together[0].values()) == (0, 20, 1, 1)
            assert together[3]["pearson"] < 0
    finally:
        await db.close()
        await owner.close()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("orders", [1, 0, 3, 0]), ("spend", [1, 0, 3]), ("retry_rate", [1, None, 3])],
)
def test_a_day_without_a_row_is_nothing_or_unknown_as_the_series_has_it(
    name: str, expected: list[float | None]
) -> None:
    known = {LAST - timedelta(days=3): 1.0, LAST - timedelta(days=1): 3.0}
    made = regular(name, "", known, {"orders": LAST})
    assert [None if np.isnan(value) else value for value in made.values] == expected
    assert made.day(0) == LAST - timedelta(days=3)
