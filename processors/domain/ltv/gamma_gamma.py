"""What a purchase of a customer is worth: gamma-gamma.

Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value", after Colombo and Jiang (1999).
A customer's purchases vary about a mean of its own with the shape p; the scale is gamma distributed
over customers (q, v). The model takes how much is spent for independent of how often.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.ltv.cells import Floats, Ints
from processors.domain.ltv.maximise import maximise

_WIDEST: Final = 14.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The three parameters, all above 0; v is an amount. With q above 1 there is a mean."""

    p: float
    q: float
    v: float

    def per_unit(self, frequency: Ints) -> Floats:
        """(5): the expected value of a purchase of a customer of that frequency and the mean value
        `m` is this times (v + frequency * m)."""
        return np.asarray(self.p / (self.p * frequency + self.q - 1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Spending:
    """Arrays of one length: frequency (1 or more), mean value of a purchase (above 0), and how many
    customers."""

    frequency: Ints
    value: Floats
    customers: Floats

    def correlation(self) -> float:
        """Of how often and how much, over customers; the model takes it for 0."""
        x = self.frequency - np.average(self.frequency, weights=self.customers)
        m = self.value - np.average(self.value, weights=self.customers)
        sums = [float((self.customers * one).sum()) for one in (x * m, x * x, m * m)]
        return sums[0] / math.sqrt(sums[1] * sums[2]) if sums[1] > 0 and sums[2] > 0 else 0.0


def log_likelihood(model: GammaGamma, spending: Spending) -> float:
    """(1a) of all customers."""
    x, m = spending.frequency, spending.value
    p, q, v = model.p, model.q, model.v
    known, place = np.unique(x, return_inverse=True)
    sizes = np.array([math.lgamma(p * n + q) - math.lgamma(p * n) for n in known])[place]
    told = sizes - math.lgamma(q) + q * math.log(v) + (p * x - 1) * np.log(m) + p * x * np.log(x)
    return float(((told - (p * x + q) * np.log(v + m * x)) * spending.customers).sum())


def fit(spending: Spending) -> GammaGamma | None:
    """The parameters of the greatest likelihood; None where there is none within reason."""
    if not len(spending.value):
        return None
    unit = float(np.average(spending.value, weights=spending.customers))
    scaled = Spending(spending.frequency, spending.value / unit, spending.customers)

    def value(point: Floats) -> float:
        if np.abs(point).max() > _WIDEST:
            return -np.inf
        p, above, v = (float(one) for one in np.exp(point))
        return log_likelihood(GammaGamma(p, 1 + above, v), scaled)

    point, height = maximise(value, (1.0, 0.5, 0.0))
    if not np.isfinite(height):
        return None
    p, above, v = (float(one) for one in np.exp(point))
    return GammaGamma(p, 1 + above, v * unit)
