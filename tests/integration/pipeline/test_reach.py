"""What a platform claims of its ads beside our own credit of views and clicks."""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.spend import Spend
from tests.integration.pipeline.races import DOWNSTREAM, Records, drain, judge, order, touch
from tests.support.pipeline import NOW, Pipeline

META = {"utm_source": "facebook", "utm_medium": "paid_social", "utm_campaign": "spring"}
TODAY, YESTERDAY = "2026-05-28", "2026-05-27"
COLUMNS = """date::text, campaign, impressions, reach, frequency, spend, claimed_view_conversions,
    claimed_click_conversions, claimed_view_revenue, view_conversions, click_conversions,
    view_revenue"""


def figure(date: str = TODAY, **changes: Any) -> tuple[str, Spend]:
    """What Meta says of a day."""
    found = {
        "tenant_id": "t", "source": "meta", "account_id": "1", "date": date, "platform": "meta",
        "campaign": "spring", "currency": "USD", "amount": 1_000, "impressions": 300, "reach": 200,
        "clicks": 9, "frequency": "1.5", "view_conversions": 4, "click_conversions": 2,
        "view_value": 40_000, "click_value": 20_000, "reported_at": NOW, "received_at": NOW,
    }  # fmt: skip
    return "spend.v1", Spend.model_validate(found | changes)


LOG: Records = [
    *touch("t", "a", event="seen", hours=2, type="view", marketing=META),
    *touch("t", "a", event="clicked", hours=1, marketing=META),
    *touch("t", "a", event="clicked-yesterday", hours=25, marketing=META),
    *touch("t", "a", event="searched", hours=3),
    *order("t", visitor="a"),
    figure(),
]


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    conn = await asyncpg.connect(database)
    await conn.execute("INSERT INTO tenants VALUES ('t')")
    await conn.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="reach", max_size=4
    )
    yield Pipeline(db)
    await db.close()


async def shown(database: str, columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    """The view in one model and window."""
    conn = await asyncpg.connect(database)
    try:
        rows = await conn.fetch(
            f"SELECT {columns} FROM attribution_platform_reach"
            " WHERE model = 'linear' AND attribution_window = '7d' ORDER BY date, campaign"
        )
    finally:
        await conn.close()
    return [tuple(row) for row in rows]


async def play(pipeline: Pipeline, database: str, log: Iterable[Any]) -> None:
    """Feed and drain."""
    await pipeline.feed(list(log))
    await drain(pipeline, "identity", *DOWNSTREAM)


async def test_claims_stand_beside_our_credit_and_a_day_that_one_side_lacks_is_shown(
    pipeline: Pipeline, database: str
) -> None:
    log = [*LOG, figure(campaign="autumn", reach=None, frequency=None, view_conversions=None)]
    await play(pipeline, database, log)
    assert await judge(database, log) == []
    quarter, cents = Decimal("0.25"), Decimal("25.00")
    claims = (Decimal("10.00"), 4, 2, Decimal("400.00"))
    assert await shown(database) == [
        (YESTERDAY, "spring", *[None] * 7, 0, quarter, 0),
        (TODAY, "autumn", 300, None, None, Decimal("10.00"), None, *claims[2:], 0, 0, 0),
        (TODAY, "spring", 300, 200, Decimal("1.5"), *claims, quarter, quarter, cents),
    ]
    # Google's ad accounts report nothing here, so its clicks are none of this view's.
    assert await shown(database, "DISTINCT platform, date, campaign") == [
        ("meta", date, campaign)
        for date, _, campaign in await shown(database, "date, platform, campaign")
    ]


async def test_a_restated_figure_replaces_the_older_one_and_adds_nothing(
    pipeline: Pipeline, database: str
) -> None:
    later: dict[str, Any] = {"reported_at": NOW + 1, "received_at": NOW + 1}
    restated = figure(amount=900, view_conversions=3, reach=210, **later)
    log = [restated, *LOG, restated, figure()]
    await play(pipeline, database, log)
    assert await judge(database, log) == []
    wanted = "date::text, spend, reach, claimed_view_conversions"
    assert (await shown(database, wanted))[1:] == [(TODAY, Decimal("9.00"), 210, 3)]


async def test_claims_are_the_same_on_every_model_and_window_and_of_two_accounts_the_sum(
    pipeline: Pipeline, database: str
) -> None:
    log = [*LOG, figure(account_id="2", view_conversions=10, clicks=None)]
    await play(pipeline, database, log)
    assert await judge(database, log) == []
    conn = await asyncpg.connect(database)
    try:
        rows = await conn.fetch(
            "SELECT spend, impressions, clicks, reach, claimed_view_conversions, count(*)::int"
            " FROM attribution_platform_reach WHERE impressions IS NOT NULL GROUP BY 1, 2, 3, 4, 5"
        )
    finally:
        await conn.close()
    # How many people two accounts reached together nobody knows.
    assert [tuple(row) for row in rows] == [(Decimal("20.00"), 600, 9, None, 14, 56)]


async def test_money_without_a_rate_waits_and_counts_do_not(
    pipeline: Pipeline, database: str
) -> None:
    log = [*LOG, figure(account_id="2", currency="GBP")]
    await play(pipeline, database, log)
    assert await judge(database, log) == []
    wanted = "spend, claimed_view_revenue, claimed_view_conversions"
    assert (await shown(database, f"date, {wanted}"))[1][1:] == (None, None, 8)
