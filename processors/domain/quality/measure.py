"""What a day's counts at a platform make of its drivers."""

from dataclasses import dataclass

from processors.domain.quality import emq

Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Signal:
    """The counts of one platform's events of a UTC day.

    received: events that were tried; matched: of these accepted, with a detail that finds people;
    browsed: of these with a visitor; seen: of those the ones that the pixel saw, too.
    latency_hours: median from event to acceptance, null when none was accepted.
    freshness_hours: from the last acceptance to the end of the day, or until now.
    earned, unearned: the tenant's orders that a touch earned, or none.
    """

    received: int
    matched: int
    browsed: int
    seen: int
    latency_hours: float | None
    freshness_hours: float
    earned: int
    unearned: int


def values(signal: Signal) -> Values:
    """The five drivers, 0 to 100 and unrounded, by their names; null for what has no case."""
    hours = signal.latency_hours
    return {
        "Event Match Rate": share(signal.matched, signal.received),
        "Pixel Coverage": share(signal.seen, signal.browsed),
        "Conversion Latency": None if hours is None else emq.of_hours("Conversion Latency", hours),
        "Attribution Accuracy": share(signal.earned, signal.earned + signal.unearned),
        "Data Freshness": emq.of_hours("Data Freshness", signal.freshness_hours),
    }


def share(part: int, whole: int) -> float | None:
    """In per cent; null of nothing."""
    return 100.0 * part / whole if whole else None
