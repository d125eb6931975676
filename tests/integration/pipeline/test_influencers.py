"""Influencers: from a command, codes of links and discounts, and orders, to figures."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.command import Command, SetInfluencer
from schemas.envelope import Browser, Marketing
from tests.integration.pipeline.races import DOWNSTREAM, Records, drain, judge, order, touch
from tests.support.pipeline import NOW, Pipeline


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ('t')")
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="influencers", max_size=4
    )
    yield Pipeline(db)
    await db.close()


def told(name: str, *, at: int = 0, **fields: Any) -> Records:
    body = SetInfluencer(influencer_id=name, name=name.title(), **fields)
    command = Command(
        tenant_id="t", command_id=f"{name}{at}", issued_at=NOW + at, received_at=NOW, body=body
    )
    return [("commands.v1", command)]


def bought(number: str, visitor: str, **fields: Any) -> Records:
    (topic, record), *_ = order("t", visitor=visitor)
    changes = {"order_id": number, "event_id": number, "content_hash": number, **fields}
    return [(topic, record.model_copy(update=changes))]


MIA = told("mia", discount_codes=("MIA10", "Shared"), ref_codes=("mia",), commission_rate="0.125")
LOG: Records = [
    *MIA,
    *told("leo", discount_codes=("LEO",), ref_codes=("shared",), commission_rate="0.1"),
    *told("zoe", ref_codes=("zoe",)),
    *told("zora"),
    # Mia's code on the order; Leo's link on the way there.
    *touch("t", "ann", event="a", marketing={"ref": "LEO"}),
    *bought("1", "ann", discount_codes=("mia10",), gross=10_001),
    *bought("2", "ann", marketing=Marketing(creator=" MIA "), gross=5_000, ordered_at=NOW - 50_000),
    # A code that two claim, by a link: the smaller name has it.
    *touch("t", "bob", event="b", marketing={"creator": "SHARED"}),
    *bought("3", "bob", gross=3_333),
    # The landing page says it.
    *bought("6", "eve", gross=2_000, browser=Browser(url="/a?b=c&ref=ZOE")),
    # Refunded: nobody earns.
    *bought("4", "cid", discount_codes=("MIA10",), status="refunded"),
    # A ref code is no discount code.
    *bought("5", "dan", discount_codes=("zoe",)),
    *touch("t", "dan", event="d", marketing={"ref": "nobody"}),
]


async def read(dsn: str, query: str) -> list[tuple[Any, ...]]:
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(query)]
    finally:
        await conn.close()


async def test_orders_lead_to_influencers_and_these_to_figures(
    pipeline: Pipeline, database: str
) -> None:
    await pipeline.feed(LOG)
    await drain(pipeline, "identity", *DOWNSTREAM)
    assert await judge(database, LOG) == []
    orders = await read(
        database,
        "SELECT order_id, influencer_id, matched_code, match_kind, is_primary, also_claimed_by,"
        " revenue, is_first_purchase FROM attribution_influencer_orders ORDER BY 1, 2",
    )
    assert orders == [
        ("1", "leo", "leo", "touch_ref", False, [], Decimal("100.01"), True),
        ("1", "mia", "mia10", "discount_code", True, [], Decimal("100.01"), True),
        ("2", "leo", "leo", "touch_ref", False, [], Decimal("50.00"), False),
        ("2", "mia", "mia", "order_creator", True, [], Decimal("50.00"), False),
        ("3", "leo", "shared", "touch_creator", True, ["mia"], Decimal("33.33"), True),
        ("6", "zoe", "zoe", "order_ref", True, [], Decimal("20.00"), True),
    ]
    metrics = await read(
        database,
        "SELECT influencer_id, conversions, revenue, aov, commission_earned, new_customer_percent,"
        " assisted_conversions FROM attribution_influencer_metrics ORDER BY 1",
    )
    assert metrics == [
        ("leo", 1, Decimal("33.33"), Decimal("33.33"), Decimal("3.33"), Decimal(100), 2),
        ("mia", 2, Decimal("150.01"), Decimal("75.00"), Decimal("18.75"), Decimal(50), 0),
        ("zoe", 1, Decimal(20), Decimal(20), Decimal(0), Decimal(100), 0),
        ("zora", 0, Decimal(0), None, Decimal(0), None, 0),
    ]
    contested = await read(
        database,
        "SELECT influencer_id, contested_codes FROM attribution_influencers"
        " WHERE contested_codes <> '{}' ORDER BY 1",
    )
    assert contested == [("leo", ["shared"]), ("mia", ["shared"])]


async def test_the_latest_command_stands_in_any_order_and_one_can_be_taken_away(
    pipeline: Pipeline, database: str
) -> None:
    log = [*told("mia", at=2, removed=True), *LOG, *told("leo", at=1, ref_codes=("mia",))]
    await pipeline.feed(log)
    await drain(pipeline, "identity", *DOWNSTREAM)
    assert await judge(database, log) == []
    names = "SELECT influencer_id, ref_codes FROM attribution_influencers ORDER BY 1"
    assert await read(database, names) == [("leo", ["mia"]), ("zoe", ["zoe"]), ("zora", [])]
