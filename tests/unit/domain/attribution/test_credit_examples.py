"""Credit worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from processors.domain.attribution import (
    MODELS,
    STANDARD_MODELS,
    UNIT,
    WINDOW_DAYS,
    WINDOWS,
    CreditSettings,
)
from tests.support.crediting import Credited, Journey, credit_batch

from .journeys import CONVERTED_AT, DAY, journey, touch


def only(one: Journey) -> Credited:
    [credited] = credit_batch([one])
    return credited


def credit_of(one: Journey, model: str, window: str = "ltv") -> list[int]:
    credited = only(one)
    column: list[int] = credited.credit[:, MODELS.index(model), WINDOWS.index(window)].tolist()
    return column


def revenue_of(one: Journey, model: str, window: str = "ltv") -> list[int]:
    column: list[int] = only(one).revenue[:, MODELS.index(model), WINDOWS.index(window)].tolist()
    return column


THREE = journey(
    touch("a", 14 * DAY),
    touch("b", 7 * DAY),
    touch("c", 0, channel="direct"),
)


def test_the_seven_models_share_three_touches_as_by_hand() -> None:
    third = UNIT // 3
    assert {model: credit_of(THREE, model) for model in STANDARD_MODELS} == {
        "first_touch": [UNIT, 0, 0],
        "last_touch": [0, 0, UNIT],
        "linear": [third + 1, third, third],
        # weights 1/4, 1/2, 1: sevenths of 1e9 are .142857142|857, .285714285|714, .571428571|428
        "time_decay": [142_857_143, 285_714_286, 571_428_571],
        "position_based": [400_000_000, 200_000_000, 400_000_000],
        "data_driven": [third + 1, third, third],
        "last_non_direct": [0, UNIT, 0],
    }


def test_smaller_windows_share_among_fewer_touches() -> None:
    assert only(THREE).first_window == [3, 2, 0]
    assert credit_of(THREE, "first_touch", "14d") == [UNIT, 0, 0]
    assert credit_of(THREE, "first_touch", "7d") == [0, UNIT, 0]
    assert credit_of(THREE, "linear", "7d") == [0, UNIT // 2, UNIT // 2]
    assert credit_of(THREE, "last_non_direct", "7d") == [0, UNIT, 0]
    assert credit_of(THREE, "last_non_direct", "1d") == [0, 0, UNIT]
    assert credit_of(THREE, "position_based", "1d") == [0, 0, UNIT]


def test_position_based_gives_one_touch_all_and_two_touches_half_each() -> None:
    assert credit_of(journey(touch("a", DAY)), "position_based") == [UNIT]
    two = journey(touch("a", DAY), touch("b", 0))
    assert credit_of(two, "position_based") == [UNIT // 2, UNIT // 2]


def test_position_based_shares_a_fifth_among_the_middle() -> None:
    six = journey(*(touch(name, 1000 * (9 - i)) for i, name in enumerate("abcdef")))
    assert credit_of(six, "position_based") == [
        400_000_000,
        *[50_000_000] * 4,
        400_000_000,
    ]


def test_time_decay_follows_the_half_life_setting() -> None:
    settings = CreditSettings(half_life_days=1.0)
    one = journey(touch("a", 2 * DAY), touch("b", DAY), settings=settings)
    assert credit_of(one, "time_decay") == [333_333_333, 666_666_667]


def test_time_decay_of_old_touches_keeps_their_proportion() -> None:
    settings = CreditSettings(half_life_days=0.01)
    one = journey(touch("a", 300 * DAY), touch("b", 300 * DAY), settings=settings)
    assert credit_of(one, "time_decay") == [UNIT // 2, UNIT // 2]


def test_all_direct_journeys_credit_the_last_touch() -> None:
    one = journey(touch("a", DAY, channel="direct"), touch("b", 0, channel="direct"))
    assert credit_of(one, "last_non_direct") == [0, UNIT]


def test_a_direct_journey_does_not_borrow_from_its_neighbour_in_the_batch() -> None:
    direct = journey(touch("d", 0, channel="direct"))
    credited = credit_batch([THREE, direct, direct])[2]
    assert (credited.credit == UNIT).all()


def test_money_follows_credit_to_the_cent() -> None:
    one = replace(THREE, revenue=100, revenue_reporting=1)
    assert revenue_of(one, "linear") == [34, 33, 33]
    assert revenue_of(one, "time_decay") == [14, 29, 57]
    reporting = only(one).revenue_reporting
    assert reporting is not None
    assert reporting[:, MODELS.index("linear"), -1].tolist() == [1, 0, 0]


def test_left_over_units_prefer_the_earlier_touch_and_then_the_smaller_id() -> None:
    one = journey(touch("b", 5), touch("c", 5), touch("a", 5), revenue=2)
    assert only(one).touches == [2, 0, 1]
    assert credit_of(one, "linear") == [333_333_334, 333_333_333, 333_333_333]
    assert revenue_of(one, "linear") == [1, 1, 0]


def test_a_free_order_has_credit_and_no_money() -> None:
    credited = only(replace(THREE, revenue=0))
    assert not credited.revenue.any()
    assert (credited.credit.sum(axis=0)[:, -1] == UNIT).all()


def test_the_largest_amount_that_fits_is_split_exactly() -> None:
    most = 2**63 - 1
    shares = revenue_of(replace(THREE, revenue=most), "linear")
    assert sum(shares) == most
    assert shares[0] - most * (UNIT // 3 + 1) // UNIT in (0, 1)


def test_without_a_rate_there_is_no_reporting_money() -> None:
    with_rate = replace(THREE, revenue_reporting=0)
    first, second = credit_batch([THREE, with_rate])
    assert first.revenue_reporting is None
    assert second.revenue_reporting is not None
    assert not second.revenue_reporting.any()


def test_no_journeys_and_journeys_without_touches_are_answered() -> None:
    assert credit_batch([]) == []
    empty, full, last = credit_batch([journey(), THREE, journey(touch("old", 400 * DAY))])
    assert empty.touches == last.touches == []
    assert empty.credit.shape == last.revenue.shape == (0, len(STANDARD_MODELS), len(WINDOWS))
    assert full.touches == [0, 1, 2]


def test_results_are_64_bit_integers_in_model_and_window_order() -> None:
    credited = only(THREE)
    assert credited.credit.dtype == credited.revenue.dtype == np.int64
    assert credited.credit.shape == (3, 7, 8)
    assert list(WINDOW_DAYS) == list(WINDOWS)


def test_a_batch_of_many_touches_is_worked_in_chunks_with_the_same_result() -> None:
    long = journey(*(touch(f"t{i:05}", 60_000 * i) for i in range(3_000)))
    batch = [long, THREE, long, THREE, THREE, long]
    for one, credited in zip(batch, credit_batch(batch), strict=True):
        assert np.array_equal(credited.credit, only(one).credit)
        assert np.array_equal(credited.revenue, only(one).revenue)


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_life_days": 0.0},
        {"half_life_days": float("nan")},
        {"view_window_days": -1},
        {"max_touches": 0},
        {"lookback_days": 0},
    ],
)
def test_settings_without_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CreditSettings(**wrong)  # type: ignore[arg-type]


def test_a_touch_of_the_same_second_but_after_the_conversion_has_age_zero() -> None:
    one = journey(touch("later", -400), touch("now", 0))
    assert CONVERTED_AT % 1000 == 500
    assert only(one).touches == [1, 0]
    assert credit_of(one, "time_decay") == [UNIT // 2, UNIT // 2]
