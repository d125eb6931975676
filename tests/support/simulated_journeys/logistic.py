"""Order-free and logistic: each touch adds its channel's effect to the log odds, for good.

Channels are drawn independently of the person, of each other and of the time. How often a channel
is seen and what it does have little to do with each other, so counting touches misleads.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.support.simulated_journeys.walk import Floats, History, Ints, choose

_PLANTED: Final = {
    "paid_search": (0.20, 0.90),
    "paid_social": (0.17, 0.35),
    "display": (0.14, 0.08),
    "email": (0.12, 1.30),
    "organic_search": (0.11, 0.60),
    "organic_social": (0.06, 0.20),
    "direct": (0.08, 0.05),
    "referral": (0.04, 1.00),
    "affiliates": (0.03, 1.50),
    "video": (0.03, 0.30),
    "sms": (0.015, 1.80),
    "push": (0.005, 0.70),
}
"""Of each channel its frequency and its effect in logits."""
_INTERCEPT: Final = -6.1
_DAYS_BETWEEN: Final = 4.0


@dataclass(frozen=True)
class Logistic:
    """log odds = intercept + sum of the effects of all touches so far."""

    channels: tuple[str, ...] = tuple(_PLANTED)
    more: float = 0.72

    def traits(self, random: np.random.Generator, people: int) -> Ints:
        """None."""
        return np.zeros(people, dtype=np.int64)

    def draw(self, random: np.random.Generator, so_far: History) -> Ints:
        """By frequency alone."""
        frequency = np.array([planted[0] for planted in _PLANTED.values()])
        return choose(random, frequency, len(so_far.trait))

    def gaps(self, random: np.random.Generator, people: int) -> Floats:
        """Exponential."""
        return random.exponential(_DAYS_BETWEEN, people)

    def probability(self, history: History) -> Floats:
        """The logistic function of the log odds."""
        effect = np.array([planted[1] for planted in _PLANTED.values()])
        logit = _INTERCEPT + (effect[history.channel] * history.kept).sum(axis=1)
        told: Floats = 1 / (1 + np.exp(-logit))
        return told
