"""The models against what is published of them, against each other, and on people made by them."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.domain.ltv import bg_nbd, gamma_gamma, intervals
from processors.domain.ltv.bg_nbd import BgNbd
from processors.domain.ltv.gamma_gamma import GammaGamma, Spending
from processors.domain.ltv.maximise import maximise
from tests.support.ltv_people import CDNOW, CDNOW_VALUE, customer, made

positive = st.floats(0.05, 20)


def test_conditional_expectations_are_those_that_are_published() -> None:
    """Fader, Hardie and Lee's note on the model in Excel: 1.226. The BTYD package's walkthrough,
    which has the parameters unrounded: 25.76, alive 0.9689, and 1.444 of a new one."""
    seen = customer(2, 30.43, 38.86)
    assert bg_nbd.expected(CDNOW, seen, 39)[0] == pytest.approx(1.226, abs=5e-4)
    loyal = customer(26, 30.86, 31)
    assert bg_nbd.expected(CDNOW, loyal, 52)[0] == pytest.approx(25.758, abs=5e-3)
    assert bg_nbd.alive(CDNOW, loyal)[0] == pytest.approx(0.9689, abs=2e-4)
    assert bg_nbd.expected(CDNOW, customer(0, 0, 0), 52)[0] == pytest.approx(1.444, abs=4e-3)


def test_the_value_of_a_purchase_is_the_published_one() -> None:
    """Fader and Hardie's note on gamma-gamma, the first customers of CDNOW."""
    x, m = np.array([2, 1, 0, 7]), np.array([22.35, 11.77, 0, 73.74])
    told = CDNOW_VALUE.per_unit(x) * (CDNOW_VALUE.v + x * m)
    assert told == pytest.approx([24.65, 18.91, 35.17, 71.46], abs=0.06)


@settings(deadline=None, max_examples=25)
@given(
    st.builds(BgNbd, positive, positive, positive, positive),
    st.integers(0, 12), st.floats(0, 1), st.floats(0, 100), st.floats(0.1, 5),
)  # fmt: skip
def test_the_chances_of_all_numbers_make_one_and_their_mean_is_the_expectation(
    model: BgNbd, x: int, when: float, age: float, horizon: float
) -> None:
    seen = customer(x, when * age if x else 0, age)
    chances = bg_nbd.chances(model, seen, horizon, 1_500)[0]
    assert chances.min() >= 0
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    mean = float((chances * np.arange(1_501)).sum())
    assert bg_nbd.expected(model, seen, horizon)[0] == pytest.approx(mean, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    "model", [BgNbd(0.13, 5.4, 3e4, 1.6e5), BgNbd(0.5, 10, 0.4, 0.6), BgNbd(9, 1e-2, 1e-6, 1e5)]
)
@pytest.mark.parametrize(("x", "recency"), [(0, 0), (1, 40), (3_000, 700)])
def test_no_parameters_and_no_history_are_too_much(model: BgNbd, x: int, recency: float) -> None:
    """3,000 purchases, nobody who leaves, everybody with the same chance to: all are numbers."""
    seen = customer(x, recency, 730)
    told = bg_nbd.expected(model, seen, 365)[0]
    assert 0 <= told <= (model.r + x) * 365 / (model.alpha + 730) + 1e-6, (
        "no more than of who stays"
    )
    chances = bg_nbd.chances(model, seen, 365, 3_000)[0]
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    assert told == pytest.approx(float((chances * np.arange(3_001)).sum()), rel=1e-4, abs=1e-9)


def test_parameters_are_found_again_in_people_made_by_them() -> None:
    people = made(12_000, seed=11)
    found = bg_nbd.fit(people.cells)
    assert found is not None
    model, height = found
    assert astuple(model) == pytest.approx(astuple(CDNOW), rel=0.2)
    assert height >= bg_nbd.log_likelihood(CDNOW, people.cells)
    value = gamma_gamma.fit(people.spending())
    assert value is not None
    assert astuple(value) == pytest.approx(astuple(CDNOW_VALUE), rel=0.15)
    assert abs(people.spending().correlation()) < 0.1


def test_a_unit_of_time_changes_alpha_and_nothing_else() -> None:
    people = made(1_500, seed=5)
    weeks, days = bg_nbd.fit(people.cells), bg_nbd.fit(people.cells.scaled(7))
    assert weeks is not None
    assert days is not None
    model = BgNbd(weeks[0].r, weeks[0].alpha * 7, weeks[0].a, weeks[0].b)
    assert astuple(days[0]) == pytest.approx(astuple(model), rel=1e-3)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.3, 20), st.floats(1.1, 9), st.integers(0, 30), st.floats(0.2, 20))
def test_sums_of_purchases_have_the_mean_that_the_value_says(
    p: float, q: float, x: int, rate: float
) -> None:
    """The table of sums is a distribution, and in order; its middle is where simulation has it."""
    model = GammaGamma(p, q, 1)
    n = np.arange(intervals.MOST + 1)
    poisson = np.exp(n * math.log(rate) - rate - np.array([math.lgamma(k + 1) for k in n]))
    low, high = intervals.worth(model, np.array([x]), poisson[np.newaxis])
    rng = np.random.default_rng(3)
    scale = rng.gamma(q + p * x, 1, 20_000)
    sums = rng.gamma(np.maximum(p * rng.poisson(rate, 20_000), 1e-12)) / scale
    assert low[0] <= high[0]
    for told, level in ((low[0], intervals.LOW), (high[0], intervals.HIGH)):
        assert (sums <= told + 1e-9).mean() == pytest.approx(level, abs=0.02) or (
            told == 0 and math.exp(-rate) >= level
        )


def test_intervals_are_left_out_where_too_many_purchases_are_likely() -> None:
    chances = bg_nbd.chances(BgNbd(50, 1, 1e-3, 50), customer(0, 0, 0), 20, intervals.MOST)
    low, high = intervals.counted(chances)
    assert np.isnan([*low, *high]).all()
    assert np.isnan(intervals.worth(CDNOW_VALUE, np.array([0]), chances)).all()


def test_a_fit_without_time_or_spending_is_none() -> None:
    assert bg_nbd.fit(customer(0, 0, 0)) is None
    empty = np.zeros(0)
    assert gamma_gamma.fit(Spending(empty.astype(np.int64), empty, empty)) is None


def test_the_top_of_a_narrow_ridge_is_found() -> None:
    """Rosenbrock's function, turned over."""
    point, height = maximise(
        lambda p: -float((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2), (-1.2, 1.0)
    )
    assert point == pytest.approx([1, 1], abs=1e-3)
    assert height == pytest.approx(0, abs=1e-6)
