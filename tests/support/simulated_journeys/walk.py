"""The walk that all mechanisms share: touch, buy or not, next touch or none; and its truth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_TOUCHES: Final = 20
DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 50_000
_HOURS_TO_BUY: Final = 2.0
_DAYS_OF_SILENCE: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Touches so far of several people, (people, touches), oldest first; `kept` hides some."""

    channel: Ints
    day: Floats
    kept: Bools
    trait: Ints

    @property
    def age(self) -> Floats:
        """Days between each touch and the newest one."""
        return self.day[:, -1:] - self.day


class Mechanism(Protocol):
    """What a simulator plants."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Their names."""
        ...

    @property
    def more(self) -> float:
        """The chance of another touch after one that did not sell."""
        ...

    def traits(self, random: np.random.Generator, people: int) -> Ints:
        """What no data shows of each person."""
        ...

    def draw(self, random: np.random.Generator, so_far: History) -> Ints:
        """The channel of each person's next touch; `so_far` may have no touches."""
        ...

    def gaps(self, random: np.random.Generator, people: int) -> Floats:
        """Days until the next touch."""
        ...

    def probability(self, history: History) -> Floats:
        """Of a purchase between the newest touch and the next, by the kept touches."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Touches of journeys, grouped by journey and oldest first, and the truth about them."""

    channels: tuple[str, ...]
    journey: Ints
    """Per touch, its journey: 0, 1, ..."""
    channel: Ints
    """Per touch, where its channel is in `channels`."""
    age_ms: Ints
    """Per touch, how long before the conversion or, without one, before the data end."""
    converted: Bools
    """Per journey."""
    true_shares: Floats
    """Per channel; they add up to 1."""


def simulate(mechanism: Mechanism, size: int, *, seed: int) -> Simulated:
    """`size` journeys; the same for the same mechanism, size and seed."""
    parts = list(_parts(mechanism, size, seed))
    credit, known = (sum(part[i] for part in parts) for i in (4, 5))
    return Simulated(
        channels=mechanism.channels,
        journey=np.concatenate([part[0] for part in parts]),
        channel=np.concatenate([part[1] for part in parts]),
        age_ms=np.concatenate([part[2] for part in parts]),
        converted=np.concatenate([part[3] for part in parts]),
        true_shares=np.asarray(credit) / float(known),
    )


def _parts(
    mechanism: Mechanism, size: int, seed: int
) -> Iterator[tuple[Ints, Ints, Ints, Bools, Floats, int]]:
    for part, start in enumerate(range(0, size, _AT_ONCE)):
        people = min(_AT_ONCE, size - start)
        random = np.random.default_rng([seed, part])
        walked, touches, converted = _walk(mechanism, random, people)
        after = np.where(
            converted,
            random.exponential(_HOURS_TO_BUY / 24, people),
            _DAYS_OF_SILENCE + random.exponential(_DAYS_OF_SILENCE, people),
        )
        end = walked.day[np.arange(people), touches - 1] + after
        shown = np.arange(walked.day.shape[1]) < touches[:, np.newaxis]
        age = ((end[:, np.newaxis] - walked.day) * DAY_MS).astype(np.int64)
        credit, known = _truth(mechanism, walked, touches, converted)
        owner = np.repeat(np.arange(start, start + people), touches)
        yield owner, walked.channel[shown], age[shown], converted, credit, known


def _walk(
    mechanism: Mechanism, random: np.random.Generator, people: int
) -> tuple[History, Ints, Bools]:
    """Everybody's touches (padded), how many there are, and who bought."""
    trait = mechanism.traits(random, people)
    channel = np.zeros((people, MOST_TOUCHES), dtype=np.int64)
    day = np.zeros((people, MOST_TOUCHES))
    touches = np.zeros(people, dtype=np.int64)
    converted = np.zeros(people, dtype=np.bool_)
    active = np.arange(people)
    for k in range(MOST_TOUCHES):
        shape = (len(active), k)
        before = History(
            channel[active, :k], day[active, :k], np.ones(shape, dtype=np.bool_), trait[active]
        )
        channel[active, k] = mechanism.draw(random, before)
        if k:
            day[active, k] = day[active, k - 1] + mechanism.gaps(random, len(active))
        now = _upto(History(channel, day, channel >= 0, trait), active, k + 1)
        buys = random.random(len(active)) < mechanism.probability(now)
        converted[active] = buys
        touches[active] = k + 1
        active = active[~buys & (random.random(len(active)) < mechanism.more)]
    return History(channel, day, channel >= 0, trait), touches, converted


def _upto(history: History, people: Ints, touches: int) -> History:
    return History(
        history.channel[people, :touches],
        history.day[people, :touches],
        history.kept[people, :touches],
        history.trait[people],
    )


def _truth(
    mechanism: Mechanism, walked: History, touches: Ints, converted: Bools
) -> tuple[Floats, int]:
    """Credit per channel, summed over conversions with an effect, and how many those are."""
    credit = np.zeros(len(mechanism.channels))
    known = 0
    for count in np.unique(touches[converted]):
        path = _upto(walked, np.flatnonzero(converted & (touches == count)), int(count))
        whole = mechanism.probability(path)
        effect = np.stack(
            [
                np.maximum(whole - mechanism.probability(without), 0)
                for c in range(len(mechanism.channels))
                for without in [replace(path, kept=path.channel != c)]
            ],
            axis=1,
        )
        total = effect.sum(axis=1)
        caused = total > 0
        credit += (effect[caused] / total[caused, np.newaxis]).sum(axis=0)
        known += int(caused.sum())
    return credit, known


def choose(random: np.random.Generator, weights: Floats, people: int) -> Ints:
    """One of the channels for each, with chances in proportion to the weights."""
    upto = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(upto, random.random(people)), len(weights) - 1)
