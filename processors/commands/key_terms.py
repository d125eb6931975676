"""What a key is bound to, as an operator writes it: origins, an end, a rate, denied events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from processors.commands.operator import Refused
from processors.domain.origins import normalised

KINDS: Final = ("server", "browser")
NEVER: Final = "never"

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN: Final = re.compile(r"(\d{1,6})([smhd])")
_LONGEST_NAME: Final = 256
_LEAST_RATE, _MOST_RATE = 0.001, 1_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a key is bound to; `signed` asks for a secret that signs every request."""

    kind: str = "server"
    label: str = ""
    origins: tuple[str, ...] = ()
    expires_at: datetime | None = None
    events_per_second: float | None = None
    burst_events: int | None = None
    events_denied: tuple[str, ...] = ()
    dry_run: bool = False
    signed: bool = False

    def check(self) -> "Terms":
        """The same.

        Raises:
            Refused: for terms that cannot stand together.
        """
        if self.kind not in KINDS:
            raise Refused("a key is a server key or a browser key")
        if self.origins and self.kind == "server":
            raise Refused("origin: only a browser says where it comes from; use a browser key")
        if self.signed and self.kind == "browser":
            raise Refused("signed: a browser cannot keep a secret; use a server key")
        rate = self.events_per_second
        if rate is not None and rate != 0 and not _LEAST_RATE <= rate <= _MOST_RATE:
            raise Refused(f"rate: must be 0, or from {_LEAST_RATE} to {_MOST_RATE} items a second")
        if self.burst_events is not None and not self.events_per_second:
            raise Refused("burst: needs a rate")
        return self


def origins(patterns: Iterable[str]) -> tuple[str, ...]:
    """Origins as they are stored.

    Raises:
        Refused: naming the one that is none.
    """
    try:
        return tuple(sorted({normalised(pattern) for pattern in patterns}))
    except ValueError as error:
        raise Refused(f"origin: {error}") from None


def denied(names: Iterable[str]) -> tuple[str, ...]:
    """Names of events as they are stored."""
    found = {name.strip() for name in names}
    if any(not name or len(name) > _LONGEST_NAME for name in found):
        raise Refused(f"deny: an event's name has 1 to {_LONGEST_NAME} characters")
    return tuple(sorted(found))


def span(text: str, name: str) -> timedelta:
    """A length of time: 90s, 30m, 24h or 7d; 0 is none."""
    if text == "0":
        return timedelta()
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Refused(f"{name}: {text!r} is no time, such as 30m, 24h or 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def end(text: str, *, now: datetime) -> datetime | None:
    """A moment (RFC 3339, or a date) or a time from now; None for `never`.

    Raises:
        Refused: for one that is past, or none.
    """
    if text == NEVER:
        return None
    if _SPAN.fullmatch(text):
        return now + span(text, "expires")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"expires: {text!r} is no date, and no time such as 90d") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found <= now:
        raise Refused(f"expires: {text} is past")
    return found
