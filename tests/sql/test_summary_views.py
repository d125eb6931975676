"""What analysts read: results, channel summaries, spend, and only their own tenant's."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from processors.domain.attribution import STANDARD_MODELS, WINDOWS
from processors.engine.postgres import Database
from processors.engine.progress import Progress
from processors.summary.processor import SummaryProcessor
from schemas.spend import Spend
from tests.integration.credit.world import World, processor_database, world_of
from tests.unit.summary.records import credits, item, spend

SUMMARIES = (
    "attribution_channel_summary", "attribution_channel_summary_cash",
    "attribution_campaign_summary",
)  # fmt: skip
JOURNEYS = (
    "attribution_journey_touches", "attribution_path_facts", "attribution_top_paths",
    "attribution_path_lengths", "attribution_assists",
)  # fmt: skip
VIEWS = (
    "attribution_settings", "attribution_results", "attribution_figures",
    "attribution_spend_facts", "attribution_touch_facts", "attribution_platform_reach", *SUMMARIES,
    *JOURNEYS,
)  # fmt: skip


class Shop:
    """Two tenants, the operator's connection, and summary to fill the tables."""

    def __init__(self, world: World, db: Database) -> None:
        self.world = world
        self.processor = SummaryProcessor(db=db, progress=Progress("summary"))

    async def credit(self, name: str, **changes: Any) -> None:
        own: dict[str, Any] = {"epoch": await self.world.epoch(), "counts": True} | changes
        await self.processor.process([item(credits(name, **own))])

    async def spend(self, *records: Spend) -> None:
        await self.processor.process([item(record, offset=n) for n, record in enumerate(records)])

    async def read(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.world.conn.fetch(query, *args)]


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with world_of(database) as world, processor_database(database) as db:
        await world.tenant("acme")
        await world.tenant("rival")
        yield Shop(world, db)


async def test_a_renamed_campaign_is_spent_once_and_ads_are_not_added_to_it(shop: Shop) -> None:
    await shop.spend(spend(campaign_id="1", campaign="spring", amount=300))
    await shop.spend(
        spend(campaign_id="1", campaign="summer", channel="paid_video", amount=300, reported_at=2),
        spend(campaign_id="2", campaign="summer", channel="paid_video", amount=50),
        spend(campaign_id="1", ad_id="9", amount=300),
    )
    assert await shop.read("SELECT DISTINCT channel, spend FROM attribution_channel_summary") == [
        ("paid_video", Decimal("3.50"))
    ]
    assert await shop.read("SELECT ad_id, amount FROM daily_ad_spend") == [("9", 300)]


async def test_results_have_every_eligible_touch_in_every_model_and_add_up(shop: Shop) -> None:
    await shop.credit("c1", touches=3)
    record = credits("c1", touches=3)
    rows = await shop.read(
        "SELECT model, attribution_window, count(*)::int, sum(credit), sum(attributed_revenue),"
        " sum(attributed_revenue_reporting), bool_and(is_fallback)"
        " FROM attribution_results GROUP BY 1, 2"
    )
    found = {(model, window): own for model, window, *own in rows}
    for index, window in enumerate(WINDOWS):
        eligible = sum(touch.first_window <= index for touch in record.touches)
        for model in STANDARD_MODELS:
            if eligible:
                count, credit, revenue, reporting, fallback = found[model, window]
                assert (count, credit, fallback) == (eligible, 1, model == "data_driven")
                assert revenue == reporting == Decimal(record.revenue) / 100
            else:
                assert (model, window) not in found


async def test_results_without_a_rate_have_no_reporting_revenue(shop: Shop) -> None:
    await shop.credit(
        "c1", touches=1, counts=False, state="pending_rate", currency="EUR",
        revenue_reporting=None,
    )  # fmt: skip
    assert await shop.read(
        "SELECT DISTINCT attributed_revenue_reporting FROM attribution_results"
    ) == [(None,)]
    assert await shop.read("SELECT * FROM attribution_channel_summary") == []


async def test_both_summaries_add_up_to_the_shops_revenue(shop: Shop) -> None:
    total = 0
    for n in range(12):
        await shop.credit(f"c{n}")
        total += credits(f"c{n}", counts=True).revenue
    for view in SUMMARIES:
        rows = await shop.read(
            f"SELECT sum(conversions), sum(revenue) FROM {view} GROUP BY model, attribution_window"
        )
        assert rows == [(12, Decimal(total) / 100)] * 56


