"""Regularised logistic regression by Newton's method, the same to the last bit on every run.

All sums over rows are exact (see sums), the linear system is solved in a fixed order (see solve),
and coefficients are integers, in micro-logits, after every step.

The prior is Gaussian: an effect is the sum of one of all touches, one of the channel, one of the
bucket of age and one of its own, each with the standard deviation below, in logits. So a cell with
little data leans on its channel and its age instead of on 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.design import Block
from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.logistic import logistic
from processors.domain.attribution.learning.solve import solved
from processors.domain.attribution.learning.sums import exact_scale
from processors.domain.attribution.model_document import MICRO
from processors.domain.attribution.models import FloatArray, IntArray

_OF_ALL, _OF_CHANNEL, _OF_AGE, _OF_CELL = 1.0, 1.0, 0.5, 0.3
_MOST_STEPS: Final = 60
_LONGEST_STEP: Final = 2.0
"""Logits; keeps the first steps of a separable sample from overshooting."""
_LARGEST: Final = 50 * MICRO


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`coefficients` are the intercept and one effect a cell, in micro-logits; `information` is
    the Hessian of the penalised negative log likelihood there."""

    coefficients: IntArray
    information: FloatArray


def fit(
    design: Sequence[Block], seen: IntArray, sold: IntArray, shape: Features,
    *, start: IntArray | None = None,
) -> Fit:  # fmt: skip
    """The most likely coefficients under the prior; `seen` and `sold` are those of each row.

    There must be rows that sold and rows that did not.
    """
    precision = prior(shape)
    total, buyers = int(seen.sum()), int(sold.sum())
    if start is None:
        start = np.zeros(shape.cells + 1, dtype=np.int64)
        start[0] = round(math.log(buyers / (total - buyers)) * MICRO)
    found = start
    for _ in range(_MOST_STEPS):
        gradient, information = _derivatives(design, seen, sold, found, shape.saturation)
        information += precision
        pull = np.array([math.fsum(row) for row in (precision * (found / MICRO)).tolist()])
        step = solved(information, (gradient - pull)[:, np.newaxis])[:, 0]
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _LONGEST_STEP))
        moved = np.clip(np.rint(found + step * MICRO), -_LARGEST, _LARGEST).astype(np.int64)
        still = np.abs(moved - found).max() <= 1
        found = moved
        if still:
            break
    return Fit(coefficients=found, information=information)


def prior(shape: Features) -> FloatArray:
    """The precision matrix of the prior; the intercept is free."""
    channel = np.repeat(np.arange(len(shape.channels)), shape.buckets)
    age = np.tile(np.arange(shape.buckets), len(shape.channels))
    covariance = (
        _OF_ALL**2
        + _OF_CHANNEL**2 * (channel[:, np.newaxis] == channel)
        + _OF_AGE**2 * (age[:, np.newaxis] == age)
        + _OF_CELL**2 * np.eye(shape.cells)
    )
    precision = np.zeros((shape.cells + 1, shape.cells + 1))
    precision[1:, 1:] = solved(covariance, np.eye(shape.cells))
    return precision


def _derivatives(
    design: Sequence[Block], seen: IntArray, sold: IntArray, at: IntArray, saturation: int
) -> tuple[FloatArray, FloatArray]:
    """Gradient and negative Hessian of the log likelihood."""
    scale = exact_scale(int(seen.sum()), saturation**2)
    gradient, information = np.zeros(len(at)), np.zeros((len(at), len(at)))
    for block in design:
        own, chance = seen[block.rows], logistic(block.logits(at))
        gradient += block.gathered(np.rint((sold[block.rows] - own * chance) * scale), len(at))
        weight = np.rint(own * chance * (1 - chance) * scale)
        information += block.squared(weight, len(at))
    whole = np.triu(information) + np.triu(information, 1).T
    return gradient / scale, whole / scale
