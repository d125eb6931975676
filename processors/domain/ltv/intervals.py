"""Between what numbers and what sums of purchases a customer's will lie, 4 times of 5.

Both are the models' own. The number of purchases has (8)'s distribution. The sum of n of them,
divided by v + frequency * m of the gamma-gamma model, is beta prime distributed (p * n, q + p *
frequency): n values of the shape p under a scale that is known as well as the history tells it. So
the sum is a mixture of these by the chances of n, and one calculation serves all customers of a
cell, whatever they spend.
"""

import math
from typing import Final

import numpy as np

from processors.domain.ltv.cells import Floats, Ints
from processors.domain.ltv.gamma_gamma import GammaGamma

LOW: Final = 0.1
HIGH: Final = 0.9
MOST: Final = 256
"""Purchases of a customer in the time to come; where more cannot be left aside, nothing is told."""
_LEFT_ASIDE: Final = 5e-4
_FINE: Final = 2_048
_READ: Final = 4
_SPREAD: Final = 7.0


def counted(chances: Floats) -> tuple[Floats, Floats]:
    """The least number of purchases that a tenth, and that nine tenths, do not exceed; NaN where
    the chances ([customer, n]) leave too much aside."""
    so_far = np.cumsum(chances, axis=1)
    told = [np.argmax(so_far >= level, axis=1).astype(np.float64) for level in (LOW, HIGH)]
    open_ended = so_far[:, -1] < 1 - _LEFT_ASIDE
    for one in told:
        one[open_ended] = np.nan
    return told[0], told[1]


def worth(model: GammaGamma, frequency: Ints, chances: Floats) -> tuple[Floats, Floats]:
    """The same of the sum of the purchases, per unit of v + frequency * m."""
    low, high = np.full(len(frequency), np.nan), np.full(len(frequency), np.nan)
    so_far = np.cumsum(chances, axis=1)
    told = so_far[:, -1] >= 1 - _LEFT_ASIDE
    needed = np.argmax(so_far >= 1 - _LEFT_ASIDE, axis=1)
    for x in np.unique(frequency[told]):
        rows = np.flatnonzero(told & (frequency == x))
        most = max(int(needed[rows].max()), 1)
        grid, table = _sums(model, int(x), most)
        mixed = chances[rows, :1] + chances[rows, 1 : most + 1] @ table
        low[rows] = _quantile(mixed, grid, LOW, chances[rows, 0])
        high[rows] = _quantile(mixed, grid, HIGH, chances[rows, 0])
    return low, high


def _sums(model: GammaGamma, frequency: int, most: int) -> tuple[Floats, Floats]:
    """Logarithms of sums, and [n - 1, sum]: the chance that n purchases are worth no more."""
    n = np.arange(1, most + 1)[:, np.newaxis]
    shape, scale = model.p * n, model.q + model.p * frequency
    width = _SPREAD * np.sqrt(1 / shape + 1 / scale)
    middle = np.log(shape / scale)
    lowest, highest = float((middle - width).min()), float((middle + width).max())
    u = np.linspace(lowest, highest, _FINE)
    log_beta = np.array([[math.lgamma(s) + math.lgamma(scale) - math.lgamma(s + scale)]
                         for s in shape[:, 0]])  # fmt: skip
    density = np.exp(shape * u - (shape + scale) * np.logaddexp(0, u) - log_beta)
    below = np.exp(shape[:, 0] * lowest - log_beta[:, 0]) / shape[:, 0]
    steps = (density[:, 1:] + density[:, :-1]) / 2 * (u[1] - u[0])
    table = below[:, np.newaxis] + np.cumsum(np.pad(steps, ((0, 0), (1, 0))), axis=1)
    return u[::_READ], np.minimum(table[:, ::_READ], 1)


def _quantile(mixed: Floats, grid: Floats, level: float, nothing: Floats) -> Floats:
    """Where each row reaches the level, between two places of the grid by a straight line."""
    after = np.clip(np.argmax(mixed >= level, axis=1), 1, len(grid) - 1)
    rows = np.arange(len(mixed))
    left, right = mixed[rows, after - 1], mixed[rows, after]
    part = np.clip((level - left) / np.maximum(right - left, 1e-300), 0, 1)
    told = np.exp(grid[after - 1] + part * (grid[after] - grid[after - 1]))
    return np.where(nothing >= level, 0.0, told)
