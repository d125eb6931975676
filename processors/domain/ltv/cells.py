"""Customers by their history, and sums of logarithms that the models share."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Arrays of one length: purchases after the first, when the latest was, how long ago the first
    was, and how many customers have that history. 0 <= recency <= age; recency is 0 without a
    purchase after the first."""

    frequency: Ints
    recency: Floats
    age: Floats
    customers: Floats

    def scaled(self, factor: float) -> "Cells":
        """The same with times in another unit."""
        return Cells(self.frequency, self.recency * factor, self.age * factor, self.customers)


def log_rising(start: float, counts: Ints) -> Floats:
    """ln of start * (start + 1) * ... (`counts` factors): lnGamma(start + n) - lnGamma(start)."""
    most = int(counts.max(initial=0))
    table = np.append(0.0, np.cumsum(np.log(start + np.arange(most))))
    told: Floats = table[counts]
    return told
