"""Channel shares by each method, on the same journeys, and how far they are from the truth."""

from collections.abc import Callable
from typing import Final

import numpy as np

from processors.domain.attribution.learning import Trained, TrainingJourneys, markov
from tests.support.simulated_journeys.walk import Floats, Simulated


def training(found: Simulated) -> TrainingJourneys:
    """The journeys without the truth."""
    return TrainingJourneys(
        channels=found.channels,
        journey=found.journey,
        channel=found.channel,
        age_ms=found.age_ms,
        converted=found.converted[found.journey],
    )


def linear(found: Simulated) -> Floats:
    """Each touch of a conversion alike."""
    touches = np.bincount(found.journey)[found.journey]
    own = found.converted[found.journey]
    return _parts(found, found.channel[own], 1 / touches[own])


def last_touch(found: Simulated) -> Floats:
    """All to the newest touch."""
    newest = np.append(np.diff(found.journey) != 0, True) & found.converted[found.journey]
    return _parts(found, found.channel[newest], np.ones(int(newest.sum())))


def markov_chain(found: Simulated) -> Floats:
    """Removal effects in proportion."""
    told = markov.shares(markov.removal_effects(markov.transitions(training(found))))
    return np.array([told[channel] for channel in found.channels])


def data_driven(found: Simulated, report: Trained) -> Floats:
    """Of a model that was trained on these journeys."""
    share = {own.channel: own.share / 1e6 for own in report.shares}
    return np.array([share.get(channel, 0.0) for channel in found.channels])


UNTRAINED: Final[dict[str, Callable[[Simulated], Floats]]] = {
    "linear": linear,
    "last_touch": last_touch,
    "markov": markov_chain,
}


def error(found: Simulated, shares: Floats) -> float:
    """The mean distance of a channel's share from its true one, in points (of 100)."""
    return float(np.abs(shares - found.true_shares).mean() * 100)


def _parts(found: Simulated, channel: np.ndarray, credit: Floats) -> Floats:
    summed = np.bincount(channel, weights=credit, minlength=len(found.channels))
    told: Floats = summed / summed.sum()
    return told
