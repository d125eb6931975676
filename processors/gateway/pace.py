"""How often somebody comes within a minute, in this process. A weak sign: it never stands alone."""

from typing import Final

_MINUTE_MS: Final = 60_000
_MOST: Final = 200_000
"""Visitors that are counted in a minute; of more the later ones are not, which flags nobody."""


class Pace:
    """Requests of each visitor since the minute began."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._minute = -1
        self._counts: dict[tuple[str, str], int] = {}

    def is_too_fast(self, who: tuple[str, str], now: int) -> bool:
        """Count a request; whether it is one more than anybody would make."""
        if not self._limit:
            return False
        minute = now // _MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        counts = self._counts
        seen = counts.get(who, 0) + 1
        if seen == 1 and len(counts) >= _MOST:
            return False
        counts[who] = seen
        return seen > self._limit
