"""What a model is trained on: touches of journeys as columns, and their one canonical order.

A journey is a person's touches since the last conversion, up to a conversion or, without one, up
to the moment at which the data end. Nothing downstream depends on the order of the rows, on the
codes of the channels, or on how the ids were given out: only on their values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.domain.attribution.models import BoolArray, IntArray

WordArray = npt.NDArray[np.uint64]
MOST_TOUCHES: Final = 1_000
"""The newest of a journey that count, as credit caps a path: what is longer is a robot's."""
_CHUNK_TOUCHES: Final = 50_000
"""Bounds the working memory of whatever walks over journeys."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingJourneys:
    """One element per touch, in any order.

    `journey` is an id that stays the same from one training to the next (of 64 bits, such as the
    start of a hash): the held-out split and the bootstrap follow it. `age_ms` is how long before
    the journey's end the touch was; `converted` is the same for all touches of a journey.

    Raises:
        ValueError: for columns of different lengths, negative ages, codes without a channel.
    """

    channels: tuple[str, ...]
    journey: IntArray
    channel: IntArray
    age_ms: IntArray
    converted: BoolArray

    def __post_init__(self) -> None:
        columns = (self.journey, self.channel, self.age_ms, self.converted)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("columns differ in length")
        if len(self.age_ms) and self.age_ms.min() < 0:
            raise ValueError("age_ms must not be negative")
        if len(self.channel) and not 0 <= self.channel.min() <= self.channel.max() < len(
            self.channels
        ):
            raise ValueError("channel has a code without a name")
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("channels repeat a name")


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Journeys by id, the touches of each oldest first (ties by channel), channels by name."""

    channels: tuple[str, ...]
    ids: IntArray
    """Per journey."""
    converted: BoolArray
    """Per journey."""
    first: IntArray
    """Per journey, where its touches start."""
    owner: IntArray
    """Per touch, its journey."""
    channel: IntArray
    age_ms: IntArray

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Touches from, to: whole journeys, about as many touches each time."""
        ends = np.append(self.first[1:], len(self.owner))
        start = 0
        while start < len(self.owner):
            journey = int(np.searchsorted(ends, start + _CHUNK_TOUCHES))
            stop = int(ends[min(journey, len(ends) - 1)])
            yield start, stop
            start = stop


def sequences(given: TrainingJourneys) -> Sequences:
    """The canonical order of what was given."""
    names = sorted(given.channels)
    code = np.array([names.index(name) for name in given.channels], dtype=np.int64)
    journey, age = given.journey, given.age_ms
    converted = given.converted
    channel = code[given.channel] if len(given.channel) else given.channel
    if not _in_order(journey, age, channel):
        order = np.lexsort((channel, -age, journey))
        journey, age, channel = journey[order], age[order], channel[order]
        converted = converted[order]
    newest = np.append(journey[1:] != journey[:-1], True)[: len(journey)]
    ends = np.flatnonzero(newest)
    if len(ends) and np.diff(ends, prepend=-1).max() > MOST_TOUCHES:
        following = ends[np.cumsum(newest) - newest] - np.arange(len(journey))
        kept = following < MOST_TOUCHES
        journey, age, channel, converted = (
            journey[kept], age[kept], channel[kept], converted[kept]
        )  # fmt: skip
    fresh = np.append(True, journey[1:] != journey[:-1])[: len(journey)]
    first = np.flatnonzero(fresh)
    return Sequences(
        channels=tuple(names),
        ids=journey[first],
        converted=converted[first],
        first=first,
        owner=np.cumsum(fresh) - 1,
        channel=channel,
        age_ms=age,
    )


def mixed(ids: IntArray) -> WordArray:
    """64 well-mixed bits of each id (the finaliser of SplitMix64, Steele et al. 2014)."""
    word = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def _in_order(journey: IntArray, age: IntArray, channel: IntArray) -> bool:
    same = journey[1:] == journey[:-1]
    older = age[1:] < age[:-1]
    tied = (age[1:] == age[:-1]) & (channel[1:] >= channel[:-1])
    return bool(((journey[1:] > journey[:-1]) | (same & (older | tied))).all())
