"""A tenant's model of its customers, and what it says of a history.

With fewer customers than the models need, each is taken to go on at the rate of all, moved towards
its own by what is known of it (gamma-Poisson with the mean age as the weight of all), and none to
leave: a guess that says so (`method`) and has no intervals.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from processors.domain.ltv import bg_nbd, gamma_gamma, intervals
from processors.domain.ltv.bg_nbd import BgNbd
from processors.domain.ltv.cells import Cells, Floats
from processors.domain.ltv.gamma_gamma import GammaGamma, Spending

Method = Literal["bg_nbd_gamma_gamma", "shrunk_rate"]
LEAST_CUSTOMERS: Final = 200
LEAST_REPEATERS: Final = 50


@dataclass(frozen=True, slots=True)
class Model:
    """Either both models or, where a reason says why not, rate (purchases after the first per unit
    of time), weight (time) and mean value of a purchase of all customers."""

    buying: BgNbd | None
    spending: GammaGamma | None
    log_likelihood: float | None
    reason: str
    rate: float
    weight: float
    value: float

    @property
    def method(self) -> Method:
        """What the predictions are made by."""
        fitted = self.buying is not None and self.spending is not None
        return "bg_nbd_gamma_gamma" if fitted else "shrunk_rate"


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Arrays over the cells, for the time to come. Amounts are per unit of `base` + frequency * m
    (m is the customer's mean value of a purchase after the first); NaN where there is no interval.
    """

    base: float
    alive: Floats
    purchases: Floats
    purchases_low: Floats
    purchases_high: Floats
    value: Floats
    revenue: Floats
    revenue_low: Floats
    revenue_high: Floats


def learn(cells: Cells, spending: Spending, *, purchases: float, revenue: float) -> Model:
    """Fit the models; `purchases` and `revenue` are of all customers, the first ones included."""
    customers = float(cells.customers.sum())
    time = float((cells.age * cells.customers).sum())
    again = float((cells.frequency * cells.customers).sum())
    repeaters = float(cells.customers[cells.frequency > 0].sum())
    reason, buying, worth, height = "", None, None, None
    if customers < LEAST_CUSTOMERS or repeaters < LEAST_REPEATERS:
        reason = "too_few_customers"
    else:
        found, worth = bg_nbd.fit(cells), gamma_gamma.fit(spending)
        if found is None or worth is None:
            reason = "not_converged"
        else:
            buying, height = found
    return Model(
        buying=buying,
        spending=None if buying is None else worth,
        log_likelihood=height,
        reason=reason,
        rate=again / time if time > 0 else 0.0,
        weight=time / customers if customers > 0 else 0.0,
        value=revenue / purchases if purchases > 0 else 0.0,
    )


def predict(model: Model, cells: Cells, horizon: float) -> Prediction:
    """What is to come of each cell in so much time from now."""
    if model.buying is None or model.spending is None:
        return _guess(model, cells, horizon)
    x = cells.frequency
    chances = bg_nbd.chances(model.buying, cells, horizon, intervals.MOST)
    fewest, most = intervals.counted(chances)
    least, greatest = intervals.worth(model.spending, x, chances)
    purchases = bg_nbd.expected(model.buying, cells, horizon)
    value = model.spending.per_unit(x)
    return Prediction(
        base=model.spending.v,
        alive=bg_nbd.alive(model.buying, cells),
        purchases=purchases,
        purchases_low=fewest,
        purchases_high=most,
        value=value,
        revenue=purchases * value,
        revenue_low=least,
        revenue_high=greatest,
    )


def _guess(model: Model, cells: Cells, horizon: float) -> Prediction:
    x, known = cells.frequency, model.weight + cells.age
    rate = np.divide(
        model.weight * model.rate + x, known, out=np.zeros_like(known), where=known > 0
    )
    unknown = np.full(len(x), np.nan)
    value = 1 / (1.0 + x)
    return Prediction(
        base=model.value,
        alive=unknown,
        purchases=rate * horizon,
        purchases_low=unknown,
        purchases_high=unknown,
        value=value,
        revenue=rate * horizon * value,
        revenue_low=unknown,
        revenue_high=unknown,
    )
