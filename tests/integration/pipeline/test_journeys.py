"""A shop of a few people whose paths are known: each view of journeys, and what moves a path."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from tests.integration.pipeline.races import DOWNSTREAM, Records, drain, join, judge, order, touch
from tests.support.pipeline import NOW, Pipeline

EMAIL = {"channel": "email", "platform": "klaviyo"}
DIRECT: dict[str, Any] = {"marketing": {}}
SEARCH: dict[str, Any] = {}


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ('t')")
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="journeys", max_size=4
    )
    yield Pipeline(db)
    await db.close()


def seen(visitor: str, hours: int, **fields: Any) -> Records:
    return touch("t", visitor, event=f"{visitor}{hours}", hours=hours, **fields)


def bought(number: str, visitor: str, gross: int, **fields: Any) -> Records:
    (topic, record), *_ = order("t", visitor=visitor)
    hash_of = f"{number}{fields.get('status', 'paid')}"
    changes = {
        "order_id": number, "event_id": hash_of, "content_hash": hash_of, "gross": gross,
        "ordered_at": NOW - int(number) * 1_000, **fields,
    }  # fmt: skip
    return [(topic, record.model_copy(update=changes))]


LOG: Records = [
    *seen("ann", 40, **EMAIL, browser={"url": "https://me@Shop.Example:8443/sale?x=1"}),
    *seen("ann", 30, **DIRECT),
    *seen("ann", 2, **DIRECT, type="view"),
    *bought("1", "ann", 10_000),
    *seen("bob", 5, **SEARCH),
    *bought("2", "bob", 5_000),
    *bought("3", "cid", 2_000),
    *seen("dan", 2, **EMAIL),
    *bought("4", "dan", 900, status="refunded"),
    *seen("eve", 3, **DIRECT),
    *seen("eve", 1, **EMAIL),
]
COUNTED = 3


async def bring(pipeline: Pipeline, log: Records, more: Records, dsn: str) -> None:
    """Feed more of the log, and see that everything that is served is what all of it says."""
    await pipeline.feed(more)
    await drain(pipeline, "identity", *DOWNSTREAM)
    log += more
    assert await judge(dsn, log) == []


async def read(dsn: str, query: str) -> list[tuple[Any, ...]]:
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(query)]
    finally:
        await conn.close()


async def paths(dsn: str, window: str) -> dict[str, tuple[Any, ...]]:
    rows = await read(
        dsn,
        "SELECT path, steps, conversions, revenue, touches, seconds_to_convert"
        f" FROM attribution_top_paths WHERE tenant_id = 't' AND attribution_window = '{window}'",
    )
    return {path: tuple(rest) for path, *rest in rows}


async def test_every_view_shows_the_known_paths(pipeline: Pipeline, database: str) -> None:
    await bring(pipeline, [], LOG, database)
    nothing = ("(none)", 1, Decimal("20.00"), 0, None)
    assert await paths(database, "1d") == {
        "direct": ("direct", 1, Decimal("100.00"), 1, 7_199),
        "paid_search": ("paid_search", 1, Decimal("50.00"), 1, 17_998),
        "(none)": nothing,
    }
    assert await paths(database, "7d") == {
        "email > direct > direct": ("email > direct", 1, Decimal("100.00"), 3, 143_999),
        "paid_search": ("paid_search", 1, Decimal("50.00"), 1, 17_998),
        "(none)": nothing,
    }
    lengths = await read(
        database,
        "SELECT measure, bucket, conversions, revenue FROM attribution_path_lengths"
        " WHERE attribution_window = '7d' ORDER BY measure, bucket_order",
    )
    assert lengths == [
        ("time_to_convert", "none", 1, Decimal("20.00")),
        ("time_to_convert", "1 to 6 hours", 1, Decimal("50.00")),
        ("time_to_convert", "1 to 3 days", 1, Decimal("100.00")),
        ("touches", "0", 1, Decimal("20.00")),
        ("touches", "1", 1, Decimal("50.00")),
        ("touches", "3", 1, Decimal("100.00")),
    ]
    assists = await read(
        database,
        "SELECT channel, first_conversions, last_conversions, only_conversions,"
        " assisted_conversions, last_revenue, assisted_revenue, assisted_to_last"
        " FROM attribution_assists WHERE attribution_window = '7d' ORDER BY channel",
    )
    zero = Decimal("0.00")
    assert assists == [
        ("direct", 0, 1, 0, 0, Decimal(100), zero, Decimal(0)),
        ("email", 1, 0, 0, 1, zero, Decimal(100), None),
        ("paid_search", 1, 1, 1, 0, Decimal(50), zero, Decimal(0)),
        ("unattributed", 1, 1, 1, 0, Decimal(20), zero, Decimal(0)),
    ]
    timeline = await read(
        database,
        "SELECT place, touchpoint_type, channel, platform, url_host, first_window"
        " FROM attribution_journey_touches JOIN attribution_conversions USING (conversion_id)"
        " WHERE order_id = '1' ORDER BY place",
    )
    assert timeline == [
        (1, "click", "email", "klaviyo", "shop.example", "3d"),
        (2, "click", "direct", "none", None, "3d"),
        (3, "view", "direct", "none", None, "1d"),
    ]
    assert await read(
        database,
        "SELECT person_id, touches, first_channel, last_channel, path,"
        " extract(epoch FROM last_touch_at - first_touch_at) FROM attribution_journeys_open",
    ) == [("visitor:eve", 2, "direct", "email", "direct > email", 7_200)]


async def test_pages_of_journeys_follow_each_other(pipeline: Pipeline, database: str) -> None:
    await bring(pipeline, [], LOG, database)
    page = (
        "SELECT order_id, counts, first_channel, last_platform, path, days_to_convert, revenue"
        " FROM attribution_journeys WHERE tenant_id = 't' {} ORDER BY converted_at DESC,"
        " conversion_id DESC LIMIT 2"
    )
    assert await read(database, page.format("")) == [
        ("1", True, "email", "none", "email > direct > direct", Decimal("1.67"), Decimal(100)),
        ("2", True, "paid_search", "google", "paid_search", Decimal("0.21"), Decimal(50)),
    ]
    after = (
        "AND (converted_at, conversion_id) < (SELECT converted_at, conversion_id"
        " FROM attribution_conversions WHERE order_id = '2')"
    )
    assert await read(database, page.format(after)) == [
        ("3", True, None, None, "(none)", None, Decimal(20)),
        ("4", False, "email", "klaviyo", "email", Decimal("0.08"), Decimal(0)),
    ]


async def test_the_most_frequent_paths_of_a_span_are_those_of_its_days(
    pipeline: Pipeline, database: str
) -> None:
    other = NOW - 50 * 86_400_000
    more = [*LOG, *bought("5", "bob", 700), *bought("6", "eve", 100), *bought("7", "cid", 1)]
    more += bought("8", "bob", 9_999, ordered_at=other)
    await bring(pipeline, [], more, database)
    for column, repeats in (("path", True), ("steps", False)):
        of = (
            "SELECT path, conversions, revenue, touches, mean_days_to_convert"
            " FROM attribution_top_paths_of('t', '30d', current_date - 36500, current_date + 36500,"
            f" 2, {repeats})"
        )
        by_day = (
            f"SELECT {column}, sum(conversions)::bigint, sum(revenue), sum(touches)::bigint,"
            " round(sum(seconds_to_convert) / 86400.0 / sum(conversions), 2)"
            " FROM attribution_top_paths WHERE attribution_window = '30d'"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2"
        )
        found = await read(database, of)
        assert found == await read(database, by_day)
        assert [row[:2] for row in found] == [("(none)", 3), ("paid_search", 2)]
    days = [f"to_timestamp({at // 1000})::date" for at in (other, other + 86_400_000)]
    span = f"SELECT path, revenue FROM attribution_top_paths_of('t', 'ltv', {', '.join(days)})"
    assert await read(database, span) == [("(none)", Decimal("99.99"))]


async def test_of_equally_frequent_paths_the_first_by_name_are_told(
    pipeline: Pipeline, database: str
) -> None:
    await bring(pipeline, [], LOG, database)
    of = "attribution_top_paths_of('t', '7d', current_date - 36500, current_date + 36500, {})"
    in_order = [("(none)",), ("email > direct > direct",), ("paid_search",)]
    for most in range(4):
        told = await read(database, f"SELECT path FROM {of.format(most)}")
        assert told == in_order[:most]


async def test_paths_add_up_to_the_conversions_of_the_summary(
    pipeline: Pipeline, database: str
) -> None:
    log: Records = []
    await bring(pipeline, log, LOG, database)
    await bring(pipeline, log, [*bought("5", "eve", 700), *seen("cid", 9, **EMAIL)], database)
    columns = "SELECT attribution_window, {}::bigint, {} FROM attribution_{} GROUP BY 1 ORDER BY 1"
    summary = columns.format("sum(conversions)", "sum(revenue)", "channel_summary_cash")
    wanted = await read(database, summary.replace("GROUP", "WHERE model = 'linear' GROUP"))
    assert [row[1:] for row in wanted] == [(4, Decimal("177.00"))] * 8
    for view, of in (("top_paths", ""), ("assists", "last_"), ("path_lengths", "")):
        query = columns.format(f"sum({of}conversions)", f"sum({of}revenue)", view)
        if view == "path_lengths":
            query = query.replace("GROUP", "WHERE measure = 'touches' GROUP")
        assert await read(database, query) == wanted


async def test_a_refund_a_late_touch_and_a_merge_move_paths(
    pipeline: Pipeline, database: str
) -> None:
    log: Records = []
    await bring(pipeline, log, LOG, database)
    refund = bought("2", "bob", 5_000, status="refunded", updated_at=NOW, received_at=NOW + 1)
    await bring(pipeline, log, refund, database)
    assert set(await paths(database, "7d")) == {"email > direct > direct", "(none)"}
    await bring(pipeline, log, seen("cid", 26, **EMAIL), database)
    assert await paths(database, "7d") == {
        "email > direct > direct": ("email > direct", 1, Decimal("100.00"), 3, 143_999),
        "email": ("email", 1, Decimal("20.00"), 1, 93_597),
    }
    assert set(await paths(database, "1d")) == {"direct", "(none)"}
    await bring(pipeline, log, [*join("t", "ann", "c"), *join("t", "eve", "c")], database)
    merged = "email > direct > direct > direct > email"
    steps = "email > direct > email"
    found = await paths(database, "7d")
    assert found[merged] == (steps, 1, Decimal("100.00"), 5, 143_999)
    assert set(found) == {merged, "email"}
    # Eve is now somebody who has bought.
    assert await read(database, "SELECT person_id FROM attribution_journeys_open") == []
