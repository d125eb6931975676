"""So many at once, so many a second after that, and a count of the rest."""


class Allowance:
    """A token bucket; times are epoch milliseconds."""

    __slots__ = ("_at", "_burst", "_left", "_per_second", "_suppressed")

    def __init__(self, *, per_second: float, burst: int, now: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = float(burst)
        self._at = now
        self._suppressed = 0

    def take(self, wanted: int, now: int) -> int:
        """How many of so many there are left; those too many are counted."""
        if now > self._at:
            gained = (now - self._at) / 1000 * self._per_second
            self._left = min(self._burst, self._left + gained)
            self._at = now
        given = min(wanted, int(self._left))
        self._left -= given
        self._suppressed += wanted - given
        return given

    def settle(self) -> int:
        """How many were too many since this was asked last."""
        count, self._suppressed = self._suppressed, 0
        return count
