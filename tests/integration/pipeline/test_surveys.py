"""What a buyer said beside what the models say of the same order."""

import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.envelope import Frozen, Marketing
from schemas.order import Order
from schemas.pixel_event import PixelEvent, Survey
from schemas.touchpoint import Touchpoint
from tests.support.pipeline import NOW, Pipeline

DAY = 86_400_000
RETARGETED = Marketing(utm_source="facebook", utm_medium="paid_social")
SEARCHED = Marketing(utm_source="google", utm_medium="cpc")


def touch(name: str, marketing: Marketing, *, days_ago: int) -> tuple[str, Frozen]:
    at = NOW - days_ago * DAY
    return "touchpoints.v1", Touchpoint(
        tenant_id="demo", event_id=name, content_hash=name, occurred_at=at, received_at=at,
        visitor_id="ada", marketing=marketing,
    )  # fmt: skip


def order(number: str, visitor: str) -> tuple[str, Frozen]:
    return "orders.v1", Order(
        tenant_id="demo", source="shopify", order_id=number, event_id=number, content_hash=number,
        received_at=NOW, ordered_at=NOW, status="paid", currency="USD", gross=10_000,
        visitor_id=visitor,
    )  # fmt: skip


def said(response: str, number: str, answer: str, *, at: int = NOW) -> tuple[str, Frozen]:
    name = f"{response}-{answer}-{at}"
    return "pixel_events.v1", PixelEvent(
        tenant_id="demo", event_id=name, content_hash=name, source="survey",
        event_name="SurveyResponse", occurred_at=at, received_at=at, order_source="shopify",
        order_id=number,
        survey=Survey(provider="fairing", response_id=response, answer=answer),
    )  # fmt: skip


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    yield made
    await made.close()


async def test_an_answer_stands_beside_the_channels_that_the_models_credit(
    database: str, db: Database
) -> None:
    conn = await asyncpg.connect(database)
    await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('demo')")
    await conn.execute(
        "INSERT INTO platform_connections SELECT 'demo', p, 'account', '', true"
        " FROM unnest(ARRAY['meta', 'ga4']) AS p"
    )
    pipeline = Pipeline(db)
    await pipeline.feed(
        [
            said("r1", "1", "Podcast", at=NOW - DAY),  # before its order, and edited later
            touch("t1", RETARGETED, days_ago=5),
            touch("t2", SEARCHED, days_ago=1),
            order("1", "ada"),
            order("2", "nobody-seen-before"),
            said("r1", "1", "Saw it on Instagram"),
            said("r2", "2", "a friend"),
            said("r3", "404", "Google"),
        ]
    )
    await pipeline.drain(random.Random(4))
    try:
        shown = await conn.fetch(
            "SELECT order_id, said_channel, model, credited_channel, credited_share, said_share"
            " FROM attribution_survey WHERE model IN ('first_touch', 'linear', 'last_touch')"
        )
        assert {tuple(row) for row in shown} == {
            ("1", "paid_social", "first_touch", "paid_social", 1, 1),
            ("1", "paid_social", "linear", "paid_search", 0.5, 0.5),
            ("1", "paid_social", "last_touch", "paid_search", 1, 0),
            *(("2", "referral", m, "unattributed", 1, 0)
              for m in ("first_touch", "linear", "last_touch")),
        }  # fmt: skip
        summary = await conn.fetch(
            "SELECT channel, conversions_said, conversions_credited"
            " FROM attribution_survey_summary WHERE model = 'linear'"
        )
        assert {tuple(row) for row in summary} == {
            ("paid_social", 1, 0.5), ("paid_search", 0, 0.5), ("referral", 1, 0),
            ("unattributed", 0, 1),
        }  # fmt: skip
        unmatched = "SELECT order_id FROM attribution_survey_answers WHERE NOT is_matched"
        assert [row[0] for row in await conn.fetch(unmatched)] == ["404"]
        reasons = "SELECT order_id, unattributed_reason FROM attribution_unattributed_orders"
        assert [tuple(row) for row in await conn.fetch(reasons)] == [("2", "no_touch")]
        coverage = "SELECT orders, attributed, no_touch, coverage FROM attribution_coverage"
        assert [tuple(row) for row in await conn.fetch(coverage)] == [(2, 1, 1, 0.5)]
        touches = "SELECT count(*) FROM attribution_touchpoints"
        assert await conn.fetchval(touches) == 2
    finally:
        await conn.close()
    assert pipeline.broker.poll("anyone", ["stitched_events.v1"], 10) == []
