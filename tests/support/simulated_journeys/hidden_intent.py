"""Hidden intent: some people are about to buy anyway, and for that reason search for the brand.

The trait raises the odds of buying and the chance of brand search and retargeting; brand search
itself does nothing at all, retargeting little. No data shows the trait, so whatever learns from
touches and conversions alone must credit both with what intent did. Only an experiment can tell.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.support.simulated_journeys.walk import Floats, History, Ints, choose

_PLANTED: Final = {
    "prospecting": (0.30, 0.10, 0.50),
    "display": (0.20, 0.08, 0.15),
    "organic_search": (0.16, 0.10, 0.40),
    "email": (0.14, 0.10, 0.70),
    "referral": (0.08, 0.04, 0.60),
    "direct": (0.06, 0.08, 0.10),
    "brand_search": (0.03, 0.32, 0.00),
    "retargeting": (0.03, 0.18, 0.15),
}
"""Of each channel its frequency without and with intent, and its effect in logits."""
_INTENT: Final = 0.15
_INTENT_LOGITS: Final = 2.2
_INTERCEPT: Final = -5.4
_DAYS_BETWEEN: Final = 4.0


@dataclass(frozen=True)
class HiddenIntent:
    """log odds = intercept + the trait's + sum of the effects of all touches so far."""

    channels: tuple[str, ...] = tuple(_PLANTED)
    more: float = 0.76

    def traits(self, random: np.random.Generator, people: int) -> Ints:
        """1 for those who are about to buy."""
        return (random.random(people) < _INTENT).astype(np.int64)

    def draw(self, random: np.random.Generator, so_far: History) -> Ints:
        """By the trait alone."""
        people = len(so_far.trait)
        columns = np.array([planted[:2] for planted in _PLANTED.values()])
        without, having = (choose(random, columns[:, trait], people) for trait in (0, 1))
        return np.where(so_far.trait == 1, having, without)

    def gaps(self, random: np.random.Generator, people: int) -> Floats:
        """Exponential."""
        return random.exponential(_DAYS_BETWEEN, people)

    def probability(self, history: History) -> Floats:
        """The logistic function of the log odds."""
        effect = np.array([planted[2] for planted in _PLANTED.values()])
        logit = (
            _INTERCEPT
            + _INTENT_LOGITS * history.trait
            + (effect[history.channel] * history.kept).sum(axis=1)
        )
        told: Floats = 1 / (1 + np.exp(-logit))
        return told
