"""When an alert starts and ends: pure, from a reading, the rule and what stands.

One state change is one notification: an alert that stands is not told again, one that comes back
within its cool-down waits for the end of it, and a reading of too few cases changes nothing.
"""

from dataclasses import dataclass
from typing import Final, Literal

Comparison = Literal["above", "below", "outside"]
Change = Literal["started", "ended"]

MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Metric:
    """What can be watched; the other fields are what an alert has that names none of its own.

    Args:
        unit: of the reading and the threshold.
        window_minutes: how far back is looked, 0 for a reading that has no window.
        least_cases: with fewer the reading says nothing.
        by_platform: each platform is judged by itself.
    """

    unit: str
    comparison: Comparison
    threshold: float
    window_minutes: int
    least_cases: int
    by_platform: bool


METRICS: Final[dict[str, Metric]] = {
    "conservation_gap": Metric("records", "above", 0.0, 0, 0, False),
    "delivery_success_rate": Metric("share", "below", 0.95, 60, 20, True),
    "match_quality": Metric("points, 0 to 100", "below", 60.0, 0, 20, True),
    "order_volume_anomaly": Metric("robust deviations", "outside", 4.0, 1_440, 4, False),
    "p95_latency_ms": Metric("ms", "above", 2_000.0, 60, 20, True),
    "pipeline_lag_records": Metric("records", "above", 10_000.0, 0, 0, False),
    "pixel_failure_rate": Metric("share", "above", 0.05, 60, 20, True),
    "pixel_silence_minutes": Metric("minutes", "above", 60.0, 0, 0, False),
    "platform_match_quality": Metric("points, 0 to 10", "below", 6.0, 0, 0, True),
    "retry_rate": Metric("share", "above", 0.05, 60, 20, True),
    "signal_health": Metric("points, 0 to 100", "below", 70.0, 0, 0, True),
    "spend_staleness_hours": Metric("hours", "above", 48.0, 0, 0, True),
    "unattributed_share": Metric("share", "above", 0.5, 1_440, 20, False),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What an alert waits for; `cooldown_minutes` from its end it does not start again."""

    comparison: Comparison
    threshold: float
    least_cases: int
    window_minutes: int
    cooldown_minutes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in the metric's unit, and of how many cases it is."""

    value: float
    cases: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest incident of an alert at a platform; epoch milliseconds."""

    ended_at: int | None
    seen_at: int

    @property
    def is_open(self) -> bool:
        """It has started and not ended."""
        return self.ended_at is None


def is_breached(rule: Rule, value: float) -> bool:
    """Whether the value is beyond the threshold; on it, it is not."""
    if rule.comparison == "above":
        return value > rule.threshold
    if rule.comparison == "below":
        return value < rule.threshold
    return abs(value) > rule.threshold


def judged(rule: Rule, reading: Reading | None) -> bool | None:
    """Whether it is breached; None where the reading says nothing."""
    if reading is None or reading.cases < rule.least_cases:
        return None
    return is_breached(rule, reading.value)


def decide(
    rule: Rule, standing: Standing | None, reading: Reading | None, *, now: int, silent_ms: int
) -> Change | None:
    """What is to be told now, if anything.

    Args:
        now: epoch milliseconds.
        silent_ms: an alert that stands, of which nothing was read for so long (and for two of its
            windows), ends: what it was about has gone.
    """
    found = judged(rule, reading)
    if standing is not None and standing.is_open:
        if found is None:
            patience = max(silent_ms, 2 * rule.window_minutes * MINUTE_MS)
            return "ended" if now - standing.seen_at > patience else None
        return None if found else "ended"
    if not found:
        return None
    if standing is not None and standing.ended_at is not None:
        ready = standing.ended_at + rule.cooldown_minutes * MINUTE_MS
        return "started" if now >= ready else None
    return "started"
