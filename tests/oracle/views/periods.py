"""Periods of any grain, as attributary_period has them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

FIRST: Final = "2020-01-01"
LAST: Final = "2029-12-31"
"""The span that is asked for; periods of so many days are counted from its first day."""

GRAINS: Final = ("week", "quarter", "10d")
"""Asked of every tenant; the others begin as these do."""


def period(grain: str) -> Callable[[str], str]:
    """From a date to the first date of its period."""
    return lambda day: _start(date.fromisoformat(day), grain).isoformat()


def _start(day: date, grain: str) -> date:
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            since = (day - date.fromisoformat(FIRST)).days
            return day - timedelta(days=since % int(grain.removesuffix("d")))
