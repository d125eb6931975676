"""Daily series whose law is known, for the judges of series."""

from collections.abc import Callable
from typing import Final

import numpy as np

from processors.domain.quality.scales import AMOUNT, COUNT, POINTS, Floats, Scale

Law = Callable[[np.random.Generator, int], Floats]
WEEK: Final = np.array([1.0, 0.9, 0.95, 1.0, 1.2, 1.5, 1.3])


def growing_counts(rng: np.random.Generator, days: int) -> Floats:
    """Poisson with a week, which doubles in a year."""
    day = np.arange(days)
    return np.asarray(rng.poisson(100 * WEEK[day % 7] * np.exp(0.002 * day)), np.float64)


def wandering_amounts(rng: np.random.Generator, days: int) -> Floats:
    """Log-normal with a week, about a level that walks at random."""
    level = 8 + np.cumsum(rng.normal(0, 0.03, days)) + np.log(WEEK[np.arange(days) % 7])
    return np.asarray(np.exp(level + rng.normal(0, 0.1, days)))


def sticky_points(rng: np.random.Generator, days: int) -> Floats:
    """A score with a week, whose error of a day stays by half for the next."""
    error = np.zeros(days)
    for day in range(1, days):
        error[day] = 0.5 * error[day - 1] + rng.normal(0, 0.3)
    return np.clip(7 + 0.3 * WEEK[np.arange(days) % 7] + error, 0, 10)


def wild_points(rng: np.random.Generator, days: int) -> Floats:
    """A score with heavy tails (Student's t, three degrees of freedom)."""
    return np.clip(5 + 0.3 * rng.standard_t(3, days), 0, 10)


LAWS: Final[dict[str, tuple[Law, Scale]]] = {
    "growing counts": (growing_counts, COUNT),
    "wandering amounts": (wandering_amounts, AMOUNT),
    "sticky points": (sticky_points, POINTS),
    "wild points": (wild_points, POINTS),
}
