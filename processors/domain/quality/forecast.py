"""The days to come of a daily series, with intervals: Holt and Winters, additive with a weekly
season and a damped trend, on the series' own scale.

The smoothing is the one of a grid whose one-step errors were the smallest on average. The intervals
are not the model's belief: the series is forecast from each day of its past, each time as far
ahead, and an interval of 80 % reaches as far as 80 % of these forecasts were off, by the rank with
the correction for a finite sample (split conformal prediction).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.quality.scales import Floats, Scale

SEASON: Final = 7
WARM_UP: Final = 2 * SEASON
HORIZON: Final = 14
LEVELS: Final = (0.80, 0.95)
LEAST_ERRORS: Final = 28
LEAST_DAYS: Final = WARM_UP + HORIZON + LEAST_ERRORS
METHOD: Final = "holt_winters_additive_weekly"
_DAMPING: Final = 0.95
_GRID: Final = np.array(
    [
        (level, trend, season)
        for level in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
        for trend in (0.0, 0.01, 0.05, 0.15)
        for season in (0.02, 0.1, 0.2, 0.4)
    ]
).T


@dataclass(frozen=True, slots=True)
class Forecast:
    """A day to come, `ahead` days after the last known one, in the unit of the series."""

    ahead: int
    expected: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float


def forecast(values: Floats, scale: Scale) -> list[Forecast]:
    """The next two weeks of a series of consecutive days, the oldest first (NaN: unknown); empty
    where fewer than 56 days, or too few of them, are known."""
    on_scale = scale.there(values)
    known = np.flatnonzero(~np.isnan(on_scale))
    on_scale = on_scale[known[0] :] if len(known) else on_scale[:0]
    if len(on_scale) < LEAST_DAYS or np.isnan(on_scale[:WARM_UP]).all():
        return []
    ahead = _paths(on_scale, _best(on_scale))
    errors = np.abs(_errors(on_scale, ahead))
    found = []
    for step in range(HORIZON):
        off = errors[step][~np.isnan(errors[step])]
        if len(off) < LEAST_ERRORS:
            return []
        near, far = (_rank(np.sort(off), level) for level in LEVELS)
        middle = ahead[-1, step]
        told = scale.back(middle + np.array([0.0, -near, near, -far, far]))
        found.append(Forecast(step + 1, *(float(value) for value in told)))
    return found


def _rank(errors: Floats, level: float) -> float:
    """How far the interval reaches; past the greatest error there is nothing to learn from."""
    place = min(math.ceil((len(errors) + 1) * level), len(errors))
    return float(errors[place - 1])


def _start(values: Floats) -> tuple[float, Floats]:
    """Level and season of the first two weeks."""
    weeks = values[:WARM_UP].reshape(-1, SEASON)
    level = float(np.nanmean(weeks))
    filled = np.where(np.isnan(weeks), level, weeks)
    return level, filled.mean(axis=0) - level


def _best(values: Floats) -> Floats:
    """The smoothing of level, trend and season whose one-step errors are the smallest."""
    a, b, c = _GRID
    first, pattern = _start(values)
    level, trend = np.full_like(a, first), np.zeros_like(a)
    season = np.repeat(pattern[:, None], len(a), axis=1)
    total = np.zeros_like(a)
    for day, value in enumerate(values):
        place = day % SEASON
        carried = level + _DAMPING * trend
        error = np.zeros_like(a) if np.isnan(value) else value - carried - season[place]
        if day >= WARM_UP:
            total += np.abs(error)
        level, trend = carried + a * error, _DAMPING * trend + a * b * error
        season[place] += c * (1 - a) * error
    return np.asarray(_GRID[:, int(np.argmin(total))])


def _paths(values: Floats, smoothing: Floats) -> Floats:
    """[day, step]: what was forecast at the end of each day for each day after it."""
    a, b, c = (float(part) for part in smoothing)
    level, season = _start(values)
    trend = 0.0
    damped = np.cumsum(_DAMPING ** np.arange(1, HORIZON + 1))
    steps = np.arange(1, HORIZON + 1)
    paths = np.empty((len(values), HORIZON))
    for day, value in enumerate(values):
        place = day % SEASON
        carried = level + _DAMPING * trend
        error = 0.0 if np.isnan(value) else float(value) - carried - float(season[place])
        level, trend = carried + a * error, _DAMPING * trend + a * b * error
        season[place] += c * (1 - a) * error
        paths[day] = level + damped * trend + season[(day + steps) % SEASON]
    return paths


def _errors(values: Floats, paths: Floats) -> Floats:
    """[step, day of origin]: what came less what was forecast, past the warm-up; NaN for unknown
    days and for those that have not come."""
    errors = np.full((HORIZON, len(values)), np.nan)
    for step in range(HORIZON):
        last = len(values) - step - 1
        errors[step, WARM_UP:last] = values[WARM_UP + step + 1 :] - paths[WARM_UP:last, step]
    return errors
