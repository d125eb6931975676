"""What the jobs of series compute, apart from what they read and write: its numpy is loaded when
the first of them runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from processors.domain.quality.anomaly import ERRORS, WEEK, WEEKS, Judged, judge
from processors.domain.quality.correlation import DAYS, correlations
from processors.domain.quality.forecast import Forecast, forecast
from processors.domain.quality.scales import SERIES, Floats

BEFORE_DAYS: Final = ERRORS + WEEK * WEEKS
"""That a day is judged by."""

Written = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Consecutive days up to `last`, NaN where unknown."""

    name: str
    platform: str
    last: date
    values: Floats

    def day(self, place: int) -> date:
        """The day of a value."""
        return self.last - timedelta(days=len(self.values) - 1 - place)


def regular(
    name: str, platform: str, known: Mapping[date, float], last: Mapping[str, date]
) -> Series:
    """Every day from the first that is known. A sum's day without a row is one of nothing, up to
    the last day that is over where `last` names the series: of spend nobody knows before the
    platform tells; another's is unknown."""
    first = min(known)
    end = max(max(known), last.get(name, first))
    missing = 0.0 if SERIES[name].is_sum else float("nan")
    days = (end - first).days + 1
    values = [known.get(first + timedelta(days=day), missing) for day in range(days)]
    return Series(name, platform, end, np.array(values))


def anomalies(found: Sequence[Series], since: date) -> list[Written]:
    """A row for each anomaly since that day: series, platform, day, value, expected, low, high and
    score."""
    rows: list[Written] = []
    for series in found:
        judged = judge(series.values, SERIES[series.name])
        for place, one in enumerate(judged):
            day = series.day(place)
            if one is not None and one.is_anomaly and day >= since:
                rows.append((series.name, series.platform, day, *_figures(one)))
    return rows


def _figures(one: Judged) -> tuple[float, ...]:
    return (one.value, one.expected, one.low, one.high, one.score)


def forecasts(found: Sequence[Series], today: date) -> list[Written]:
    """A row for each day to come of series that go on: series, platform, last day that is known,
    day, expected, and both intervals."""
    rows: list[Written] = []
    for series in found:
        if today - series.last > timedelta(days=WEEK):
            continue  # it has ended
        for one in forecast(series.values, SERIES[series.name]):
            day = series.last + timedelta(days=one.ahead)
            rows.append((series.name, series.platform, series.last, day, *_interval(one)))
    return rows


def _interval(one: Forecast) -> tuple[float, ...]:
    return (one.expected, one.low_80, one.high_80, one.low_95, one.high_95)


TOGETHER_DAYS: Final = WEEK + DAYS
"""That platforms are compared on, the week included that changes are counted from."""

Figures = Mapping[str, Mapping[str, Mapping[date, float]]]


def together(figures: Figures, today: date) -> list[Written]:
    """A row for each two platforms and lag: series, basis, platform, other platform, lag, pairs of
    days, Pearson's r and Spearman's rho.

    Args:
        figures: by series, platform and day; a day without one has none.
    """
    days = [today - timedelta(days=age) for age in reversed(range(TOGETHER_DAYS))]
    nan = float("nan")
    return [
        (name, one.basis, one.platform, one.other, one.lag, one.n, one.pearson, one.spearman)
        for name, known in sorted(figures.items())
        for one in correlations(
            {place: np.array([of.get(day, nan) for day in days]) for place, of in known.items()}
        )
    ]
