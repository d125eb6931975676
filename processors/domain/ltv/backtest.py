"""How far a model was off that knew only what was before a day: its predictions of the time since,
beside what came (hold-out), and beside the guess that everybody goes on at its own rate."""

from dataclasses import dataclass

import numpy as np

from processors.domain.ltv.cells import Cells, Floats, Ints
from processors.domain.ltv.predict import Model, predict


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Cells as of the day, split by how many purchases came since; with the sums of the customers'
    mean values of a purchase (0 for frequency 0), and what was spent since."""

    cells: Cells
    came: Ints
    values: Floats
    spent: float


@dataclass(frozen=True, slots=True)
class Errors:
    """Of all customers: purchases expected and come; revenue the same; the mean absolute error of
    purchases per customer, of the model and of the guess; the share of customers whose purchases
    lay in the interval, None without intervals."""

    customers: int
    expected: float
    came: float
    revenue_expected: float
    revenue_came: float
    error: float
    naive_error: float
    coverage: float | None


def judge(model: Model, held: Held, horizon: float) -> Errors:
    """The errors of a model that was fitted to `held.cells`."""
    cells, weight = held.cells, held.cells.customers
    told = predict(model, cells, horizon)
    count = float(weight.sum())
    safe = np.where(cells.age > 0, cells.age, np.inf)
    naive = cells.frequency / safe * horizon
    amounts = told.base * weight + cells.frequency * held.values
    known = ~np.isnan(told.purchases_low)
    inside = (held.came >= told.purchases_low) & (held.came <= told.purchases_high)
    seen = float(weight[known].sum())
    return Errors(
        customers=round(count),
        expected=float((told.purchases * weight).sum()),
        came=float((held.came * weight).sum()),
        revenue_expected=float((told.revenue * amounts).sum()),
        revenue_came=held.spent,
        error=float((np.abs(told.purchases - held.came) * weight).sum()) / count,
        naive_error=float((np.abs(naive - held.came) * weight).sum()) / count,
        coverage=float(weight[known & inside].sum()) / seen if seen else None,
    )
