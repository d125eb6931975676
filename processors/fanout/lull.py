"""How long a loop that found nothing waits before it looks again: twice as long each time."""

from typing import Final

GROWTH: Final = 2.0


class Lull:
    """The waits of one loop, in seconds."""

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = max(first, most)
        self._next = first

    def wait(self, *, found: bool) -> float:
        """The next one; the shortest after something was found."""
        if found:
            self._next = self._first
        seconds = self._next
        self._next = min(seconds * GROWTH, self._most)
        return seconds
