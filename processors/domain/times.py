"""Event times as epoch milliseconds, and the days of UTC that they fall on.

Time always comes in as an argument; nothing here looks at a clock.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from math import isfinite
from typing import Final

SECOND: Final = 1_000
DAY: Final = 86_400_000
YEAR_2000: Final = 946_684_800_000

_SECONDS_BELOW: Final = 100_000_000_000
_YEAR_1: Final = -62_135_596_800_000
_YEAR_9999: Final = 253_402_300_799_999
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_EPOCH_ORDINAL: Final = 719_163
_MAX_AHEAD: Final = DAY
_MAX_SKEW: Final = 60 * SECOND
_LATE_AFTER: Final = 7 * DAY


def parse_time(value: str | int | float) -> int:
    """Epoch milliseconds of RFC 3339 text (no offset: UTC) or of an epoch number.

    A number below 1e11 is in seconds. ValueError for anything else.
    """
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("a time is RFC 3339 text or an epoch number")
    milliseconds = round(value * 1000) if value < _SECONDS_BELOW else int(value)
    if not _YEAR_1 <= milliseconds <= _YEAR_9999:
        raise ValueError(f"{str(value)[:40]} is not a time in epoch milliseconds or seconds")
    return milliseconds


def _parse_text(text: str) -> int:
    if text[4:5] != "-" or text[7:8] != "-":
        stripped = text.strip()
        if stripped != text:
            return _parse_text(stripped)
        # Some vendors send epoch numbers as text; eight digits would be a date without dashes.
        if text.isascii() and text.isdigit() and 9 <= len(text) <= 15:
            return parse_time(int(text))
        raise ValueError(f"{text[:40]!r} is not an RFC 3339 time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _parse_loose(text)
    since = moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)
    return since.days * DAY + since.seconds * SECOND + since.microseconds // 1000


def _parse_loose(text: str) -> datetime:
    """RFC 3339 also allows lower-case letters; a stray blank is forgiven."""
    try:
        return datetime.fromisoformat(text.strip().upper())
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not an RFC 3339 time") from None


def check_bounds(ms: int, *, received_at: int) -> None:
    """ValueError for a date more than 24 hours ahead of receipt, or before 2000."""
    if ms > received_at + _MAX_AHEAD:
        raise ValueError("the date is more than 24 hours ahead")
    if ms < YEAR_2000:
        raise ValueError("the date is before 2000")


def corrected(occurred_at: int, *, sent_at: int | None, received_at: int) -> int:
    """The event's time by our clock, when the sender's is off by more than a minute."""
    if sent_at is None:
        return occurred_at
    skew = received_at - sent_at
    return occurred_at + skew if abs(skew) > _MAX_SKEW else occurred_at


def is_late(occurred_at: int, received_at: int) -> bool:
    """Whether it came more than seven days after it happened."""
    return received_at - occurred_at > _LATE_AFTER


def utc_day(ms: int) -> str:
    """The ISO date of the moment in UTC."""
    return _day(ms // DAY)


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + days).isoformat()
