"""Metrics by hand: two vectors, one of which sells more often."""

import math

import numpy as np
import pytest

from processors.domain.attribution.learning.design import blocks
from processors.domain.attribution.learning.examples import Examples, held_out
from processors.domain.attribution.learning.metrics import metrics

FOUND = Examples(
    key=np.array([1, 2], dtype=np.uint64),
    counts=np.array([[1, 0], [0, 1]], dtype=np.uint8),
    seen=np.array([[60, 30], [40, 10]]),
    sold=np.array([[5, 3], [5, 4]]),
)
DESIGN = list(blocks(FOUND.counts))
EVEN = np.array([0, 0, 0])
TENTH = round(math.log(0.1 / 0.9) * 1e6)
FOUR_TENTHS = round(math.log(0.4 / 0.6) * 1e6)


def test_auc_counts_pairs_and_half_of_ties() -> None:
    told = metrics(FOUND, DESIGN, np.array([0, -1_000_000, 1_000_000]))
    assert told.auc == pytest.approx((4 * 27 + 0.5 * (4 * 6 + 3 * 27)) / (7 * 33), abs=1e-6)
    assert metrics(FOUND, DESIGN, EVEN).auc == 0.5


def test_log_loss_is_beside_that_of_the_base_rate_of_the_trained_part() -> None:
    told = metrics(FOUND, DESIGN, np.array([0, TENTH, FOUR_TENTHS]))
    want = -(3 * math.log(0.1) + 27 * math.log(0.9) + 4 * math.log(0.4) + 6 * math.log(0.6)) / 40
    base = -(7 * math.log(0.1) + 33 * math.log(0.9)) / 40
    assert told.log_loss == pytest.approx(want, abs=1e-6)
    assert told.base_log_loss == pytest.approx(base, abs=1e-6)
    assert (told.snapshots, told.sold) == (40, 7)


def test_calibration_sets_expected_sales_beside_seen_ones() -> None:
    told = [
        own
        for own in metrics(FOUND, DESIGN, np.array([0, TENTH, FOUR_TENTHS])).calibration
        if own.snapshots
    ]
    assert [(own.snapshots, own.sold) for own in told] == [(30, 3), (10, 4)]
    assert [own.expected for own in told] == pytest.approx([3, 4], abs=1e-4)


def test_one_journey_in_five_is_held_out_by_its_id_alone() -> None:
    ids = np.arange(10_000)
    out = held_out(ids)
    assert 0.18 < out.mean() < 0.22
    assert (held_out(ids[::-1])[::-1] == out).all()
