"""Circuit breaker, token bucket and backoff: pure state machines on an injected clock.

Times are epoch milliseconds as arguments; nothing here sleeps or reads a clock.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

QUICK_SECONDS: Final = (1.0, 2.0, 4.0)

State = Literal["closed", "open", "half_open"]


@dataclass(slots=True)
class TokenBucket:
    """`capacity` requests at once, `per_second` in the long run."""

    capacity: float = 100.0
    per_second: float = 10.0
    _tokens: float = field(init=False)
    _at_ms: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._tokens = self.capacity

    def available(self, now_ms: int) -> int:
        """Whole tokens at this time."""
        if self._at_ms is not None:
            passed = max(0, now_ms - self._at_ms) / 1000
            self._tokens = min(self.capacity, self._tokens + passed * self.per_second)
        self._at_ms = max(now_ms, self._at_ms or 0)
        return max(0, int(self._tokens + 1e-9))

    def take(self, now_ms: int, n: int = 1) -> bool:
        """Take `n` tokens, or none when there are fewer."""
        if self.available(now_ms) < n:
            return False
        self._tokens -= n
        return True

    def adopt(self, tokens: float, now_ms: int) -> None:
        """There are so many at this time, as somebody knows who counts for all."""
        self._tokens = tokens
        self._at_ms = now_ms


@dataclass(frozen=True, slots=True)
class Circuit:
    """What a breaker remembers: failures in a row, how many times it opened in a row, and when a
    probe may pass, epoch milliseconds; None while it is closed."""

    failures: int = 0
    trips: int = 0
    open_until_ms: int | None = None


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after `threshold` failures in a row; after `recovery_ms` one probe may pass, and its
    result closes or opens it again. Each failed probe doubles the rest, up to sixteen times."""

    threshold: int = 5
    recovery_ms: int = 60_000
    _failures: int = field(init=False, default=0)
    _trips: int = field(init=False, default=0)
    _open_until_ms: int | None = field(init=False, default=None)
    _probing: bool = field(init=False, default=False)

    @property
    def circuit(self) -> Circuit:
        """What it remembers."""
        return Circuit(self._failures, self._trips, self._open_until_ms)

    @property
    def is_probing(self) -> bool:
        """Whether a probe is under way."""
        return self._probing

    def adopt(self, circuit: Circuit) -> None:
        """Remember what others know, too."""
        self._failures, self._trips = circuit.failures, circuit.trips
        self._open_until_ms = circuit.open_until_ms
        self._probing = self._probing and circuit.open_until_ms is not None

    def state(self, now_ms: int) -> State:
        """Closed: all may pass. Half-open: one. Open: none."""
        if self._open_until_ms is None:
            return "closed"
        return "open" if now_ms < self._open_until_ms else "half_open"

    def room(self, now_ms: int) -> int | None:
        """How many requests may start now; None is no limit."""
        match self.state(now_ms):
            case "closed":
                return None
            case "open":
                return 0
            case "half_open":
                return 0 if self._probing else 1

    def started(self, now_ms: int) -> None:
        """A request starts; in the half-open state it is the probe."""
        self._probing = self.state(now_ms) == "half_open"

    def answered(self) -> None:
        """An answer that tells nothing of the platform's health, such as a rate limit."""
        self._probing = False

    def succeeded(self) -> None:
        """The platform answered sensibly."""
        self._failures = self._trips = 0
        self._open_until_ms = None
        self._probing = False

    def failed(self, now_ms: int) -> bool:
        """The platform failed.

        Returns:
            Whether this opened the circuit.
        """
        self._failures += 1
        if self._open_until_ms is None and self._failures < self.threshold:
            return False
        # A request that began before it opened tells nothing new.
        if self.state(now_ms) == "open":
            return False
        self.trip(now_ms)
        return True

    def trip(self, now_ms: int) -> None:
        """Open it at once."""
        self._open_until_ms = now_ms + self.recovery_ms * 2 ** min(self._trips, 4)
        self._trips += 1
        self._probing = False


def backoff_seconds(failures: int, *, first_seconds: float, max_seconds: float) -> float:
    """The rest after so many failed requests: 1, 2, 4, then parked from `first_seconds` on,
    doubling up to `max_seconds`."""
    if failures <= len(QUICK_SECONDS):
        return QUICK_SECONDS[max(failures, 1) - 1]
    doublings = min(failures - len(QUICK_SECONDS) - 1, 30)
    return min(first_seconds * 2.0**doublings, max_seconds)
