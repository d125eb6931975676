"""What shops are compared by, and quartiles of their figures that give none of them away."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

LEAST_TENANTS: Final = 5
_MEAN_OF: Final = 3
_DIGITS: Final = 2

IN_MONEY: Final = frozenset({"aov", "cost_per_order", "cpc", "cpm"})
OF_SHOP: Final = frozenset({"aov", "cost_per_order", "mer", "unattributed_share"})
OF_PLATFORM: Final = frozenset({"roas", "ctr", "cpc", "cpm", "emq_score", "delivery_success_rate"})
METRICS: Final = OF_SHOP | OF_PLATFORM


def quartiles(figures: Sequence[float]) -> tuple[Decimal, Decimal, Decimal]:
    """The first quartile, the median and the third.

    An order statistic of a few shops is one shop's figure. So each quartile is the mean of the
    three figures about its place (microaggregation), rounded to two significant digits.

    Raises:
        ValueError: for fewer than five.
    """
    if len(figures) < LEAST_TENANTS:
        raise ValueError(f"quartiles of {len(figures)} shops would tell their figures")
    ordered = sorted(figures)
    first, median, third = (_about(ordered, quarter) for quarter in (1, 2, 3))
    return first, median, third


def _about(ordered: Sequence[float], quarter: int) -> Decimal:
    place = (len(ordered) - 1) * quarter / 4
    start = min(max(round(place) - 1, 0), len(ordered) - _MEAN_OF)
    return _rounded(sum(ordered[start : start + _MEAN_OF]) / _MEAN_OF)


def _rounded(value: float) -> Decimal:
    if value == 0:
        return Decimal(0)
    digits = _DIGITS - 1 - math.floor(math.log10(abs(value)))
    return Decimal(str(round(value, digits)))
