"""Customers made by chance as the models have them, with what they do after they are looked at."""

from dataclasses import dataclass

import numpy as np

from processors.domain.ltv.backtest import Held
from processors.domain.ltv.bg_nbd import BgNbd
from processors.domain.ltv.cells import Cells, Floats, Ints
from processors.domain.ltv.gamma_gamma import GammaGamma, Spending

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
"""Fader, Hardie and Lee (2005), table 1; weeks."""
CDNOW_VALUE = GammaGamma(6.25, 3.74, 15.44)
"""Fader and Hardie (2013), section 3; dollars."""


def customer(x: int, recency: float, age: float) -> Cells:
    """One."""
    return Cells(np.array([x]), np.array([recency]), np.array([age]), np.ones(1))


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Arrays over customers; `later` and `spent` are of the time after they were looked at."""

    cells: Cells
    values: Floats
    later: Ints
    spent: Floats

    def held(self) -> Held:
        """As a back-test has them."""
        return Held(self.cells, self.later, self.values, float(self.spent.sum()))

    def spending(self) -> Spending:
        """Of those who came again."""
        again = self.cells.frequency > 0
        return Spending(self.cells.frequency[again], self.values[again], np.ones(int(again.sum())))


def made(count: int, *, seed: int, span: float = 78, later: float = 52) -> People:
    """People of CDNOW's parameters, who came within the first half of the span."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(CDNOW.r, 1 / CDNOW.alpha, count)
    leaving = rng.beta(CDNOW.a, CDNOW.b, count)
    scale = rng.gamma(CDNOW_VALUE.q, 1 / CDNOW_VALUE.v, count)
    age = rng.uniform(span / 2, span, count)
    at, alive = np.zeros(count), np.ones(count, dtype=bool)
    x, after = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    recency, spent, later_spent = np.zeros(count), np.zeros(count), np.zeros(count)
    while alive.any():
        at = at + np.where(alive, rng.exponential(1 / rate), 0)
        alive = alive & (at <= age + later)
        value = np.where(alive, rng.gamma(CDNOW_VALUE.p, 1 / scale), 0)
        known = alive & (at <= age)
        x, after = x + known, after + (alive & ~known)
        recency = np.where(known, at, recency)
        spent, later_spent = spent + known * value, later_spent + (alive & ~known) * value
        alive = alive & (rng.random(count) >= leaving)
    values = np.divide(spent, x, out=np.zeros(count), where=x > 0)
    return People(Cells(x, recency, age, np.ones(count)), values, after, later_spent)
