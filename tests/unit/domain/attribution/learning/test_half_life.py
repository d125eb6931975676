"""A planted half-life is found, none is found where there is none, and little data is refused."""

from dataclasses import dataclass

import numpy as np
import pytest

from processors.domain.attribution.learning import HalfLife, Refused, half_life
from tests.support.simulated_journeys import simulate
from tests.support.simulated_journeys.logistic import Logistic
from tests.support.simulated_journeys.methods import training
from tests.support.simulated_journeys.walk import Floats, History

from .rows import journeys, shuffled

SIZE = 30_000


@dataclass(frozen=True)
class Decaying(Logistic):
    """Every touch alike, halving with its age."""

    days: float = 5.0

    def probability(self, history: History) -> Floats:
        """The logistic function of -4 and 1 for each whole touch."""
        stock = (np.exp2(-history.age / self.days) * history.kept).sum(axis=1)
        told: Floats = 1 / (1 + np.exp(4 - stock))
        return told


@pytest.mark.parametrize("days", [1.5, 5.0, 20.0])
def test_the_interval_holds_the_planted_half_life(days: float) -> None:
    found = half_life(training(simulate(Decaying(days=days), SIZE, seed=1)))
    assert isinstance(found, HalfLife)
    assert found.low < days < found.high
    assert found.days == pytest.approx(days, rel=0.25)
    assert found.high < 2 * found.low


def test_touches_that_do_not_fade_have_the_longest_half_life() -> None:
    found = half_life(training(simulate(Logistic(), SIZE, seed=1)))
    assert isinstance(found, HalfLife)
    assert found.high > 90


def test_the_order_of_rows_does_not_matter() -> None:
    given = training(simulate(Decaying(), 5_000, seed=2))
    assert half_life(given) == half_life(shuffled(given, 1))


def test_single_touches_say_nothing_of_a_half_life() -> None:
    found = half_life(journeys(*["a !"] * 300, *["a"] * 300))
    assert isinstance(found, Refused)
    assert found.reason.startswith("half_life_unknown")


def test_where_the_second_touch_always_sells_no_half_life_fits_better() -> None:
    found = half_life(journeys(*["a a !"] * 300, *["a"] * 300))
    assert isinstance(found, Refused)
    assert found.reason.startswith("half_life_unknown")


def test_too_few_conversions_are_refused_by_their_number() -> None:
    found = half_life(journeys(*["a b !"] * 212, *["a"] * 400))
    assert found == Refused("insufficient_conversions: 212 of 300")
