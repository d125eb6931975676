"""Correlations: those of the definition, pair by pair, at every lag."""

import numpy as np
import pytest

from processors.domain.quality.correlation import (
    DAYS,
    LAGS,
    LEAST,
    WEEK,
    Correlation,
    correlations,
)
from processors.domain.quality.scales import Floats

Key = tuple[str, str, str, int]


def by_key(series: dict[str, Floats]) -> dict[Key, Correlation]:
    found = list(correlations(series))
    keyed: dict[Key, Correlation] = {
        (one.basis, one.platform, one.other, one.lag): one for one in found
    }
    assert len(keyed) == len(found)
    return keyed


def ranked(values: Floats) -> Floats:
    """Those that are equal share the middle of their ranks."""
    return np.array(
        [
            np.nan if np.isnan(v) else (v > values).sum() + ((values == v).sum() + 1) / 2
            for v in values
        ]
    )


def r_of(one: Floats, other: Floats, lag: int) -> tuple[int, float]:
    """Pairs of days and r, by the definition."""
    a, b = one[: len(one) - lag], other[lag:]
    both = ~np.isnan(a) & ~np.isnan(b)
    return int(both.sum()), float(np.corrcoef(a[both], b[both])[0, 1])


def test_every_pair_basis_and_lag_is_as_the_definition_has_it() -> None:
    rng = np.random.default_rng(7)
    lead = rng.normal(1e6, 10, WEEK + DAYS).round(1)
    series = {
        "meta": lead,
        "tiktok": np.concatenate([lead[:2], lead[:-2]]) + rng.normal(0, 1, len(lead)).round(1),
        "ga4": rng.poisson(3, len(lead)).astype(float),
        "new": np.where(np.arange(len(lead)) < len(lead) - 40, np.nan, lead[::-1]),
    }
    series["meta"][rng.choice(len(lead), 15, replace=False)] = np.nan
    found = by_key(series)
    for basis in ("level", "weekly_change"):
        compared = {
            name: values[WEEK:] - (values[:-WEEK] if basis == "weekly_change" else 0)
            for name, values in series.items()
        }
        for one, other in ((a, b) for a in series for b in series if a != b):
            for lag in LAGS:
                told = found.pop((basis, one, other, lag), None)
                assert (told is None) == (lag == 0 and one > other)
                if told is not None:
                    n, r = r_of(compared[one], compared[other], lag)
                    assert told.n == n
                    assert told.pearson == pytest.approx(r, abs=1e-9)
                    _, rho = r_of(ranked(compared[one]), ranked(compared[other]), lag)
                    assert told.spearman == pytest.approx(rho, abs=1e-9)
    assert found == {}
    best = max(LAGS, key=lambda lag: by_key(series)["level", "meta", "tiktok", lag].pearson or 0)
    assert best == 2


def test_nothing_is_said_of_too_few_days_or_of_what_stands_still() -> None:
    days = WEEK + DAYS
    rising, still = np.arange(days, dtype=float), np.full(days, 0.1)
    few = np.where(np.arange(days) < days - LEAST, np.nan, rising)
    found = by_key({"a": rising, "few": few, "still": still})
    assert found["level", "a", "few", 0].n == LEAST
    assert ("level", "few", "a", 1) not in found
    assert ("weekly_change", "few", "a", 0) not in found
    told = found["level", "a", "still", 3]
    assert (told.n, told.pearson, told.spearman) == (DAYS - 3, None, None)
    assert by_key({"alone": rising}) == {}
    assert by_key({}) == {}
