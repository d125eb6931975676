"""The methods against the planted truth of the three simulators; errors in points of share.

The sizes are small enough for every run. `python -m tests.bench journeys` has a million journeys.
"""

from functools import cache

import pytest

from processors.domain.attribution.learning import Trained, train
from tests.support.simulated_journeys import MECHANISMS, Simulated, simulate
from tests.support.simulated_journeys.methods import UNTRAINED, data_driven, error, training
from tests.support.simulated_journeys.walk import Floats

SIZE = 40_000


@cache
def journeys(name: str) -> Simulated:
    return simulate(MECHANISMS[name], SIZE, seed=7)


@cache
def report(name: str) -> Trained:
    found = train(training(journeys(name)))
    assert isinstance(found, Trained), found
    return found


def share(name: str, method: str) -> Floats:
    if method == "data_driven":
        return data_driven(journeys(name), report(name))
    return UNTRAINED[method](journeys(name))


def off(name: str, method: str) -> float:
    return error(journeys(name), share(name, method))


def test_where_touches_add_to_the_log_odds_the_model_finds_the_truth() -> None:
    assert off("logistic", "data_driven") < 0.5
    assert off("logistic", "linear") > 2
    assert off("logistic", "last_touch") > 2
    assert off("logistic", "markov") > 2


def test_where_order_and_recency_count_it_is_at_most_half_as_far_off_as_linear() -> None:
    assert off("ordered", "data_driven") < off("ordered", "linear") / 2
    assert off("ordered", "data_driven") < off("ordered", "last_touch") / 2
    assert off("ordered", "data_driven") < off("ordered", "markov") / 2


@pytest.mark.parametrize("method", ["data_driven", *UNTRAINED])
def test_hidden_intent_fools_every_method(method: str) -> None:
    """Brand search does nothing, and each of them credits it with 4 points and more of a hundred
    conversions. A model of touches and conversions cannot know better; an experiment can."""
    found = journeys("hidden_intent")
    brand = found.channels.index("brand_search")
    assert found.true_shares[brand] == 0
    assert share("hidden_intent", method)[brand] * 100 > 4
    assert off("hidden_intent", method) > 2


def test_intervals_hold_the_truth_where_the_model_is_right() -> None:
    found = journeys("logistic")
    true = dict(zip(found.channels, found.true_shares.tolist(), strict=True))
    inside = sum(
        own.low <= true[own.channel] * 1e6 <= own.high for own in report("logistic").shares
    )
    assert inside >= 10  # of 12: fewer have a chance of 2 % at 95 % each


def test_no_interval_admits_that_intent_was_hidden() -> None:
    [brand] = [own for own in report("hidden_intent").shares if own.channel == "brand_search"]
    assert brand.low > 40_000
