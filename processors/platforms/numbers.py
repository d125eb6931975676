"""Numbers as vendors write them: texts or JSON numbers, never negative."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from processors.platforms.spending import Unusable

_MAX_MAGNITUDE: Final = 18
_MICRO: Final = Decimal("0.000001")
_GROUPED: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


def amount(told: object, name: str) -> Decimal:
    """A number of at most six places after the point: further ones are rounded. Thousands may be
    set apart by commas.

    Raises:
        Unusable: for what is no number, or none that can be meant.

    >>> amount("1,234.50", "Spend")
    Decimal('1234.50')
    """
    text = told if isinstance(told, str) else repr(told)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unusable(f"{name} is no number") from None
    if not number.is_finite() or number < 0 or number.adjusted() > _MAX_MAGNITUDE:
        raise Unusable(f"{name} is no plausible number")
    exponent = number.as_tuple().exponent
    return number.quantize(_MICRO) if isinstance(exponent, int) and exponent < -6 else number


def count(told: object, name: str) -> int:
    """A whole number.

    Raises:
        Unusable: for anything else.

    >>> count("90", "impressions")
    90
    """
    number = amount(told, name)
    if number != number.to_integral_value():
        raise Unusable(f"{name} is no whole count")
    return int(number)
