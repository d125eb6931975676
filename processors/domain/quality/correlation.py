"""How the daily figures of two platforms go together, on the same day and with one after the other.

All pairs of platforms at a lag are a few products of matrices, in which a day without a figure is
nothing, so a tenant costs milliseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from processors.domain.quality.scales import Floats

DAYS: Final = 91
"""That are compared: 90 and today."""
WEEK: Final = 7
LAGS: Final = range(8)
LEAST: Final = 14
"""Pairs of days with fewer of which nothing is said."""
_NO_SPREAD: Final = 1e-12

Basis = Literal["level", "weekly_change"]


@dataclass(frozen=True, slots=True)
class Correlation:
    """`platform` goes `lag` days before `other`; of `n` pairs of days. Pearson's r, and Spearman's
    rho (r of the ranks among the platform's days), are None where one of the two stands still."""

    basis: Basis
    platform: str
    other: str
    lag: int
    n: int
    pearson: float | None
    spearman: float | None


def correlations(series: Mapping[str, Floats]) -> Iterator[Correlation]:
    """Of each pair of platforms, at every lag: on the same day once, in the order of their names.

    Args:
        series: one figure by platform, the same `WEEK + DAYS` consecutive days, oldest first; NaN
            is a day without one. The first week is only what weekly changes are counted from.
    """
    names = sorted(series)
    whole = np.array([series[name] for name in names]).reshape(len(names), WEEK + DAYS)
    yield from _of_basis("level", names, whole[:, WEEK:])
    yield from _of_basis("weekly_change", names, whole[:, WEEK:] - whole[:, :-WEEK])


def _of_basis(basis: Basis, names: list[str], values: Floats) -> Iterator[Correlation]:
    ranks = np.array([_ranks(row) for row in values]).reshape(values.shape)
    for lag in LAGS:
        n, pearson = _at_lag(values, lag)
        _, spearman = _at_lag(ranks, lag)
        for one, other in zip(*np.nonzero(n >= LEAST), strict=True):
            if one != other and (lag > 0 or one < other):
                yield Correlation(
                    basis, names[one], names[other], lag, int(n[one, other]),
                    _known(pearson[one, other]), _known(spearman[one, other]),
                )  # fmt: skip


def _at_lag(values: Floats, lag: int) -> tuple[Floats, Floats]:
    """Pairs of days, and r (NaN where there is none), of each row before each other one."""
    known = ~np.isnan(values)
    days = np.maximum(known.sum(axis=1, keepdims=True), 1)
    flat = np.where(known, values, 0.0)
    # From the mean, so that a great level does not eat the digits of a small spread.
    flat = np.where(known, flat - flat.sum(axis=1, keepdims=True) / days, 0.0)
    end = values.shape[1] - lag
    a, b = flat[:, :end], flat[:, lag:].T
    in_a, in_b = known[:, :end].astype(float), known[:, lag:].T.astype(float)
    n = in_a @ in_b
    sum_a, sum_b = a @ in_b, in_a @ b
    squares_a, squares_b = (a * a) @ in_b, in_a @ (b * b)
    spread_a, spread_b = n * squares_a - sum_a**2, n * squares_b - sum_b**2
    moves = (spread_a > _NO_SPREAD * n * squares_a) & (spread_b > _NO_SPREAD * n * squares_b)
    below = np.sqrt(np.where(moves, spread_a * spread_b, 1.0))
    return n, np.where(moves, (n * (a @ b) - sum_a * sum_b) / below, np.nan)


def _ranks(values: Floats) -> Floats:
    """From 1; those that are equal share the middle of theirs, and NaN has none."""
    known = values[~np.isnan(values)]
    _, place, count = np.unique(known, return_inverse=True, return_counts=True)
    ranks = np.full(values.shape, np.nan)
    ranks[~np.isnan(values)] = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(np.clip(value, -1.0, 1.0))
