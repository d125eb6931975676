"""The half-life that time_decay should have, as the data say it.

The model is time_decay's own: every touch counts alike and halves with its age. After each touch
(see snapshots) the log odds of a conversion before the next one are a + b * stock, the stock being
the sum of 2**(-age / half-life) over the touches so far. For each half-life of a grid a and b are
fitted; the likelihood left over, as a function of the half-life alone, is its profile. The estimate
is the profile's top, and the 95 % interval is where the root of twice the drop from it is less than
1.96 (Venzon and Moolgavkar 1988, "A Method for Computing Profile-Likelihood-Based Confidence
Intervals"). An interval that ends with the grid may go on beyond it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from processors.domain.attribution.learning.gate import Refused, too_few
from processors.domain.attribution.learning.journeys import Sequences, TrainingJourneys, sequences
from processors.domain.attribution.learning.snapshots import moments
from processors.domain.attribution.models import FloatArray, IntArray

_TO_A_DOUBLING: Final = 4
GRID_DAYS: Final = tuple(0.25 * 2 ** (step / _TO_A_DOUBLING) for step in range(35))
"""From 6 hours to 3 months."""
_DAY_MS: Final = 86_400_000.0
_NORMAL: Final = 1.96
_BINS: Final = 128
"""Of a stock of 1: stocks are rounded to them, so that a sample is a short table."""
_MOST_STOCK: Final = 64
_STEPS: Final = 40
_STILL: Final = 1e-10


@dataclass(frozen=True, slots=True)
class HalfLife:
    """In days, rounded to hundredths."""

    days: float
    low: float
    high: float
    conversions: int


def half_life(given: TrainingJourneys) -> HalfLife | Refused:
    """Of all journeys; refused where there is too little data, or where it says nothing of it."""
    found = sequences(given)
    missing = too_few(found.converted)
    if missing is not None:
        return Refused(missing)
    profile = []
    for seen, sold in _tables(found):
        likelihood, slope = _fitted(seen, sold)
        profile.append(likelihood if slope > 0 else -math.inf)
    top = int(np.argmax(profile))
    if profile[top] == -math.inf:
        return Refused("half_life_unknown: touches do not raise the odds at any half-life")
    place, height = _peak(profile, top)
    root = [math.sqrt(2 * max(height - value, 0)) for value in profile]
    low, high = (_crossing(root, place, side) for side in (-1, 1))
    if low is None and high is None:
        return Refused("half_life_unknown: all half-lives fit alike")
    return HalfLife(
        days=_days(place),
        low=_days(0.0 if low is None else low),
        high=_days(len(profile) - 1.0 if high is None else high),
        conversions=int(found.converted.sum()),
    )


def _tables(found: Sequences) -> Iterator[tuple[IntArray, IntArray]]:
    """For each half-life, snapshots seen and sold by rounded stock."""
    size = _MOST_STOCK * _BINS + 1
    seen, sold = np.zeros((2, len(GRID_DAYS), size), dtype=np.int64)
    for start, stop in found.chunks():
        at, ends_sold = moments(found, start, stop)
        chunk = _Chunk.of(found, start, stop)
        for row, days in enumerate(GRID_DAYS):
            stock = np.minimum(chunk.stocks(days)[at], _MOST_STOCK)
            place = np.rint(stock * _BINS).astype(np.int64)
            seen[row] += np.bincount(place, minlength=size)
            sold[row] += np.bincount(place[ends_sold], minlength=size)
    yield from zip(seen, sold, strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Touches of whole journeys, and which of them come first, second, ..."""

    gap_ms: IntArray
    """Per touch, the time since the one before it in its journey."""
    by_place: list[IntArray]

    @classmethod
    def of(cls, found: Sequences, start: int, stop: int) -> Self:
        """From touch to touch."""
        place = np.arange(start, stop) - found.first[found.owner[start:stop]]
        age = found.age_ms[start:stop]
        order = np.argsort(place, kind="stable")
        ends = np.cumsum(np.bincount(place))
        return cls(gap_ms=np.append(0, age[:-1] - age[1:]), by_place=np.split(order, ends)[:-1])

    def stocks(self, days: float) -> FloatArray:
        """Per touch, the decayed number of touches up to it, itself included."""
        decay = np.exp2(self.gap_ms.clip(0) / (-days * _DAY_MS))
        stock = np.ones(len(self.gap_ms))
        for touches in self.by_place[1:]:
            stock[touches] += stock[touches - 1] * decay[touches]
        return stock


def _fitted(seen: IntArray, sold: IntArray) -> tuple[float, float]:
    """The greatest log likelihood of a + b * stock, and the b of it, by Newton's method."""
    filled = np.flatnonzero(seen)
    stock, all_, yes = filled / _BINS, seen[filled], sold[filled]
    a, b = math.log(yes.sum() / (all_.sum() - yes.sum())), 0.0
    for _ in range(_STEPS):
        logit = a + b * stock
        chance = 1 / (1 + np.exp(-logit))
        residual, weight = yes - all_ * chance, all_ * chance * (1 - chance)
        g0, g1 = residual.sum(), (residual * stock).sum()
        h0, h1, h2 = (float((weight * stock**power).sum()) for power in range(3))
        determinant = h0 * h2 - h1 * h1
        if determinant <= 0:  # one stock only
            break
        step_a, step_b = (h2 * g0 - h1 * g1) / determinant, (h0 * g1 - h1 * g0) / determinant
        a, b = a + step_a, b + step_b
        if abs(step_a) + abs(step_b) < _STILL:
            break
    logit = a + b * stock
    return float((yes * logit - all_ * np.logaddexp(0, logit)).sum()), b


def _peak(profile: Sequence[float], top: int) -> tuple[float, float]:
    """Place on the grid and height of the parabola through the top and its neighbours."""
    if not 0 < top < len(profile) - 1 or -math.inf in profile[top - 1 : top + 2]:
        return float(top), profile[top]
    before, here, after = profile[top - 1 : top + 2]
    slope, bend = (after - before) / 2, before - 2 * here + after
    if bend >= 0:
        return float(top), here
    return top - slope / bend, here - slope**2 / (2 * bend)


def _crossing(root: Sequence[float], peak: float, side: int) -> float | None:
    """Where on one side of the peak the root of twice the drop, which is nearly a straight line,
    reaches 1.96. None where the grid ends before."""
    start = math.floor(peak) + 1 if side > 0 else math.ceil(peak) - 1
    inner, below = peak, 0.0
    for n in range(start, len(root) if side > 0 else -1, side):
        if root[n] > _NORMAL:
            return inner + (_NORMAL - below) / (root[n] - below) * (n - inner)
        inner, below = float(n), root[n]
    return None


def _days(place: float) -> float:
    """Of a place on the grid."""
    return round(GRID_DAYS[0] * 2 ** (place / _TO_A_DOUBLING), 2)
