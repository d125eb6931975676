"""data_driven: what a trained model says each channel added; without a model the same as linear.

A channel's credit is its removal effect: how far the model's probability of the conversion falls
when the channel's touches are taken out of the path, and only they. The rule, in integers and in
IEEE 754 doubles that anyone can repeat with the C library's `exp` and `expm1` (Python's `math`,
not numpy's vector routines, which may differ in the last bit):

    age   = (converted_at - occurred_at, at least 0) - (the same of the path's newest touch)
    cell  = channel and bucket of the age: the first with age <= recency_days[b] * 86400000 ms,
            else the last; n = its touches, s = min(n, saturation), e = its effect, 0 if unknown
    E     = sum of s * e over the channel's cells                     micro-logits, exact
    V     = sum of s * max(e, 0) over the channel's cells             exact
    L     = intercept + sum of E over the path's channels             exact
    w     = -expm1(-(E / 1e6)) / (1.0 + exp(min(L - E, 6e8) / 1e6))   where E > 0, else 0.0
    share = (w / greatest w of the path) * ((s * max(e, 0)) / (V * n))
    weight of a touch = floor(share * 2**33 + 0.5)

`w` is the fall of the logistic function from L to L - E without the factor that all channels of
the path share, 1 / (1 + exp(-L)). Inside a channel a touch counts by its own effect, and touches
of one cell alike. Age is measured from the newest touch, as the model was trained to see it (see
learning.snapshots). A path in which no channel has E > 0 is divided as linear does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution import linear
from processors.domain.attribution.columns import NO_MODEL
from processors.domain.attribution.model_document import MICRO, DataDrivenModel
from processors.domain.attribution.models import FloatArray, IntArray
from processors.domain.attribution.paths import Paths

SCALE: Final = 2**33
"""The weight of a whole path: SCALE * UNIT stays below 2**63."""

_STEEPEST: Final = 600 * MICRO
"""Where exp stays finite; beyond, odds are told apart by E alone."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """The models of a batch side by side; rows are models."""

    bounds_ms: IntArray
    """(models, buckets - 1), unused ones without end."""
    effects: IntArray
    """(models, channels of the batch, buckets)."""
    saturation: IntArray
    intercept: IntArray


def weights(paths: Paths) -> IntArray:
    """The weights of each step; 1 for the steps of a path without a model or without an effect."""
    weight = linear.weights(paths)
    model = paths.timeline.model[paths.journey]
    steps = np.flatnonzero(np.repeat(model != NO_MODEL, paths.size))
    if len(steps):
        told = _shares(paths, steps, _tables(paths.timeline.models, paths.timeline.channels))
        divided = np.flatnonzero(told >= 0)
        weight[steps[divided]] = np.floor(told[divided] * SCALE + 0.5).astype(np.int64)
    return weight


def _shares(paths: Paths, steps: IntArray, tables: _Tables) -> FloatArray:
    """Per step of `steps` its share before scaling; -1 where no channel has an effect."""
    line = paths.timeline
    channels, buckets = tables.effects.shape[1:]
    age = line.age_ms - line.age_ms[line.last]
    # The row of a journey without a model is that of another; none of its steps is asked about.
    row = line.model[line.journey]
    bucket = (age[:, np.newaxis] > tables.bounds_ms[row]).sum(axis=1)
    touch = paths.touch[steps]
    path = np.repeat(np.arange(len(paths.size)), paths.size)[steps]
    cell, own_cell, n = np.unique(
        (path * channels + line.channel[touch]) * buckets + bucket[touch],
        return_inverse=True,
        return_counts=True,
    )
    group_key, in_bucket = np.divmod(cell, buckets)
    path_key, channel = np.divmod(group_key, channels)
    model = line.model[paths.journey[path_key]]
    effect = tables.effects[model, channel, in_bucket]
    counted = np.minimum(n, tables.saturation[model])
    value = counted * np.maximum(effect, 0)
    groups, group = _runs(group_key)
    added = np.add.reduceat(counted * effect, groups)
    positive = np.add.reduceat(value, groups)
    firsts, own_path = _runs(path_key[groups])
    logit = tables.intercept[model[groups]] + np.add.reduceat(added, firsts)[own_path]
    ratio = _ratios(added, logit, firsts, own_path)
    inside = value / np.maximum(positive[group] * n, 1)
    share: FloatArray = np.where(ratio[group] < 0, -1.0, ratio[group] * inside)[own_cell]
    return share


def _ratios(added: IntArray, logit: IntArray, firsts: IntArray, own_path: IntArray) -> FloatArray:
    """Per channel of a path, w over the greatest w of the path; -1 where all are 0."""
    earning = np.add.reduceat(added > 0, firsts, dtype=np.int64)[own_path]
    fall = np.where(added > 0, 1.0, 0.0)  # of one channel that earns alone, w / w
    several = np.flatnonzero((added > 0) & (earning > 1))
    rest = np.minimum(logit - added, _STEEPEST)
    fall[several] = [
        -math.expm1(-(own / MICRO)) / (1.0 + math.exp(others / MICRO))
        for own, others in zip(added[several].tolist(), rest[several].tolist(), strict=True)
    ]
    greatest = np.maximum.reduceat(fall, firsts)[own_path]
    return np.where(greatest > 0, fall / np.where(greatest > 0, greatest, 1.0), -1.0)


def _runs(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Where runs of equal keys start, and the run of each element."""
    fresh = np.append(True, keys[1:] != keys[:-1])
    return np.flatnonzero(fresh), np.cumsum(fresh) - 1


def _tables(models: Sequence[DataDrivenModel], channels: Sequence[str]) -> _Tables:
    buckets = max(len(model.recency_days) for model in models) + 1
    bounds = np.full((len(models), buckets - 1), np.iinfo(np.int64).max)
    effects = np.zeros((len(models), len(channels), buckets), dtype=np.int64)
    for own, model in enumerate(models):
        bounds[own, : len(model.recency_days)] = np.array(model.recency_days) * _DAY_MS
        for code, channel in enumerate(channels):
            if channel in model.effects:
                effects[own, code, : len(model.recency_days) + 1] = model.effects[channel]
    return _Tables(
        bounds_ms=bounds,
        effects=effects,
        saturation=np.array([model.saturation for model in models], dtype=np.int64),
        intercept=np.array([model.intercept for model in models], dtype=np.int64),
    )
