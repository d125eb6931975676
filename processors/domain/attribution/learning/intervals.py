"""How sure the channels' shares are: a bootstrap over groups of journeys.

Journeys fall into 256 groups by their ids, and a replicate draws 256 groups with replacement. It
is not fitted again but moved by one Newton step from the fit (the score bootstrap of Kline and
Santos 2012, "A Score Based Approach to Wild Bootstrap Inference"), which costs a solve instead of
a training. Its share is that of the drawn groups' conversions under the fit, plus what the moved
coefficients change, seen on a sample of conversions. The draws are bytes of SHAKE-256 of the data's
fingerprint: the same data give the same interval. What confounding does to a share no interval of
this kind can show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import shake_256
from typing import Final

import numpy as np

from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.fit import Fit
from processors.domain.attribution.learning.journeys import Sequences, mixed
from processors.domain.attribution.learning.logistic import logistic
from processors.domain.attribution.learning.shares import Conversions, conversions, credits
from processors.domain.attribution.learning.snapshots import Snapshots, snapshots
from processors.domain.attribution.learning.solve import solved
from processors.domain.attribution.learning.sums import exact_scale, summed
from processors.domain.attribution.model_document import MICRO
from processors.domain.attribution.models import FloatArray, IntArray

GROUPS: Final = 256
REPLICATES: Final = 200
_LOW, _HIGH = 4, 195
"""Of the ordered replicates, those that 2.5 % lie beyond."""
_SAMPLE: Final = 4_096
_CREDIT_UNIT: Final = 2.0**24


@dataclass(frozen=True, slots=True)
class ChannelShare:
    """Of a channel in all conversions, with its 95 % interval; in millionths."""

    channel: str
    share: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Sums per group of journeys; every one exact."""

    scores: FloatArray
    """(groups, coefficients), in units of 1 / scale."""
    scale: float
    credit: FloatArray
    """(groups, channels), in units of 1 / _CREDIT_UNIT."""
    conversions: FloatArray
    """(groups, 1), in the same."""
    sample: list[Conversions]


def channel_shares(
    found: Sequences, shape: Features, fitted: Fit, *, fingerprint: bytes
) -> tuple[ChannelShare, ...]:
    """The shares of all channels that have effects, by name."""
    groups = _grouped(found, shape, fitted)
    drawn = np.frombuffer(shake_256(fingerprint).digest(REPLICATES * GROUPS), dtype=np.uint8)
    drawn = drawn.reshape(REPLICATES, GROUPS).astype(np.int64)
    times = np.stack([np.bincount(draw, minlength=GROUPS) for draw in drawn]).astype(np.float64)
    moved = solved(fitted.information, groups.scores.T @ (times - 1).T / groups.scale)
    logits = fitted.coefficients / MICRO
    share = groups.credit.sum(axis=0) / groups.conversions.sum()
    replicates = times @ groups.credit / np.maximum(times @ groups.conversions, 1)
    fixed = _sampled(groups.sample, logits, shape)
    replicates += [_sampled(groups.sample, logits + step, shape) - fixed for step in moved.T]
    ordered = np.sort(replicates, axis=0).clip(0, 1)
    told = np.rint(np.stack([share, ordered[_LOW], ordered[_HIGH]]) * MICRO).astype(np.int64)
    return tuple(
        ChannelShare(channel, *column)
        for channel, column in zip(shape.channels, told.T.tolist(), strict=True)
    )


def _grouped(found: Sequences, shape: Features, fitted: Fit) -> _Groups:
    size, channels = shape.cells + 1, len(shape.channels)
    scale = exact_scale(2 * len(found.owner) * GROUPS, shape.saturation)
    scores, credit = np.zeros((GROUPS, size)), np.zeros((GROUPS, channels))
    ended = np.zeros((GROUPS, 1))
    sample: list[Conversions] = []
    few = (2**64 - 1) // max(1, int(found.converted.sum()) // _SAMPLE)
    for some in snapshots(found, shape):
        scores += _scores(some, found, shape, fitted.coefficients, scale)
        sold = conversions(some)
        group = _group(found, sold.owner)
        told = np.rint(credits(sold, fitted.coefficients / MICRO, shape) * _CREDIT_UNIT)
        for column in range(channels):
            credit[:, column] += summed(group, told[:, column], GROUPS)
        ended[:, 0] += summed(group, told.sum(axis=1), GROUPS)
        sample += _few(sold, mixed(~found.ids[sold.owner]) <= np.uint64(few))
    return _Groups(scores=scores, scale=scale, credit=credit, conversions=ended, sample=sample)


def _scores(
    some: Snapshots, found: Sequences, shape: Features, coefficients: IntArray, scale: float
) -> FloatArray:
    """The gradient of the log likelihood, per group."""
    count = np.minimum(some.count, shape.saturation)
    terms = coefficients[1 + some.cell] * count
    logit = summed(some.of, terms.astype(np.float64), len(some.owner)).astype(np.int64)
    residual = np.rint((some.sold - logistic(logit + coefficients[0])) * scale)
    size = shape.cells + 1
    group = _group(found, some.owner)
    own = summed(group * size, residual, GROUPS * size)
    place = group[some.of] * size + 1 + some.cell
    own += summed(place, residual[some.of] * count, GROUPS * size)
    return own.reshape(GROUPS, size)


def _group(found: Sequences, owner: IntArray) -> IntArray:
    return (mixed(found.ids[owner]) >> np.uint64(56)).astype(np.int64)


def _few(paths: Conversions, chosen: np.ndarray) -> Iterator[Conversions]:
    """The chosen ones, if any."""
    place = np.cumsum(chosen) - 1
    entries = np.flatnonzero(chosen[paths.of])
    if len(entries):
        yield Conversions(
            of=place[paths.of[entries]],
            cell=paths.cell[entries],
            count=paths.count[entries],
            owner=paths.owner[chosen],
        )


def _sampled(sample: list[Conversions], logits: FloatArray, shape: Features) -> FloatArray:
    """The mean share of each channel in the sample."""
    told = np.concatenate([credits(paths, logits, shape) for paths in sample])
    mean: FloatArray = told.mean(axis=0)
    return mean
