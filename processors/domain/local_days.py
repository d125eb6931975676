"""The calendar days that moments fall on in a time zone, one by one or many at once.

Days are kept by spans of 15 minutes, since asking a zone costs more than the credit of a touch.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

# Every offset in use since 2000 is a multiple of this, so within one such span the date of a
# zone changes only where a clock change falls off the grid; `_found` looks out for that.
_SPAN: Final = 15 * 60 * 1000
_BLOCK: Final = 2**15
"""Spans whose days are kept together: 341 days, 128 kB."""
_UNKNOWN: Final = 0
_CHANGES: Final = -1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def local_date(ms: int, time_zone: str) -> str:
    """The ISO date of the moment in an IANA zone; ValueError for a zone that is none."""
    span = ms // _SPAN
    block, place = divmod(span, _BLOCK)
    day = _days(time_zone, block).item(place) or _found(span, time_zone)
    return _iso(_zone_day(ms, time_zone) if day == _CHANGES else day)


def local_days(ms: npt.NDArray[np.int64], time_zone: str) -> npt.NDArray[np.int64]:
    """The same of many moments, as `date.toordinal` numbers the days."""
    spans = ms // _SPAN
    blocks, places = np.divmod(spans, _BLOCK)
    found = np.empty(len(ms), dtype=np.int64)
    for block in np.unique(blocks).tolist():
        own = np.flatnonzero(blocks == block)
        days = _days(time_zone, block)
        for span in np.unique(spans[own[days[places[own]] == _UNKNOWN]]).tolist():
            _found(span, time_zone)
        found[own] = days[places[own]]
    for place in np.flatnonzero(found == _CHANGES).tolist():
        found[place] = _zone_day(int(ms[place]), time_zone)
    return found


@lru_cache(maxsize=256)
def _days(time_zone: str, _block: int) -> npt.NDArray[np.int32]:
    """The days of a block of spans, each worked out when it is asked for."""
    _zone(time_zone)
    return np.full(_BLOCK, _UNKNOWN, dtype=np.int32)


def _found(span: int, time_zone: str) -> int:
    """The day of a span, or that it changes within it; kept."""
    first = _zone_day(span * _SPAN, time_zone)
    last = _zone_day(span * _SPAN + _SPAN - 1, time_zone)
    block, place = divmod(span, _BLOCK)
    day = _days(time_zone, block)[place] = first if first == last else _CHANGES
    return day


def _zone_day(ms: int, time_zone: str) -> int:
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.astimezone(_zone(time_zone)).toordinal()


@lru_cache(maxsize=1024)
def _zone(time_zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{time_zone[:40]!r} is no IANA time zone") from None


@lru_cache(maxsize=4096)
def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
