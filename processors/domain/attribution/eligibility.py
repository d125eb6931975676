"""Which windows a touch counts in, and how many touches may count.

A touch is eligible when `converted_at - window <= occurred_at <= converted_at`, both floored to
the second. Windows nest, so one number says it all: the smallest window that holds the touch.
"""

from typing import Final

import numpy as np

from processors.domain.attribution.models import (
    WINDOW_DAYS,
    WINDOWS,
    BoolArray,
    CreditSettings,
    IntArray,
)

NEVER: Final = len(WINDOWS)
"""The first window of a touch that no window holds."""

DAY_SECONDS: Final = 86_400
_WINDOW_SECONDS: Final = np.array([WINDOW_DAYS[w] * DAY_SECONDS for w in WINDOWS], dtype=np.int64)
_WIDEST_DAYS: Final = max(WINDOW_DAYS.values())


def first_windows(*, converted_at: IntArray, occurred_at: IntArray, limit: IntArray) -> IntArray:
    """The smallest eligible window of each touch, or NEVER; times in epoch milliseconds, and
    `limit` the greatest age in seconds at which the touch counts."""
    age = converted_at // 1000 - occurred_at // 1000
    window = np.searchsorted(_WINDOW_SECONDS, age).astype(np.int64)
    window[(age < 0) | (age > limit)] = NEVER
    return window


def view_limit_seconds(settings: CreditSettings) -> int:
    """The greatest age at which a view still counts; -1 when none does.

    A view counts within the smaller of window and view window, so the limit only ever removes
    views: it never changes the first window of one that stays.
    """
    if settings.attribution_mode == "clicks_only":
        return -1
    days = _WIDEST_DAYS if settings.view_window_days is None else settings.view_window_days
    return min(days, settings.lookback_days, _WIDEST_DAYS) * DAY_SECONDS


def click_limit_seconds(settings: CreditSettings) -> int:
    """The greatest age at which a click still counts."""
    return min(settings.lookback_days, _WIDEST_DAYS) * DAY_SECONDS


def within_cap(*, position: IntArray, count: IntArray, max_touches: IntArray) -> BoolArray:
    """Keeps the earliest and the newest `max_touches`, by position among a journey's `count`."""
    kept: BoolArray = (position == 0) | (position >= count - max_touches)
    return kept
