"""The fit is where the gradient vanishes, and the linear systems are solved as algebra says."""

import math

import numpy as np
import pytest

from processors.domain.attribution.learning.design import blocks
from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.fit import fit, prior
from processors.domain.attribution.learning.logistic import logistic
from processors.domain.attribution.learning.solve import solved
from processors.domain.attribution.learning.sums import exact_scale, summed

SHAPE = Features(("a", "b"), np.arange(2), recency_days=(1,), saturation=3)
COUNTS = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 1, 2], [0, 3, 0, 0]], dtype=np.uint8)
DESIGN = list(blocks(COUNTS))
SEEN = np.array([400, 300, 200, 100])
SOLD = np.array([40, 60, 90, 10])


def test_the_penalised_gradient_is_zero_at_the_fit() -> None:
    found = fit(DESIGN, SEEN, SOLD, SHAPE).coefficients / 1e6
    pull = prior(SHAPE) @ found
    for column in range(5):
        total = 0.0
        for counts, seen, sold in zip(COUNTS.tolist(), SEEN.tolist(), SOLD.tolist(), strict=True):
            row = [1, *counts]
            logit = sum(c * f for c, f in zip(row, found.tolist(), strict=True))
            total += row[column] * (sold - seen / (1 + math.exp(-logit)))
        assert total == pytest.approx(pull[column], abs=1e-3)


def test_a_start_elsewhere_ends_at_the_same_coefficients() -> None:
    one = fit(DESIGN, SEEN, SOLD, SHAPE).coefficients
    start = np.array([-1, 1, 0, -1, 2]) * 1_000_000
    other = fit(DESIGN, SEEN, SOLD, SHAPE, start=start).coefficients
    assert np.abs(one - other).max() <= 1


def test_a_channel_that_always_sells_gets_a_finite_effect() -> None:
    found = fit(DESIGN, SEEN, np.array([0, 300, 200, 0]), SHAPE).coefficients
    assert 0 < found[3] < 20_000_000


def test_the_prior_correlates_cells_of_a_channel_and_of_an_age() -> None:
    covariance = np.linalg.inv(prior(SHAPE)[1:, 1:])
    assert covariance[0] == pytest.approx([2.34, 2.0, 1.25, 1.0])


def test_elimination_solves_what_numpy_solves() -> None:
    random = np.random.default_rng(1)
    factor = random.normal(size=(30, 30))
    matrix, right = factor @ factor.T + np.eye(30), random.normal(size=(30, 4))
    assert solved(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-8)


def test_scaled_sums_are_the_same_in_any_order() -> None:
    random = np.random.default_rng(2)
    terms, index = random.normal(size=50_000).clip(-3, 3), random.integers(0, 5, 50_000)
    whole = np.rint(terms * exact_scale(50_000, 3))
    order = random.permutation(50_000)
    assert (summed(index, whole, 5) == summed(index[order], whole[order], 5)).all()
    assert (summed(index, terms, 5) != summed(index[order], terms[order], 5)).any()


def test_the_tabled_logistic_function_is_the_logistic_function() -> None:
    micro = np.random.default_rng(3).integers(-50_000_000, 50_000_001, 2_000)
    want = [1 / (1 + math.exp(-m / 1e6)) for m in micro.tolist()]
    assert logistic(micro) == pytest.approx(want, rel=1e-14)
    assert logistic(np.array([0, 10**9, -(10**9)])) == pytest.approx([0.5, 1, 0], abs=1e-20)
