"""Additive hazards with recency and order: nothing that a logistic model of counts assumes.

Each touch adds a rate that halves with its channel's own half-life. A repeated touch of a channel
adds half as much as the one before it (fatigue), and a channel that closes adds more once one that
introduces has been seen (synergy), so a channel's removal may also weaken others. People meet
channels in a typical order: introducers first, closers later, often the same one again.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.support.simulated_journeys.walk import Floats, History, Ints, choose

_PLANTED: Final = {
    "display": (0.24, 0.08, 0.004, 10.0, "introduces"),
    "paid_social": (0.22, 0.12, 0.014, 7.0, "introduces"),
    "video": (0.12, 0.04, 0.008, 20.0, "introduces"),
    "organic_social": (0.08, 0.06, 0.006, 5.0, "introduces"),
    "paid_search": (0.12, 0.14, 0.042, 2.0, "closes"),
    "organic_search": (0.08, 0.12, 0.021, 2.0, "closes"),
    "email": (0.02, 0.16, 0.035, 3.0, "closes"),
    "retargeting": (0.01, 0.12, 0.007, 1.0, "closes"),
    "direct": (0.06, 0.09, 0.003, 1.0, "closes"),
    "referral": (0.03, 0.03, 0.032, 4.0, "closes"),
    "affiliates": (0.015, 0.025, 0.056, 3.0, "closes"),
    "sms": (0.005, 0.015, 0.050, 1.0, "closes"),
}
"""Of each channel its frequency as first and as later touch, its rate, half-life in days, role."""
_BASE_RATE: Final = 0.004
_FATIGUE: Final = 0.5
_SYNERGY: Final = 1.6
_AGAIN: Final = 0.2
_SAME_DAY: Final = 0.35


@dataclass(frozen=True)
class Ordered:
    """P = 1 - exp(-(base rate + sum of the decayed rates))."""

    channels: tuple[str, ...] = tuple(_PLANTED)
    more: float = 0.74

    def traits(self, random: np.random.Generator, people: int) -> Ints:
        """None."""
        return np.zeros(people, dtype=np.int64)

    def draw(self, random: np.random.Generator, so_far: History) -> Ints:
        """Introducers first, then closers; now and then the channel of the touch before."""
        people, touches = so_far.channel.shape
        column = np.array([planted[min(touches, 1)] for planted in _PLANTED.values()])
        fresh = choose(random, column, people)
        if not touches:
            return fresh
        again = random.random(people) < _AGAIN
        return np.where(again, so_far.channel[:, -1], fresh)

    def gaps(self, random: np.random.Generator, people: int) -> Floats:
        """Within hours, or days later."""
        same_day = random.random(people) < _SAME_DAY
        return random.exponential(np.where(same_day, 0.1, 6.0), people)

    def probability(self, history: History) -> Floats:
        """Of the first event of the summed rates."""
        rate = np.array([planted[2] for planted in _PLANTED.values()])
        half_life = np.array([planted[3] for planted in _PLANTED.values()])
        introduces = np.array([planted[4] == "introduces" for planted in _PLANTED.values()])
        channel, kept = history.channel, history.kept
        total = np.full(len(channel), _BASE_RATE)
        introduced = np.zeros(len(channel), dtype=np.bool_)
        for k in range(channel.shape[1]):
            own, here = channel[:, k], kept[:, k]
            seen = ((channel[:, :k] == own[:, np.newaxis]) & kept[:, :k]).sum(axis=1)
            lift = np.where(introduced & ~introduces[own], _SYNERGY, 1.0)
            decay = np.exp2(-history.age[:, k] / half_life[own])
            total += here * rate[own] * lift * _FATIGUE**seen * decay
            introduced |= here & introduces[own]
        told: Floats = -np.expm1(-total)
        return told
