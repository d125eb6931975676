"""Removal effects in a first-order Markov chain of channels, exact and from additive counts.

After Anderl, Becker, von Wangenheim and Schumann (2014), "Mapping the Customer Journey: A
Graph-Based Framework for Online Attribution Modeling". States are the start, the channels, the
conversion and the null state. The chance of a conversion is a linear system, so nothing is
simulated; a channel is removed by sending whoever comes to it to the null state. Counts of days
and tenants add up, so the chain of a month is the sum of its days'.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from processors.domain.attribution.learning.journeys import TrainingJourneys, sequences
from processors.domain.attribution.learning.solve import solved
from processors.domain.attribution.models import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """`counts` is (1 + channels, channels + 2): from the start and each channel, to each channel,
    to the conversion and to the null state."""

    channels: tuple[str, ...]
    counts: IntArray


def transitions(given: TrainingJourneys) -> Transitions:
    """Of whole journeys, in the order of their touches (ties by channel name)."""
    found = sequences(given)
    size = len(found.channels)
    last = np.append(found.owner[1:] != found.owner[:-1], True)[: len(found.owner)]
    ended = np.where(found.converted[found.owner], size, size + 1)
    following = np.append(found.channel[1:], 0)[: len(found.channel)]
    into = np.where(last, ended, following)
    width = size + 2
    counts = np.bincount((found.channel + 1) * width + into, minlength=(size + 1) * width)
    counts[:size] += np.bincount(found.channel[found.first], minlength=size)
    return Transitions(channels=found.channels, counts=counts.reshape(size + 1, width))


def added(parts: Sequence[Transitions]) -> Transitions:
    """The counts of all parts, over the channels of any."""
    channels = tuple(sorted({name for part in parts for name in part.channels}))
    size = len(channels)
    counts = np.zeros((size + 1, size + 2), dtype=np.int64)
    for part in parts:
        place = np.array([channels.index(name) for name in part.channels], dtype=np.int64)
        rows, columns = np.append(0, place + 1), np.append(place, [size, size + 1])
        counts[np.ix_(rows, columns)] += part.counts
    return Transitions(channels=channels, counts=counts)


def removal_effects(found: Transitions) -> dict[str, float]:
    """Per channel, the part of conversions that would be lost without it: 0 to 1. Of channels that
    nobody came to, and where nobody converts, 0."""
    outgoing = found.counts.sum(axis=1, keepdims=True)
    chances = found.counts / np.maximum(outgoing, 1)
    whole = _conversion(chances)
    effects = {}
    for place, channel in enumerate(found.channels):
        without = chances.copy()
        without[:, place] = 0.0
        effects[channel] = 1.0 - _conversion(without) / whole if whole > 0 else 0.0
    return effects


def shares(effects: dict[str, float]) -> dict[str, float]:
    """Effects in proportion, adding up to 1 (or all 0): the parts of all conversions."""
    total = sum(effects.values())
    return {channel: effect / total if total else 0.0 for channel, effect in effects.items()}


def _conversion(chances: FloatArray) -> float:
    """The chance that who starts converts. The system is diagonally dominant, since from every
    channel that was seen some path leads out."""
    size = chances.shape[0] - 1
    to_channels, to_conversion = chances[:, :size], chances[:, size]
    reached = solved(np.eye(size) - to_channels[1:], to_conversion[1:, np.newaxis])[:, 0]
    return float((to_channels[0] * reached).sum() + to_conversion[0])
