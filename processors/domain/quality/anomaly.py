"""Days that are not as their weekday lets expect: a robust seasonal median and MAD.

A day is compared with the same weekday of the weeks before it, carried on by their median slope
(Theil and Sen), so that steady growth is no anomaly and neither is one earlier outlier. How far it
may be off is what such expectations were off by lately: 1.4826 times the median absolute error of
the days before it, which for normal noise is its standard deviation. Nothing of the day itself, or
of a later one, is in what it is compared with.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.quality.scales import Floats, Scale

WEEK: Final = 7
WEEKS: Final = 8
LEAST_PEERS: Final = 3
LEAST_ERRORS: Final = 14
ERRORS: Final = WEEK * WEEKS
THRESHOLD: Final = 4.0
_NORMAL: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Judged:
    """A day as it was and as it was expected, in the unit of the series; `score` is how many robust
    deviations it is off, signed."""

    value: float
    expected: float
    low: float
    high: float
    score: float

    @property
    def is_anomaly(self) -> bool:
        """It is outside of its range."""
        return abs(self.score) > THRESHOLD


def judge(values: Floats, scale: Scale) -> list[Judged | None]:
    """Each of the consecutive days of a series, the oldest first (NaN: unknown); None for a day
    that is unknown or has too little before it (about five weeks)."""
    on_scale = scale.there(values)
    expected = np.array([_expected(on_scale, day) for day in range(len(values))])
    errors = on_scale - expected
    return [_judged(day, values, scale, expected, errors) for day in range(len(values))]


def _expected(values: Floats, day: int) -> float:
    """From the same weekday of the weeks before; NaN when there are too few."""
    ages = np.arange(1, WEEKS + 1)
    ages = ages[ages * WEEK <= day]
    peers = values[day - ages * WEEK]
    known = ~np.isnan(peers)
    ages, peers = ages[known], peers[known]
    if len(peers) < LEAST_PEERS:
        return float("nan")
    one, other = np.triu_indices(len(peers), 1)
    slope = np.median((peers[one] - peers[other]) / (ages[other] - ages[one]))
    return float(np.median(peers + slope * ages))


def _judged(
    day: int, values: Floats, scale: Scale, expected: Floats, errors: Floats
) -> Judged | None:
    before = errors[max(0, day - ERRORS) : day]
    before = before[~np.isnan(before)]
    if np.isnan(errors[day]) or len(before) < LEAST_ERRORS:
        return None
    deviation = max(_NORMAL * float(np.median(np.abs(before))), scale.least_deviation)
    reach = THRESHOLD * deviation
    middle, low, high = scale.back(expected[day] + np.array([0.0, -reach, reach]))
    return Judged(
        float(values[day]), float(middle), float(low), float(high), float(errors[day]) / deviation
    )
