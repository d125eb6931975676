"""The analyst's views, worked out by hand."""

from typing import Any

import pytest

from schemas.envelope import Content
from schemas.order import Refund
from schemas.spend import Spend
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.oracle.tables import COLUMNS_OF
from tests.oracle.views.amounts import ratio
from tests.oracle.views.books import Asked
from tests.oracle.views.periods import period
from tests.unit.oracle.logs import DAY, NOON, Entry, order, touch

SEARCH: dict[str, Any] = {"utm_source": "google", "utm_medium": "cpc"}
SOCIAL: dict[str, Any] = {"utm_source": "facebook", "utm_medium": "paid_social"}
LINEAR = {"model": "linear", "attribution_window": "30d"}


def spend(platform: str, amount: int, **said: Any) -> Entry:
    figure = Spend(
        tenant_id="acme", source=platform, account_id="1", platform=platform, campaign="c",
        **{"date": "2026-03-01", "currency": "USD", "reported_at": 1, **said}, amount=amount,
        received_at=NOON,
    )  # fmt: skip
    return "spend.v1", figure


def view(name: str, *entries: Entry, **where: Any) -> list[dict[str, Any]]:
    """Rows of the view with these values, as dicts."""
    found = served(log_of(entries), asked=Asked(NOON))[name]
    named = [dict(zip(COLUMNS_OF[name], row, strict=True)) for row in found]
    return [row for row in named if all(row[key] == value for key, value in where.items())]


def test_the_overview_has_the_net_of_the_day_and_the_last_word_on_its_spend() -> None:
    (row,) = view(
        "overview", touch("t", **SEARCH), order(), order("2", visitor_id=None),
        order(refunds=(Refund(refund_id="r", amount=4_000),)),
        spend("google", 5_000), spend("google", 2_000, reported_at=2),
        spend("google", 9_000, reported_at=0), **LINEAR,
    )  # fmt: skip
    assert (row["revenue"], row["attributed_revenue"], row["spend"]) == (16_000, 6_000, 2_000)
    assert (row["roas"], row["mer"], row["cpa"], row["aov"]) == (
        30_000, 80_000, 200_000, 800_000,
    )  # fmt: skip
    assert (row["new_orders"], row["returning_orders"]) == (1, 0)


def test_spend_that_vanished_or_waits_for_a_rate_has_no_ratio() -> None:
    gone = view(
        "channels", spend("google", 900), spend("google", 0, reported_at=2), level="channel"
    )
    assert {(row["spend"], row["roas"]) for row in gone} == {(0, None)}
    assert view("channels", spend("google", 900, currency="GBP"), level="channel") == []


def test_the_index_of_a_channel_is_its_roas_beside_that_of_all_with_spend() -> None:
    paths = [touch("a", **SEARCH, ago=2), touch("b", **SOCIAL, ago=1)]
    rows = view(
        "roas_index", *paths, order(), spend("google", 1_000), spend("meta", 4_000), **LINEAR
    )
    assert {row["platform"]: row["roas_index"] for row in rows} == {"google": 25_000, "meta": 6_250}


def test_the_products_of_a_touch_add_up_to_what_it_earned() -> None:
    lines = (
        Content(product_id="a", quantity=1, price=1), Content(product_id="b", quantity=2, price=1),
    )  # fmt: skip
    found = view("products", touch("t", **SEARCH), order(gross=100, line_items=lines), **LINEAR)
    told = [(row["product_id"], row["units"] // 10**9, row["revenue"]) for row in found]
    assert told == [("a", 1, 33), ("b", 2, 67)]


def test_a_cohort_keeps_those_who_come_back() -> None:
    later = order("3", visitor_id="w", ordered_at=NOON + 31 * DAY)
    first, second = view("cohorts", order(), order("2", visitor_id="w"), later)
    assert (first["customers"], first["retention"], first["ltv"]) == (2, 10_000, 1_000_000)
    assert (second["active_customers"], second["retention"], second["ltv"]) == (
        1, 5_000, 1_500_000,
    )  # fmt: skip


def test_ratios_round_half_away_from_nought() -> None:
    assert (ratio(1, 20_000), ratio(-1, 20_000), ratio(1, 20_001)) == (1, -1, 0)
    assert ratio(None, 1) is ratio(1, 0) is None


@pytest.mark.parametrize(
    ("grain", "start"), [("week", "2026-02-23"), ("quarter", "2026-01-01"), ("10d", "2026-02-28")]
)
def test_periods_begin_on_mondays_quarters_and_every_so_many_days(grain: str, start: str) -> None:
    assert period(grain)("2026-03-01") == start
