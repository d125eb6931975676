"""Anomalies: the day that breaks the week is found, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.domain.quality.anomaly import ERRORS, WEEK, WEEKS, judge
from processors.domain.quality.scales import AMOUNT, COUNT, SHARE, Floats, Scale
from tests.unit.domain.quality.simulated import LAWS, growing_counts, wandering_amounts


def flagged(values: Floats, scale: Scale) -> list[int]:
    found = enumerate(judge(values, scale))
    return [day for day, one in found if one is not None and one.is_anomaly]


@pytest.mark.parametrize("law", list(LAWS))
def test_a_series_that_is_as_ever_is_hardly_ever_flagged(law: str) -> None:
    draw, scale = LAWS[law]
    rng = np.random.default_rng(20_260_901)
    judged = [one for _ in range(15) for one in judge(draw(rng, 150), scale) if one is not None]
    share = sum(one.is_anomaly for one in judged) / len(judged)
    assert len(judged) > 1_000
    assert share < 0.012, share


@pytest.mark.parametrize("factor", [0.4, 2.0])
def test_a_day_that_halves_or_doubles_is_found_and_its_range_excludes_it(factor: float) -> None:
    found = 0
    for seed in range(20):
        values = growing_counts(np.random.default_rng(seed), 120)
        values[110] = round(values[110] * factor)
        told = judge(values, COUNT)[110]
        assert told is not None
        found += told.is_anomaly
        assert told.is_anomaly == (not told.low <= values[110] <= told.high)
        assert (told.score > 0) == (factor > 1)
    assert found >= 19


def test_the_weekend_is_no_anomaly_and_a_weekday_like_it_is() -> None:
    values = np.tile([1000.0, 1000, 1000, 1000, 1000, 50, 50], 12)
    assert flagged(values, COUNT) == []
    values[71] = 50
    assert flagged(values, COUNT) == [71]


def test_an_outlier_of_one_week_does_not_hide_or_accuse_the_next() -> None:
    values = growing_counts(np.random.default_rng(3), 120)
    values[90] *= 8
    assert flagged(values, COUNT) == [90]


def test_a_series_that_stood_still_is_not_flagged_for_a_trifle() -> None:
    values = np.ones(90)
    values[80], values[85] = 0.99, 0.90
    assert flagged(values, SHARE) == [85]


def test_days_that_are_unknown_or_have_no_past_are_not_judged() -> None:
    values = growing_counts(np.random.default_rng(4), 100)
    values[60] = np.nan
    told = judge(values, COUNT)
    assert told[60] is None
    assert told[:34] == [None] * 34
    assert all(told[day] is not None for day in range(36, 100) if day != 60)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(40, 110), st.floats(0, 1e9))
def test_a_day_is_judged_by_its_past_alone(seed: int, day: int, other: float) -> None:
    values = wandering_amounts(np.random.default_rng(seed), 120)
    changed = values.copy()
    changed[day + 1 :] = other
    assert judge(values, AMOUNT)[: day + 1] == judge(changed, AMOUNT)[: day + 1]
    changed[day] = other
    ranges = [
        None if told is None else (told.expected, told.low, told.high)
        for told in (judge(values, AMOUNT)[day], judge(changed, AMOUNT)[day])
    ]
    assert ranges[0] == ranges[1], "not even by itself"


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_long_past_is_forgotten(seed: int) -> None:
    values = wandering_amounts(np.random.default_rng(seed), 150)
    first = 149 - ERRORS - WEEK * WEEKS
    told = judge(values, AMOUNT)[-1]
    values[:first] = 1e6
    assert judge(values, AMOUNT)[-1] == told


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_expected_lies_in_its_range(seed: int) -> None:
    for draw, scale in LAWS.values():
        for one in judge(draw(np.random.default_rng(seed), 60), scale):
            if one is not None:
                assert one.low <= one.expected <= one.high
                assert one.is_anomaly or one.low <= one.value + 1e-9
