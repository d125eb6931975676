"""Forecasts: their intervals hold what they say, and they say nothing that they cannot know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.domain.quality.forecast import HORIZON, LEAST_DAYS, forecast
from processors.domain.quality.scales import COUNT, SERIES, SHARE
from tests.unit.domain.quality.simulated import LAWS, growing_counts

SHOPS = 80


@pytest.mark.parametrize("law", list(LAWS))
@pytest.mark.parametrize("days", [60, 150])
def test_intervals_hold_as_many_days_to_come_as_they_say(law: str, days: int) -> None:
    draw, scale = LAWS[law]
    rng = np.random.default_rng(20_260_901)
    inside = np.zeros(2)
    for _ in range(SHOPS):
        values = draw(rng, days + HORIZON)
        for told in forecast(values[:days], scale):
            came = values[days + told.ahead - 1]
            inside += [told.low_80 <= came <= told.high_80, told.low_95 <= came <= told.high_95]
    near, far = inside / (SHOPS * HORIZON)
    assert 0.75 <= near <= 0.86, near
    assert 0.92 <= far <= 0.985, far


def test_the_week_is_carried_on() -> None:
    week = np.array([10.0, 20, 30, 40, 50, 60, 70])
    told = forecast(np.tile(week, 10), SERIES["platform_match_quality"])
    assert [round(one.expected) for one in told] == [10] * HORIZON, "no more than there is"
    told = forecast(np.tile(week, 10), COUNT)
    assert [round(one.expected) for one in told] == [10, 20, 30, 40, 50, 60, 70] * 2


def test_what_is_short_or_unknown_has_no_forecast() -> None:
    known = growing_counts(np.random.default_rng(1), LEAST_DAYS)
    assert len(forecast(known, COUNT)) == HORIZON
    assert forecast(known[1:], COUNT) == []
    assert forecast(np.full(LEAST_DAYS, np.nan), COUNT) == []
    assert forecast(np.concatenate([np.full(40, np.nan), known[:30]]), COUNT) == []
    assert forecast(np.array([]), COUNT) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=0, max_size=120),
    st.integers(0, 2**32 - 1),
)
def test_every_interval_is_ordered_and_possible(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    series = np.array(values + list(rng.uniform(0, 1, LEAST_DAYS)))
    for told in forecast(series, SHARE):
        ordered = [0, told.low_95, told.low_80, told.expected, told.high_80, told.high_95, 1]
        assert ordered == sorted(ordered)
