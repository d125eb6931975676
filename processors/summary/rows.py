"""Compact rows: what is shown of a conversion, and as much of it as the cells depend on."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from processors.domain.attribution.models import MODELS, STANDARD_MODELS, UNIT, WINDOWS, IntArray
from processors.engine.outcome import Dead
from processors.summary.journeys import DAY, Seconds, seconds_to_convert, window_firsts
from schemas.credit import Credits

CELLS: Final = len(STANDARD_MODELS) * len(WINDOWS)
CELLS_WITH_CUSTOM: Final = len(MODELS) * len(WINDOWS)

_MOST: Final = 2**63 - 1
_MOST_SECONDS: Final = 366 * DAY
_DAMAGED: Final = "damaged_credits"


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """What a counting conversion adds to the cells: money in the reporting currency."""

    date: datetime.date
    revenue: int
    dates: Sequence[datetime.date]
    channels: Sequence[str]
    platforms: Sequence[str]
    campaigns: Sequence[str]
    first_windows: IntArray
    credit: IntArray
    """(touches, cells), and so is money."""
    money: IntArray
    firsts: Sequence[int]
    seconds: Seconds | None
    """None while the cells of journeys have nothing of it: it was shown by an earlier version."""

    @property
    def cells(self) -> int:
        """How many cells a touch has: those of the tenant's own model only where there is one."""
        return int(self.credit.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A conversion's new row; `earned` is None while it adds nothing."""

    record: Credits
    date: datetime.date
    dates: Sequence[datetime.date]
    firsts: Sequence[int]
    seconds: Seconds
    earned: Earned | None


@lru_cache(maxsize=8192)
def day(text: str) -> datetime.date:
    """The date; dates repeat, so they are kept."""
    return datetime.date.fromisoformat(text)


def shown(record: Credits) -> Shown | Dead:
    """The row of the credits, or why they cannot be shown: this topic is ours, so any damage is
    a fault of a producer, and the record is kept for whoever repairs it."""
    touches = record.touches
    money = record.touch_revenue_reporting or record.touch_revenue
    try:
        dates = [day(touch.date) for touch in touches]
        own_date = day(record.date)
        credit, _, reporting = (
            cells(flat, len(touches), custom_version=record.custom_version)
            for flat in (record.credit, record.touch_revenue, money)
        )
        windows = np.array([touch.first_window for touch in touches], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        return Dead(_DAMAGED, type(error).__name__)
    firsts = window_firsts([touch.first_window for touch in touches])
    seconds = seconds_to_convert(
        record.converted_at, [touch.occurred_at for touch in touches], firsts
    )
    reason = _damage(record, credit=credit, windows=windows, seconds=seconds)
    if reason:
        return Dead(_DAMAGED, reason)
    earned = None
    if record.counts and record.revenue_reporting is not None:
        earned = Earned(
            date=own_date,
            revenue=record.revenue_reporting,
            dates=dates,
            channels=[touch.channel for touch in touches],
            platforms=[touch.platform for touch in touches],
            campaigns=[touch.campaign for touch in touches],
            first_windows=windows,
            credit=credit,
            money=reporting,
            firsts=firsts,
            seconds=seconds,
        )
    return Shown(
        record=record, date=own_date, dates=dates, firsts=firsts, seconds=seconds, earned=earned
    )


def cells(flat: Sequence[int], touches: int, *, custom_version: str | None) -> IntArray:
    """(touches, cells) of a flat array; ValueError when it has another size."""
    width = CELLS if custom_version is None else CELLS_WITH_CUSTOM
    return np.array(flat, dtype=np.int64).reshape(touches, width)


def _damage(record: Credits, *, credit: IntArray, windows: IntArray, seconds: Seconds) -> str:
    if len(credit) and (credit.min() < 0 or credit.max() > UNIT):
        return "credit is no share"
    if len(windows) and (windows.min() < 0 or windows.max() >= len(WINDOWS)):
        return "no such window"
    if any(own is not None and not 0 <= own <= _MOST_SECONDS for own in seconds):
        return "a touch is in no window"
    if record.revenue > _MOST or (record.revenue_reporting or 0) > _MOST:
        return "revenue is too large"
    versions = (record.model_version, record.custom_version or "")
    texts = [record.conversion_id, *versions, *record.fallback_models]
    for touch in record.touches:
        texts += (touch.touchpoint_id, touch.channel, touch.platform, touch.campaign)
    return "a text has a NUL" if any("\0" in text for text in texts) else ""
