"""Views of ads: which of them count is the tenant's choice, and a change of it restates."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.command import Command, SetSetting
from tests.integration.pipeline.races import DOWNSTREAM, Records, drain, judge, order, touch
from tests.support.pipeline import NOW, Pipeline

ORDERED = NOW - 60_000
DAY = 86_400_000
AGES = {
    "click-6d": 6 * DAY,
    "click-20d": 20 * DAY,
    "view-0": 0,
    "view-1d": DAY,
    "view-7d": 7 * DAY,
    "view-7d-and-a-second": 7 * DAY + 1_000,
    "view-20d": 20 * DAY,
    "view-after": -1_000,
}
LOG: Records = [
    *order("t", visitor="a"),
    *(
        (topic, record.model_copy(update={"occurred_at": ORDERED - age}))
        for name, age in AGES.items()
        for topic, record in touch("t", "a", event=name, type=name.partition("-")[0])
    ),
]  # fmt: skip
CLICKS = {"click-6d", "click-20d"}
VIEWS = {"view-0", "view-1d", "view-7d", "view-7d-and-a-second", "view-20d"}
STEPS: tuple[tuple[dict[str, str], set[str], set[str], set[str]], ...] = (
    # (setting, touches that count in 1d, 7d, 30d)
    ({}, {"view-0", "view-1d"}, {"click-6d", "view-0", "view-1d", "view-7d"}, CLICKS | VIEWS),
    (
        {"view_window": "7d"},
        {"view-0", "view-1d"},
        {"click-6d", "view-0", "view-1d", "view-7d"},
        CLICKS | {"view-0", "view-1d", "view-7d"},
    ),
    ({"view_window": "1"}, {"view-0", "view-1d"}, {"click-6d", "view-0", "view-1d"},
     CLICKS | {"view-0", "view-1d"}),
    ({"view_window": "0"}, {"view-0"}, {"click-6d", "view-0"}, CLICKS | {"view-0"}),
    ({"attribution_mode": "clicks_only"}, set(), {"click-6d"}, CLICKS),
    ({"attribution_mode": "clicks_plus_views", "view_window": ""}, {"view-0", "view-1d"},
     {"click-6d", "view-0", "view-1d", "view-7d"}, CLICKS | VIEWS),
    ({"lookback_days": "7"}, {"view-0", "view-1d"}, {"click-6d", "view-0", "view-1d", "view-7d"},
     {"click-6d", "view-0", "view-1d", "view-7d"}),
)  # fmt: skip


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ('t')")
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="views", max_size=4
    )
    yield Pipeline(db)
    await db.close()


async def test_each_choice_restates_credit_and_summary_as_the_oracle_says(
    pipeline: Pipeline, database: str
) -> None:
    log = list(LOG)
    await pipeline.feed(log)
    conn = await asyncpg.connect(database)
    try:
        for at, (settings, *expected) in enumerate(STEPS):
            told: Records = [
                ("commands.v1", Command(
                    tenant_id="t", command_id=key, issued_at=NOW + at, received_at=NOW,
                    body=SetSetting(key=key, value=value),
                ))
                for key, value in settings.items()
            ]  # fmt: skip
            log += told
            await pipeline.feed(told)
            await drain(pipeline, "identity", *DOWNSTREAM)
            assert await judge(database, log) == [], settings
            for window, names in zip(("1d", "7d", "30d"), expected, strict=True):
                assert await _counted(conn, window) == names, (settings, window)
    finally:
        await conn.close()


async def test_the_view_splits_the_summary_by_type_of_touch(
    pipeline: Pipeline, database: str
) -> None:
    await pipeline.feed(LOG)
    await drain(pipeline, "identity", *DOWNSTREAM)
    conn = await asyncpg.connect(database)
    try:
        rows = await conn.fetch(
            "SELECT touchpoint_type, sum(touchpoints)::int AS touchpoints, sum(revenue) AS revenue"
            " FROM attribution_view_through WHERE model = 'linear' AND attribution_window = '30d'"
            " GROUP BY 1 ORDER BY 1"
        )
        assert [(r["touchpoint_type"], r["touchpoints"]) for r in rows] == [
            ("click", 2), ("view", 5),
        ]  # fmt: skip
        assert sum(row["revenue"] for row in rows) == 100
    finally:
        await conn.close()


async def _counted(conn: "asyncpg.Connection[asyncpg.Record]", window: str) -> set[str]:
    rows = await conn.fetch(
        "SELECT DISTINCT event_id FROM attribution_results JOIN attribution_touchpoints"
        " USING (tenant_id, touchpoint_id) WHERE attribution_window = $1",
        window,
    )
    return {row["event_id"] for row in rows}
