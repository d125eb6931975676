"""When there is too little to learn from: the reasons that a tenant reads while it is learning."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.journeys import Sequences
from processors.domain.attribution.models import BoolArray

MIN_CONVERSIONS: Final = 300
"""As Google's data-driven attribution asked for in a month. With so many the intervals of twelve
channels' shares are 5 to 7 points wide in simulated journeys, with ten times as many 1.5 to 2.7."""
MIN_OTHERS: Final = 300
"""Journeys without a conversion: as many, since what buyers did is judged against them."""
MIN_CHANNELS: Final = 2
"""Of one channel there is nothing to divide."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was learned: a name, and where it helps what was found and needed."""

    reason: str


def too_few(converted: BoolArray) -> str | None:
    """What journeys are missing, as `name: have of needed`, or None."""
    conversions = int(converted.sum())
    others = len(converted) - conversions
    if conversions < MIN_CONVERSIONS:
        return f"insufficient_conversions: {conversions} of {MIN_CONVERSIONS}"
    if others < MIN_OTHERS:
        return f"insufficient_journeys_without_conversion: {others} of {MIN_OTHERS}"
    return None


def shortfall(found: Sequences, shape: Features) -> str | None:
    """What journeys or channels are missing, or None; a journey counts when it has seen a channel
    that enough others have seen."""
    known = np.zeros(len(found.ids), dtype=np.bool_)
    known[found.owner[shape.column[found.channel] >= 0]] = True
    missing = too_few(found.converted[known])
    if missing is None and len(shape.channels) < MIN_CHANNELS:
        return f"insufficient_channels: {len(shape.channels)} of {MIN_CHANNELS}"
    return missing