async def test_only_enabled_models_are_shown(shop: Shop) -> None:
    await shop.world.tenant(enabled_models="linear,first_touch")
    await shop.credit("c1")
    for view in SUMMARIES:
        assert await shop.read(f"SELECT DISTINCT model FROM {view} ORDER BY 1") == [
            ("first_touch",), ("linear",),
        ]  # fmt: skip


async def test_spend_stands_beside_every_model_and_window_and_never_multiplies(
    shop: Shop,
) -> None:
    await shop.spend(spend(amount=1_000), spend(amount=2_000, account_id="act_2"))
    rows = await shop.read(
        "SELECT DISTINCT channel, platform, touchpoints, conversions, revenue, spend, roas, cpa"
        " FROM attribution_channel_summary"
    )
    assert rows == [("paid_social", "meta", 0, 0, 0, Decimal("30.00"), Decimal(0), None)]
    assert await shop.read("SELECT count(*)::int FROM attribution_channel_summary") == [(56,)]


async def test_roas_and_cpa_come_from_spend(shop: Shop) -> None:
    await shop.credit("c1", touches=1, seed=0)
    ((channel, platform, date, revenue),) = await shop.read(
        "SELECT channel, platform, date::text, revenue FROM attribution_channel_summary"
        " WHERE model = 'linear' AND attribution_window = 'ltv'"
    )
    await shop.spend(spend(channel=channel, platform=platform, date=date, amount=3_000))
    rows = await shop.read(
        "SELECT spend, roas, cpa FROM attribution_channel_summary"
        " WHERE model = 'linear' AND attribution_window = 'ltv'"
    )
    assert rows == [(30, round(revenue / 30, 4), 30)]


async def test_without_spend_there_is_neither_roas_nor_cpa(shop: Shop) -> None:
    await shop.credit("c1")
    assert await shop.read("SELECT DISTINCT spend, roas, cpa FROM attribution_channel_summary") == [
        (None, None, None)
    ]


async def test_every_return_on_spend_has_four_decimals_and_none_breaks_its_column(
    shop: Shop,
) -> None:
    types = await shop.read(
        "SELECT format_type(a.atttypid, a.atttypmod), count(*) > 9 FROM pg_attribute AS a"
        " JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'v'"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.attname ~ '(^|_)(roas|mer)$'"
        " GROUP BY 1"
    )
    assert types == [("numeric(10,4)", True)]
    assert await shop.read(
        "SELECT attributary_return(revenue, spend)::text"
        " FROM (VALUES (2, 3), (0, 3), (3e12, 1), (1, 0), (1, NULL), (NULL, 1))"
        " AS x (revenue, spend)"
    ) == [("0.6667",), ("0.0000",), ("999999.9999",), (None,), (None,), (None,)]


async def test_spend_in_another_currency_is_converted_by_its_day_and_waits_without_a_rate(
    shop: Shop,
) -> None:
    await shop.world.rate("EUR", "USD", "2023-11-01", "1.1")
    await shop.world.rate("EUR", "USD", "2023-11-12", "2")
    await shop.spend(
        spend(currency="EUR", amount=5), spend(currency="GBP", amount=70, account_id="act_2"),
        spend(currency="JPY", amount=3, account_id="act_3"),
    )  # fmt: skip
    # 5.5 cents go to the even neighbour.
    assert await shop.read("SELECT DISTINCT spend FROM attribution_channel_summary") == [
        (Decimal("0.06"),)
    ]


async def test_campaigns_have_their_own_summary(shop: Shop) -> None:
    await shop.spend(
        spend(campaign="spring"), spend(campaign="autumn", amount=100), spend(amount=1)
    )
    assert await shop.read(
        "SELECT DISTINCT campaign, spend FROM attribution_campaign_summary ORDER BY 1"
    ) == [("", Decimal("0.01")), ("autumn", Decimal("1.00")), ("spring", Decimal("50.00"))]


@pytest.mark.parametrize("view", [*VIEWS, "attribution_journeys", "attribution_journeys_open"])
async def test_every_column_is_explained_and_the_example_runs(shop: Shop, view: str) -> None:
    ((comment, missing),) = await shop.read(
        "SELECT obj_description($1::regclass), array(SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = $1::regclass AND attnum > 0"
        " AND col_description(attrelid, attnum) IS NULL)",
        view,
    )
    assert missing == []
    await shop.read(comment.split("Example: ")[1])


