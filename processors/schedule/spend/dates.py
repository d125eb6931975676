"""Which dates of an ad account are read: pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_ZONE: Final = timedelta(hours=12)


def latest_date(now: int) -> date:
    """The latest date that has begun in every time zone; `now` in epoch milliseconds."""
    return (_EPOCH + timedelta(milliseconds=now) - _LATEST_ZONE).date()


def utc_date(now: int) -> date:
    """The date in UTC; `now` in epoch milliseconds."""
    return (_EPOCH + timedelta(milliseconds=now)).date()


def first_date(until: date, read_to: date | None, *, again: int, first: int) -> date:
    """The first date to read: `again` days before the end of what was read, or of what is; the
    first time, `first` days."""
    if read_to is None:
        return until - timedelta(days=max(first, again) - 1)
    return min(until, read_to) - timedelta(days=again - 1)


def spans(since: date, until: date, *, days: int) -> Iterator[tuple[date, date]]:
    """Ranges of at most so many dates, oldest first."""
    low = since
    while low <= until:
        high = min(until, low + timedelta(days=days - 1))
        yield low, high
        low = high + timedelta(days=1)
