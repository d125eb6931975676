"""The simulators that judge the methods: what they say is true is what they planted."""

import numpy as np
import pytest

from tests.support.simulated_journeys import MECHANISMS, simulate
from tests.support.simulated_journeys.logistic import Logistic

SIZE = 20_000


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_seed_gives_the_same_journeys_and_another_gives_others(name: str) -> None:
    one, again, other = (simulate(MECHANISMS[name], SIZE, seed=seed) for seed in (1, 1, 2))
    assert (one.age_ms == again.age_ms).all()
    assert (one.true_shares == again.true_shares).all()
    assert len(one.age_ms) != len(other.age_ms)


@pytest.mark.parametrize("name", MECHANISMS)
def test_touches_are_grouped_by_journey_oldest_first(name: str) -> None:
    found = simulate(MECHANISMS[name], SIZE, seed=3)
    same = np.diff(found.journey) == 0
    assert set(np.diff(found.journey)) == {0, 1}
    assert (np.diff(found.age_ms)[same] <= 0).all()
    assert (found.age_ms >= 0).all()
    assert found.true_shares.sum() == pytest.approx(1)
    assert 0.1 < found.converted.mean() < 0.2


def test_brand_search_has_no_true_share_where_intent_alone_sells() -> None:
    found = simulate(MECHANISMS["hidden_intent"], SIZE, seed=4)
    shares = dict(zip(found.channels, found.true_shares, strict=True))
    assert shares["brand_search"] == 0
    assert shares["prospecting"] > 0.2


def test_the_truth_of_single_touches_is_their_own_channel() -> None:
    found = simulate(Logistic(more=0.0), SIZE, seed=5)
    sold = found.channel[found.converted]
    assert len(sold) > 20
    shares = np.bincount(sold, minlength=len(found.channels)) / len(sold)
    assert found.true_shares == pytest.approx(shares, abs=1e-12)
