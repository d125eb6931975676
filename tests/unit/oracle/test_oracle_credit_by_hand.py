"""Worked examples: the numbers in the comments were computed on paper from interfaces.md."""

import pytest

from tests.oracle.credit import largest_remainder
from tests.unit.oracle.logs import DAY, command, order, rows, setting, tables, touch

# Visitor v clicks an ad ten days before the order, a mail two days before, and comes by
# himself an hour before. The order is 100.00 USD, 0.01 of which cannot be split in three.
JOURNEY = (
    touch("ad", ago=10 * DAY, utm_source="facebook", utm_medium="paid_social"),
    touch("mail", ago=2 * DAY, utm_source="klaviyo", utm_medium="email"),
    touch("direct", ago=DAY // 24),
    order(),
)
THIRD = 333_333_333


@pytest.mark.parametrize(
    ("model", "window", "expected"),
    [
        ("first_touch", "ltv", {"paid_social": (10**9, 10_000)}),
        ("first_touch", "7d", {"email": (10**9, 10_000)}),
        ("last_touch", "ltv", {"direct": (10**9, 10_000)}),
        ("last_non_direct", "ltv", {"email": (10**9, 10_000)}),
        ("last_non_direct", "1d", {"direct": (10**9, 10_000)}),
        # A billion by three leaves one unit, 10,000 cents by three leave one: to the earliest.
        (
            "linear",
            "14d",
            {
                "paid_social": (THIRD + 1, 3_334),
                "email": (THIRD, 3_333),
                "direct": (THIRD, 3_333),
            },
        ),
        ("linear", "3d", {"email": (5 * 10**8, 5_000), "direct": (5 * 10**8, 5_000)}),
        (
            "position_based",
            "90d",
            {
                "paid_social": (4 * 10**8, 4_000),
                "email": (2 * 10**8, 2_000),
                "direct": (4 * 10**8, 4_000),
            },
        ),
    ],
)
def test_each_model_divides_as_on_paper(
    model: str, window: str, expected: dict[str, tuple[int, int]]
) -> None:
    found = rows(tables(*JOURNEY), "channel_summary", model=model, attribution_window=window)
    earned = {row["channel"]: (row["conversions"], row["revenue"]) for row in found}
    assert {channel: value for channel, value in earned.items() if value != (0, 0)} == expected


def test_a_half_life_halves_the_weight() -> None:
    # One half-life (7 days) apart: weights 1 and 2, so a third and two thirds.
    log = (touch("old", ago=8 * DAY, gclid="a"), touch("new", ago=DAY, fbclid="b"), order())
    found = rows(tables(*log), "results", model="time_decay", attribution_window="ltv")
    credit = sorted((row["credit"], row["attributed_revenue"]) for row in found)
    assert credit == [(THIRD, 3_333), (THIRD * 2 + 1, 6_667)]


def test_the_edge_of_a_window_is_floored_to_the_second() -> None:
    # Noon is a whole second, so 1 day and 0 ms is in, and 1 ms more is in the second before.
    inside = tables(touch("a", ago=DAY), order())
    outside = tables(touch("a", ago=DAY + 1), order())
    assert rows(inside, "results", attribution_window="1d") != []
    assert rows(outside, "results", attribution_window="1d") == []
    assert rows(outside, "results", attribution_window="3d") != []


def test_a_touch_in_the_second_of_the_order_counts_even_if_it_is_later() -> None:
    assert rows(tables(touch("a", ago=-999), order()), "results") != []
    assert rows(tables(touch("a", ago=-1_000), order()), "results") == []


def test_views_count_within_their_own_window() -> None:
    log = (touch("seen", ago=2 * DAY, type="view", utm_source="tiktok"), order())
    assert rows(tables(*log), "results", attribution_window="3d") != []
    assert rows(tables(*log, setting("view_window", "1d")), "results") == []
    assert rows(tables(*log, setting("attribution_mode", "clicks_only")), "results") == []


def test_the_cap_keeps_the_first_and_the_newest() -> None:
    clicks = [touch(f"t{n}", ago=n * 1_000, gclid=str(n)) for n in range(1, 6)]
    found = tables(*clicks, order(), setting("max_touches", "2"))
    kept = {row["touchpoint_id"] for row in rows(found, "results")}
    names = {row["event_id"] for row in rows(found, "touchpoints") if row["touchpoint_id"] in kept}
    assert names == {"t1", "t2", "t5"}


def test_money_is_converted_once_half_to_even() -> None:
    # 100.05 EUR at 0.5 is 50.025 USD: half-even makes 50.02.
    rate = command("r", kind="rate", currency="EUR", reporting="USD", date="2026-02-01", rate="0.5")
    found = tables(order(gross=10_005, currency="EUR"), rate)
    (row,) = rows(found, "conversions")
    assert (row["revenue"], row["revenue_reporting"], row["state"]) == (
        10_005,
        5_002,
        "unattributed",
    )


def test_an_order_older_than_every_rate_waits_and_is_not_summed() -> None:
    rate = command("r", kind="rate", currency="EUR", reporting="USD", date="2026-03-02", rate="1")
    found = tables(touch("a", ago=1, gclid="x"), order(currency="EUR"), rate)
    assert rows(found, "conversions")[0]["state"] == "pending_rate"
    assert {row["attributed_revenue_reporting"] for row in rows(found, "results")} == {None}
    assert found["summary_cells"] == []


def test_the_day_is_the_tenants() -> None:
    # 12:00 UTC on 1 March is 01:00 on 2 March in Auckland (UTC+13).
    found = tables(order(), setting("time_zone", "Pacific/Auckland"))
    assert {row["date"] for row in rows(found, "channel_summary")} == {"2026-03-02"}


def test_largest_remainders_go_first_and_ties_to_the_earlier() -> None:
    # 10 by 1:1:1 is 3.33 each; 7 by 5:3:2 is 3.5, 2.1, 1.4.
    assert largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert largest_remainder(7, [5, 3, 2]) == [4, 2, 1]
    assert largest_remainder(0, [1, 2]) == [0, 0]
