"""Percentiles of what the stopwatch measured."""

import pytest

from deploy.demo.latency import percentiles


def test_percentiles_of_many_of_one_and_of_none() -> None:
    assert percentiles([n / 100 for n in range(101)]) == pytest.approx((0.5, 0.95))
    assert percentiles([0.4]) == (0.4, 0.4)
    assert percentiles([]) == (0.0, 0.0)
