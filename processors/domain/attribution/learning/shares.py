"""The shares of channels in conversions under given coefficients: data_driven's rule, vectorised.

Floats, for reports and intervals; what touches are credited with comes from the kernel.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.snapshots import Snapshots
from processors.domain.attribution.learning.sums import summed
from processors.domain.attribution.models import FloatArray, IntArray

_STEEPEST: Final = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class Conversions:
    """The paths of conversions: entries as those of Snapshots, `of` counted from 0 without gaps.
    A path of which no channel is known is not among them."""

    of: IntArray
    cell: IntArray
    count: IntArray
    owner: IntArray
    """Per conversion, its journey."""


def conversions(some: Snapshots) -> Conversions:
    """The snapshots after which a conversion came."""
    told = np.flatnonzero(some.sold[some.of])
    snapshot, of = np.unique(some.of[told], return_inverse=True)
    return Conversions(
        of=of, cell=some.cell[told], count=some.count[told], owner=some.owner[snapshot]
    )


def credits(paths: Conversions, logits: FloatArray, shape: Features) -> FloatArray:
    """(conversions, channels), each row adding up to 1; `logits` are intercept and effects."""
    size, channels = len(paths.owner), len(shape.channels)
    effect = logits[1 + paths.cell] * np.minimum(paths.count, shape.saturation)
    own = paths.of * channels + paths.cell // shape.buckets

    def by_channel(terms: FloatArray) -> FloatArray:
        return summed(own, terms, size * channels).reshape(size, channels)

    added = by_channel(effect)
    logit = logits[0] + added.sum(axis=1, keepdims=True)
    fall = -np.expm1(-np.maximum(added, 0)) / (1 + np.exp(np.minimum(logit - added, _STEEPEST)))
    touches = by_channel(paths.count.astype(np.float64))
    earned = np.where(fall.any(axis=1, keepdims=True), fall, touches)
    told: FloatArray = earned / earned.sum(axis=1, keepdims=True)
    return told