async def test_an_analyst_sees_one_tenant_in_every_view(shop: Shop, database: str) -> None:
    for tenant in ("acme", "rival"):
        await shop.credit("c1", tenant_id=tenant, touches=1)
        await shop.world.touch("t0", "visitor:v", days=0, tenant_id=tenant)
        await shop.spend(spend(tenant_id=tenant))
    login = f"analyst_{uuid.uuid4().hex}"
    conn = shop.world.conn
    await conn.execute(
        f"CREATE ROLE {login} LOGIN PASSWORD 'synthetic' IN ROLE attributary_analyst"
    )
    await conn.execute("INSERT INTO analysts VALUES ($1, 'acme')", login)
    parts = urlsplit(database)
    address = f"{login}:synthetic@{parts.hostname}:{parts.port}"
    analyst = await asyncpg.connect(urlunsplit(parts._replace(netloc=address)))
    try:
        for view in VIEWS:
            rows = await analyst.fetch(f"SELECT DISTINCT tenant_id FROM {view}")
            assert [row["tenant_id"] for row in rows] == ["acme"]
    finally:
        await analyst.close()
        await conn.execute(f"DROP OWNED BY {login}")
        await conn.execute(f"DROP ROLE {login}")


async def test_roas_of_a_campaign_hangs_on_its_id_first_and_on_equal_names_last(shop: Shop) -> None:
    touched = {"c1": "q4-push", "c2": "17", "c3": "SPRING", "c4": "spring", "c5": "nobody's"}
    for name, campaign in touched.items():
        own = credits(name, epoch=await shop.world.epoch(), counts=True, touches=1)
        place = {
            "platform": "meta",
            "channel": "paid_social",
            "campaign": campaign,
            "first_window": 0,
        }
        touch = own.touches[0].model_copy(update={**place, "date": "2023-11-11"})
        await shop.processor.process([item(own.model_copy(update={"touches": (touch,)}))])
    own_names = {"platform": "meta", "campaign": "q4-push", "campaign_id": "17"}
    await shop.world.touch("t", "visitor:v", days=1, **own_names)
    await shop.spend(
        spend(campaign_id="17", campaign="Autumn", amount=100),
        spend(campaign_id="18", campaign="Spring", amount=50, date="2023-11-10"),
        spend(campaign_id="19", campaign="spring", amount=50),
    )
    matches = "SELECT touch_campaign, campaign_id, matched_by FROM attribution_campaign_matches"
    found = {row[0]: row[1:] for row in await shop.read(matches)}
    assert found["q4-push"] == ("17", "campaign_id")
    assert found["17"] == ("17", "utm_campaign is the id")
    # Of two campaigns of one name the one with the latest spend is meant.
    assert found["SPRING"] == found["spring"] == ("19", "utm_campaign is the name")
    assert "nobody's" not in found
    rows = await shop.read(
        "SELECT campaign_id, campaign, spend, conversions FROM attribution_campaign_roas"
        " WHERE model = 'linear' AND attribution_window = 'ltv' AND date = '2023-11-11' ORDER BY 1"
    )
    assert rows == [
        ("17", "Autumn", Decimal("1.00"), 2),
        ("19", "spring", Decimal("0.50"), 2),
        ("nobody's", "nobody's", None, 1),
    ]


@pytest.mark.parametrize("platform", ["meta", "google", "tiktok"])
async def test_daily_spend_of_a_platform_is_in_units_of_its_currency(
    shop: Shop, platform: str
) -> None:
    own = {"platform": platform, "campaign_id": "17", "campaign": "Autumn"}
    await shop.spend(
        spend(**own, amount=1_234, conversions="1.5", conversion_value=900),
        spend(platform="mntn", currency="JPY", amount=7),
    )
    assert await shop.read(
        "SELECT campaign_id, campaign_name, spend, currency, spend_reporting, conversions,"
        f" conversion_value FROM {platform}_daily_spend"
    ) == [("17", "Autumn", Decimal("12.34"), "USD", Decimal("12.34"), Decimal("1.5"), 9)]
    everywhere = "SELECT platform, spend, spend_reporting FROM platform_daily_spend ORDER BY 1"
    assert ("mntn", 7, None) in await shop.read(everywhere)
