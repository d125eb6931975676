"""A key's rate limit: a token bucket, held in the process, so it holds for each gateway by itself.

A batch that is larger than the bucket is taken when the bucket is full, and paid off afterwards:
otherwise it could never be sent.
"""

from math import ceil


class Bucket:
    """Fills with `rate` tokens a second up to `burst`; times in seconds of any steady clock."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, *, rate: float, burst: int, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = float(burst)
        self._at = now

    def wait(self, count: int, now: float) -> int:
        """Whole seconds until so many could be taken; 0 when they can be."""
        tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._tokens, self._at = tokens, now
        short = min(count, self.burst) - tokens
        return ceil(short / self.rate) if short > 0 else 0

    def take(self, count: int, now: float) -> int:
        """Take so many, unless one would have to wait; the seconds of the wait."""
        seconds = self.wait(count, now)
        if not seconds:
            self._tokens -= count
        return seconds
