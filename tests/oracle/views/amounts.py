"""Sums and ratios as the views tell them, and in which units each of their columns is written down:
whole numbers of the last place that the view rounds to."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from tests.oracle.words import UNIT

Number = int | Fraction | None

MONEY: Final = frozenset(
    {
        "revenue", "spend", "attributed_revenue", "unattributed_revenue", "new_revenue",
        "returning_revenue", "unknown_revenue", "claimed_revenue", "last_touch_revenue",
        "revenue_difference", "blended_revenue", "blended_spend", "cumulative_revenue",
        "acquisition_spend",
    }
)  # fmt: skip
"""In minor units of the reporting currency."""
_CREDIT: Final = (
    "conversions", "attributed_conversions", "new_conversions", "returning_conversions",
    "unknown_conversions", "units",
)  # fmt: skip
_RATIOS: Final = (
    "roas", "mer", "cpa", "aov", "cac", "cpc", "cpm", "claimed_roas", "claimed_ratio",
    "relative_difference", "blended_roas", "retention", "ltv", "coverage",
)  # fmt: skip
PLACES: Final = {
    **dict.fromkeys(_CREDIT, 9), **dict.fromkeys(_RATIOS, 4), "ctr": 6, "revenue_share": 6,
    "claimed_conversions": 6, "roas_index": 2,
}  # fmt: skip
"""Decimals of the columns that are no money; 0 for those that are not here."""


def total(values: Iterable[int | None]) -> int | None:
    """Of those that were told; None when none was."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def ratio(amount: Number, by: Number, places: int = 4) -> int | None:
    """The quotient in units of the last place, rounded half away from zero; None without either,
    and by 0."""
    if amount is None or not by:
        return None
    units = Fraction(amount) * 10**places / Fraction(by)
    whole = int(abs(units) + Fraction(1, 2))
    return whole if units >= 0 else -whole


def returned(revenue: Number, spend: Number) -> int | None:
    """Revenue per unit of spend with four decimals; a return of a million and more is 999999.9999,
    as numeric(10,4) holds it."""
    found = ratio(revenue, spend)
    return None if found is None else min(found, 10**10 - 1)


def each(money: Number, credit: Number, unit: Fraction) -> int | None:
    """Money (minor units) per conversion, by the unit of the money, with four decimals."""
    return None if money is None or credit is None else ratio(money * unit, Fraction(credit, UNIT))
