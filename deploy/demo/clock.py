"""Times as the senders of the day write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def utc(at: int) -> str:
    """RFC 3339 in UTC with milliseconds, as a browser writes it."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def local(at: int, time_zone: str) -> str:
    """RFC 3339 with the shop's offset, to the second, as Shopify writes it."""
    return datetime.fromtimestamp(at // 1000, ZoneInfo(time_zone)).isoformat()


def date_of(at: int, time_zone: str) -> str:
    """The date in the shop's time zone."""
    return local(at, time_zone)[:10]
