"""The event match quality of a tenant, or of one platform of a tenant: 0 to 100, of five drivers.

`calculate` is the weighted mean of the drivers that can be measured: without an order there is no
accuracy, and what cannot be said is left out rather than taken for zero, its weight with it. The
platforms' own scales (Meta tells 0 to 10) are never mixed with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Status = Literal["good", "warning", "critical"]
Band = Literal["reliable", "directional", "unsafe", "critical"]

BEST: Final = 100.0
_NOTHING_HOURS: Final = 24.0
_GOOD_POINTS: Final = 80.0
_CRITICAL_POINTS: Final = 50.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A driver: its weight, the share (0 to 100) from which it is good and below which it is
    critical; one that is measured in hours has the limits in hours."""

    weight: float
    good: float
    critical: float
    in_hours: bool = False


RULES: Final[dict[str, Rule]] = {
    "Event Match Rate": Rule(0.30, 90, 70),
    "Pixel Coverage": Rule(0.25, 85, 65),
    "Conversion Latency": Rule(0.20, 1, 4, in_hours=True),
    "Attribution Accuracy": Rule(0.15, 85, 70),
    "Data Freshness": Rule(0.10, 1, 6, in_hours=True),
}
BANDS: Final[tuple[tuple[float, Band], ...]] = (
    (80, "reliable"),
    (60, "directional"),
    (40, "unsafe"),
    (0, "critical"),
)


@dataclass(frozen=True, slots=True)
class Driver:
    """A row of the answer; `value` is 0 to 100 and null for what could not be measured."""

    name: str
    value: float | None
    weight: float
    status: Status | None


def of_hours(name: str, hours: float) -> float:
    """What so many hours are worth: 100 for none, 80 at the limit of good, 50 at that of critical,
    0 for a day, linear between."""
    rule = RULES[name]
    corners = ((0.0, BEST), (rule.good, _GOOD_POINTS), (rule.critical, _CRITICAL_POINTS))
    low, high = corners[0], (_NOTHING_HOURS, 0.0)
    for corner in corners[1:]:
        if hours <= corner[0]:
            high = corner
            break
        low = corner
    if hours >= high[0]:
        return high[1]
    return low[1] + (high[1] - low[1]) * (max(hours, 0.0) - low[0]) / (high[0] - low[0])


def status(name: str, value: float) -> Status:
    """Half-open: 89.5 of the match rate is a warning, and so is exactly one hour of latency."""
    rule = RULES[name]
    if rule.in_hours:
        return _judged(value > _GOOD_POINTS, value >= _CRITICAL_POINTS)
    return _judged(value >= rule.good, value >= rule.critical)


def _judged(is_good: bool, is_fair: bool) -> Status:
    return "good" if is_good else "warning" if is_fair else "critical"


def drivers(values: Mapping[str, float | None]) -> tuple[Driver, ...]:
    """All five, in the order of their weights; `values` by their names."""
    found = ((name, rule.weight, values.get(name)) for name, rule in RULES.items())
    return tuple(
        Driver(name, value, weight, None if value is None else status(name, value))
        for name, weight, value in found
    )


def calculate(rows: Iterable[Driver]) -> float | None:
    """The score, to two decimals; null when nothing could be measured."""
    known = [(row.weight, row.value) for row in rows if row.value is not None]
    weights = sum(weight for weight, _ in known)
    if not weights:
        return None
    return round(sum(weight * value for weight, value in known) / weights, 2)


def band(score: float) -> Band:
    """How far the score may be relied on."""
    return next(name for least, name in BANDS if score >= least)


def standing(score: float) -> Status:
    """The score as a status: good where it is reliable, critical where its band is."""
    return _judged(score >= BANDS[0][0], score >= BANDS[2][0])


def pooled(parts: Iterable[tuple[int, Mapping[str, float | None]]]) -> dict[str, float | None]:
    """The values of several platforms as one: each driver's mean, weighted by the (events, values)
    of those that have it. For a share of the events that is the share of all of them."""
    parts = list(parts)
    found: dict[str, float | None] = {}
    for name in RULES:
        known = [(events, value) for events, said in parts if (value := said.get(name)) is not None]
        total = sum(events for events, _ in known)
        found[name] = sum(n * value for n, value in known) / total if total else None
    return found
