"""How often a customer buys again: BG/NBD.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24(2), 275-284. While a customer is alive, purchases come at a
rate of its own, gamma distributed over customers (r, alpha); after each of them it leaves for good
with a chance of its own, beta distributed (a, b). Equations are theirs: (6) is the likelihood, (8)
how many purchases come, (10) how many are expected of a customer with a history. What is known of
one who is alive makes a customer with r + frequency, alpha + age, a and b + frequency, so (8) and
(9) of that one, times the chance of being alive, are the conditional forms.
"""

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.domain.ltv.cells import Cells, Floats, log_rising
from processors.domain.ltv.maximise import maximise

_WIDEST: Final = 12.0
"""Of the logarithm of a parameter: beyond, the data do not tell it."""
_TERMS: Final = 1 << 15
_STILL: Final = 1e-12


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters, all above 0; alpha is in the unit of time."""

    r: float
    alpha: float
    a: float
    b: float


def log_likelihood(model: BgNbd, cells: Cells) -> float:
    """(6) of all customers."""
    x = cells.frequency
    r, alpha, a, b = astuple(model)
    common = log_rising(r, x) + r * np.log(alpha) + log_rising(b, x) - log_rising(a + b, x)
    alive = -(r + x) * np.log(alpha + cells.age)
    again = x > 0
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + cells.recency)
    both = np.logaddexp(alive, np.where(again, gone, -np.inf))
    return float(((common + both) * cells.customers).sum())


def fit(cells: Cells) -> tuple[BgNbd, float] | None:
    """The parameters of the greatest likelihood, and its logarithm; None where there is none
    within reason. Times are scaled by the mean age first, so that the search knows where it is."""
    unit = float(np.average(cells.age, weights=cells.customers))
    if unit <= 0:
        return None
    scaled = cells.scaled(1 / unit)

    def value(point: Floats) -> float:
        if np.abs(point).max() > _WIDEST:
            return -np.inf
        return log_likelihood(BgNbd(*(float(one) for one in np.exp(point))), scaled)

    point, height = maximise(value, (0.0, 0.0, 0.0, 0.0))
    if not np.isfinite(height) or np.abs(point[:2]).max() > _WIDEST - 1:
        return None
    r, alpha, a, b = (float(one) for one in np.exp(point))
    found = BgNbd(r, alpha * unit, a, b)
    return found, log_likelihood(found, cells)


def alive(model: BgNbd, cells: Cells) -> Floats:
    """The chance that each customer is still one; 1 for those who never came again, since nobody
    leaves but after a purchase of which the model knows."""
    x = cells.frequency
    away = (model.r + x) * np.log((model.alpha + cells.age) / (model.alpha + cells.recency))
    odds = np.exp(np.minimum(away, 700)) * model.a / (model.b + np.maximum(x, 1) - 1)
    told: Floats = 1 / (1 + np.where(x > 0, odds, 0))
    return told


def expected(model: BgNbd, cells: Cells, horizon: float) -> Floats:
    """(10): purchases of each customer in the time to come; as the sum over n of the chance that an
    nth comes, which all parameters bear, where the paper's 2F1 leaves the range of numbers."""
    told = np.zeros(len(cells.frequency))
    rows, coming = np.arange(len(told)), _Coming(model, cells, horizon)
    for n in range(1, _TERMS):
        coming.step()
        chance = coming.stayed * np.maximum(1 - coming.fewer, 0)
        told[rows] += chance
        if n & (n - 1) == 0:
            on = chance > _STILL
            if not on.any():
                break
            rows = rows[on]
            coming.keep(on)
    return alive(model, cells) * told


class _Coming:
    """Of customers who are alive, as n grows: the chance to be so after n - 1 purchases, were they
    to come (`stayed`), and that fewer than n would, were nobody to leave (`fewer`)."""

    def __init__(self, model: BgNbd, cells: Cells, horizon: float) -> None:
        self._r, alpha = model.r + cells.frequency, model.alpha + cells.age
        self._a, self._b = model.a, model.b + cells.frequency
        self._log_share = np.log(horizon) - np.log(alpha + horizon)
        self._log_exactly = self._r * (np.log(alpha) - np.log(alpha + horizon))
        self._n = 0
        self.stayed = np.ones(len(self._r))
        self.fewer = np.zeros(len(self._r))

    @property
    def exactly(self) -> Floats:
        """The chance that n would come, were nobody to leave."""
        return np.asarray(np.exp(self._log_exactly), dtype=np.float64)

    @property
    def leaving(self) -> Floats:
        """The chance to leave after the nth, for who was there."""
        return np.asarray(self._a / (self._a + self._b + self._n - 1), dtype=np.float64)

    def step(self) -> None:
        """To the next n, the first of which is 1."""
        if self._n:
            self.stayed = self.stayed * (1 - self.leaving)
        self.fewer = self.fewer + self.exactly
        self._n += 1
        self._log_exactly += np.log((self._r + self._n - 1) / self._n) + self._log_share

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        """Leave the others out."""
        for name in ("_r", "_b", "_log_share", "_log_exactly", "stayed", "fewer"):
            setattr(self, name, getattr(self, name)[rows])


def chances(model: BgNbd, cells: Cells, horizon: float, most: int) -> Floats:
    """[customer, n]: the chance of n purchases in the time to come, n from 0 to `most`: (8)."""
    coming = _Coming(model, cells, horizon)
    told = np.empty((len(cells.frequency), most + 1))
    told[:, 0] = coming.exactly
    for n in range(1, most + 1):
        coming.step()
        on = coming.stayed * (1 - coming.leaving) * coming.exactly
        told[:, n] = on + coming.stayed * coming.leaving * np.maximum(1 - coming.fewer, 0)
    living = alive(model, cells)[:, np.newaxis]
    told *= living
    told[:, 0] += 1 - living[:, 0]
    return told
