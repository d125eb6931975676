"""On which scale a series is judged, so that its noise is about as great on a high day as on a low
one: counts by their root, amounts and durations by their logarithm, the rest as they are."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """A way there and back. `least_deviation`, on the scale, is what never counts as much: a series
    that has stood still for weeks has no spread of its own. `is_sum`: a day without a row is a day
    of nothing, not one that is unknown."""

    kind: str
    least_deviation: float
    is_sum: bool
    lowest: float = 0.0
    highest: float = math.inf

    def there(self, values: Floats) -> Floats:
        """Values on the scale; unknown (NaN) stays unknown, and below zero counts as zero where
        the scale has no place for it."""
        if self.kind == "root":
            return np.asarray(np.sqrt(np.maximum(values, 0.0)))
        if self.kind == "log":
            return np.asarray(np.log1p(np.maximum(values, 0.0)))
        return values

    def back(self, values: Floats) -> Floats:
        """Back from the scale, within what the series can be."""
        if self.kind == "root":
            raw = np.maximum(values, 0.0) ** 2
        elif self.kind == "log":
            raw = np.expm1(np.minimum(values, 700.0))
        else:
            raw = values
        return np.asarray(np.clip(raw, self.lowest, self.highest))


COUNT: Final = Scale("root", 0.5, True)
"""The root of a Poisson count has the standard deviation 0.5, whatever its mean."""
AMOUNT: Final = Scale("log", 0.02, True)
RATIO: Final = Scale("log", 0.02, False)
SHARE: Final = Scale("identity", 0.005, False, highest=1.0)
POINTS: Final = Scale("identity", 0.1, False, highest=10.0)
PERCENT: Final = Scale("identity", 1.0, False, highest=100.0)

SERIES: Final[dict[str, Scale]] = {
    "deliveries": COUNT,
    "delivery_success_rate": SHARE,
    "emq_score": PERCENT,
    "mer": RATIO,
    "orders": COUNT,
    "p95_latency_ms": RATIO,
    "pixel_events": COUNT,
    "platform_match_quality": POINTS,
    "retry_rate": SHARE,
    "revenue": AMOUNT,
    "roas": RATIO,
    "spend": AMOUNT,
    "unattributed_share": SHARE,
}
