"""What a row of a report says, as vendors write it: a number or its text, perhaps in millionths of
a unit; a dash, an empty text or nothing at all where there is none."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.domain.money import is_currency
from processors.platforms.reading import Unreadable
from processors.platforms.spending import Figure, Unusable

Row = Mapping[str, Any]

_NOTHING: Final = (None, "", "-")
_MAX_MAGNITUDE: Final = 18
_MICRO: Final = -6


def rows_of(found: Any, what: str) -> list[Row]:
    """A list of rows.

    Raises:
        Unreadable: for anything else; the text says that `what` is missing.
    """
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise Unreadable(f"the answer has no {what}")
    return found


def number(row: Row, name: str) -> Decimal | None:
    """A number that is not negative; None where the row has none.

    Raises:
        Unusable: for anything else.
    """
    said = row.get(name)
    if said in _NOTHING:
        return None
    try:
        found = Decimal(str(said))
    except InvalidOperation:
        raise Unusable(f"{name} is no number") from None
    if isinstance(said, bool) or not found.is_finite() or found < 0:
        raise Unusable(f"{name} is no plausible number")
    if found.adjusted() > _MAX_MAGNITUDE:
        raise Unusable(f"{name} is no plausible number")
    return found


def micros(row: Row, name: str) -> Decimal | None:
    """Money in units, of a row that has it in millionths.

    Raises:
        Unusable: as `number`.
    """
    found = number(row, name)
    return None if found is None else plain(found.scaleb(_MICRO))


def needed(found: Decimal | None, name: str) -> Decimal:
    """A number that no row may lack.

    Raises:
        Unusable: where it does.
    """
    if found is None:
        raise Unusable(f"{name} is missing")
    return found


def count(row: Row, name: str) -> int | None:
    """A whole number; None where the row has none.

    Raises:
        Unusable: for anything else.
    """
    found = number(row, name)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Unusable(f"{name} is no whole count")
    return int(found)


def text(row: Row, name: str) -> str | None:
    """A text without the space around it; None where the row has none."""
    said = row.get(name)
    found = str(said).strip() if isinstance(said, str | int) else ""
    return None if found in _NOTHING else found


def identity(row: Row, name: str) -> str:
    """An id.

    Raises:
        Unusable: for a row without it.
    """
    found = text(row, name)
    if found is None:
        raise Unusable(f"{name} is missing")
    return found


def currency(row: Row, name: str) -> str:
    """The code of a currency.

    Raises:
        Unusable: for a row without one.
    """
    found = (text(row, name) or "").upper()
    if not is_currency(found):
        raise Unusable(f"{name} is no currency")
    return found


def day(row: Row, name: str, *, since: date, until: date) -> date:
    """The day that a date, or a moment that begins with it, is of; both bounds are included.

    Raises:
        Unusable: for a day that was not asked for, or none.
    """
    try:
        found = date.fromisoformat(str(row.get(name))[:10])
    except ValueError:
        raise Unusable(f"{name} is no date") from None
    if not since <= found <= until:
        raise Unusable(f"{name} is a day that was not asked for")
    return found


def plain(found: Decimal) -> Decimal:
    """The same number without the zeros that a division leaves behind."""
    short = found.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


def says_something(figure: Figure) -> bool:
    """Whether any of its numbers is not zero: reports list days on which nothing happened, too."""
    return any(
        (
            figure.amount, figure.impressions, figure.clicks, figure.reach, figure.video_views,
            figure.conversions, figure.conversion_value, figure.view_conversions,
            figure.click_conversions,
        )
    )  # fmt: skip
