"""How often somebody asked within the last while."""

from collections import deque


class Rate:
    """At most `limit` requests of one name within `seconds`."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._asked: dict[str, deque[float]] = {}

    def allows(self, name: str, *, limit: int, now: float) -> bool:
        """Whether one more is within the limit; it is counted then."""
        asked = self._asked.setdefault(name, deque())
        while asked and now - asked[0] >= self._seconds:
            asked.popleft()
        if len(asked) >= limit:
            return False
        asked.append(now)
        return True
