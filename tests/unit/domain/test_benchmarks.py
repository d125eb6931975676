"""Quartiles that give no shop's figure away."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.benchmarks import quartiles


def test_each_quartile_is_the_mean_of_three_shops_in_two_digits() -> None:
    told = (Decimal(37), Decimal(370), Decimal(3_700))
    assert quartiles([10_000, 1, 100, 10, 1_000]) == told
    assert quartiles(list(range(1, 10))) == (Decimal(3), Decimal(5), Decimal(7))
    assert quartiles([0.01234] * 8) == (Decimal("0.012"),) * 3
    assert quartiles([0.0] * 5) == (Decimal(0),) * 3


def test_four_shops_are_too_few() -> None:
    with pytest.raises(ValueError, match="of 4 shops would tell"):
        quartiles([1, 2, 3, 4])


@given(st.lists(st.floats(0, 1e9), min_size=5, max_size=40))
def test_quartiles_go_upwards_and_stay_among_the_figures(figures: list[float]) -> None:
    first, median, third = (float(one) for one in quartiles(figures))
    assert first <= median <= third
    assert min(figures) * 0.95 <= first
    assert third <= max(figures) * 1.05
