"""Whether each touch of a person counts for an order and, if not, why not.

What counts is decided by the rule that credit uses; only the reason of a no is worked out here.
Slower than the kernel, and told for one order at a time: for those who ask.
"""

from typing import Final

import numpy as np

from processors.domain.attribution.eligibility import (
    NEVER,
    click_limit_seconds,
    first_windows,
    view_limit_seconds,
    within_cap,
)
from processors.domain.attribution.models import (
    WINDOW_DAYS,
    BoolArray,
    CreditSettings,
    IntArray,
)

REASONS: Final = (
    "after_order",
    "bot",
    "clicks_only",
    "too_old",
    "beyond_lookback",
    "view_too_old",
    "beyond_max_touches",
)
"""Of several reasons the first is told."""

(
    _AFTER_ORDER,
    _BOT,
    _CLICKS_ONLY,
    _TOO_OLD,
    _BEYOND_LOOKBACK,
    _VIEW_TOO_OLD,
    _BEYOND_MAX_TOUCHES,
) = (NEVER + place for place in range(len(REASONS)))
_WIDEST_SECONDS: Final = max(WINDOW_DAYS.values()) * 86_400


def verdicts(
    *,
    converted_at: int,
    occurred_at: IntArray,
    is_view: BoolArray,
    is_bot: BoolArray,
    settings: CreditSettings,
) -> IntArray:
    """For each touch the first window in which it counts, or NEVER plus the place of its reason.

    The touches are all of one person, ordered by (occurred_at, touchpoint_id); times are epoch
    milliseconds.
    """
    clicks, views = click_limit_seconds(settings), view_limit_seconds(settings)
    robots = is_bot & np.bool_(not settings.bots)
    found = first_windows(
        converted_at=np.full(len(occurred_at), converted_at, dtype=np.int64),
        occurred_at=occurred_at,
        limit=np.where(robots, -1, np.where(is_view, views, clicks)),
    )
    counting = np.flatnonzero(found < NEVER)
    kept = within_cap(
        position=np.arange(len(counting)),
        count=np.full(len(counting), len(counting), dtype=np.int64),
        max_touches=np.full(len(counting), settings.max_touches, dtype=np.int64),
    )
    never = found == NEVER
    age = converted_at // 1000 - occurred_at // 1000
    why = np.select(
        [age < 0, robots, is_view & (views < 0), age > _WIDEST_SECONDS, age > clicks],
        [_AFTER_ORDER, _BOT, _CLICKS_ONLY, _TOO_OLD, _BEYOND_LOOKBACK],
        default=_VIEW_TOO_OLD,
    )
    found[never] = why[never]
    found[counting[~kept]] = _BEYOND_MAX_TOUCHES
    return found


def reason(verdict: int) -> str | None:
    """The reason of a verdict, None when the touch counts."""
    return REASONS[verdict - NEVER] if verdict >= NEVER else None
