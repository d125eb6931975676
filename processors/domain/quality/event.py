"""How good an event is, from 0 to 100, and what would make it better.

`POINTS` make 100. Most are for whom it can be matched to; the rest for what deduplication, bidding,
reporting and the law ask of it. A value is asked of events that are worth something; every other
event has those points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from processors.domain.consent import FLAGS
from processors.domain.events import StandardEvent
from processors.domain.money import is_currency
from processors.domain.quality import match
from processors.domain.times import DAY, parse_time

Severity = Literal["high", "medium", "low"]
Item = Mapping[str, Any]

POINTS: Final = {"match": 60, "event_id": 10, "value": 10, "time": 10, "consent": 5, "url": 5}
WORTH_SOMETHING: Final = (str(StandardEvent.PURCHASE), str(StandardEvent.START_TRIAL))
_HOUR: Final = DAY // 24
_FRESH: Final = ((_HOUR, 1.0), (DAY, 0.7), (7 * DAY, 0.4))
"""Age up to which an event has this part of the points for time: bidding learns from what is new,
and what is older than seven days most platforms refuse."""
_AHEAD: Final = 60_000
_HIGH: Final = 5.0
_MEDIUM: Final = 2.0
_PERSON: Final = "user_data"
_MISSING: Final = "is missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a field, and how many points it would bring to put it right."""

    field: str
    problem: str
    severity: Severity
    gain: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """The points, the match quality (0 to 10) and the findings, the greatest gain first."""

    score: float
    match_quality_score: float
    findings: tuple[Finding, ...]


def score(item: Item, *, received_at: int) -> float:
    """0 to 100, to one decimal."""
    person = _person(item)
    lost = sum(points for _, _, points in _lacks(item, received_at))
    return round(_match_points(match.score(person.good)) + _REST - lost, 1)


def analyse(item: Item, *, received_at: int) -> Analysis:
    """The score with its reasons."""
    person = _person(item)
    matched = match.score(person.good)
    lacks = _lacks(item, received_at)
    found = [_finding(name, problem, points) for name, problem, points in lacks]
    for name in match.NAMES:
        if name not in person.good:
            gain = _match_points(match.score({*person.good, name}) - matched)
            problem = person.wrong.get(name, _MISSING)
            if round(gain, 1) > 0:
                found.append(_finding(f"{_PERSON}.{name}", problem, gain))
    found.sort(key=lambda each: (-each.gain, each.field))
    lost = sum(points for _, _, points in lacks)
    return Analysis(
        score=round(_match_points(matched) + _REST - lost, 1),
        match_quality_score=person.match_quality_score(),
        findings=tuple(found),
    )


_REST: Final = sum(points for name, points in POINTS.items() if name != "match")


def _person(item: Item) -> match.UserData:
    get = item.get
    return match.UserData.read((get(_PERSON), get("identifiers"), item))


def _match_points(quality: float) -> float:
    return POINTS["match"] * quality / match.BEST


def _finding(field: str, problem: str, gain: float) -> Finding:
    severity: Severity = "high" if gain >= _HIGH else "medium" if gain >= _MEDIUM else "low"
    return Finding(field, problem, severity, round(gain, 1))


def _lacks(item: Item, received_at: int) -> list[tuple[str, str, float]]:
    """(field, problem, points lost) of everything but the person."""
    found: list[tuple[str, str, float]] = []
    if not item.get("event_id"):
        found.append(("event_id", "is missing: browser and server cannot be told to be one", 10))
    found += _value(item)
    found += _time(item, received_at)
    consent = item.get("consent")
    if type(consent) is not dict or not any(consent.get(flag) for flag in FLAGS):
        found.append(("consent", "is missing: the tenant's setting decides", POINTS["consent"]))
    url = item.get("event_source_url") or item.get("url")
    if type(url) is not str or not url.startswith("http"):
        found.append(("event_source_url", "is missing or no URL", POINTS["url"]))
    return found


def _value(item: Item) -> list[tuple[str, str, float]]:
    if item.get("event_name") not in WORTH_SOMETHING:
        return []
    half = POINTS["value"] / 2
    found = []
    value, currency = _said(item, "value"), _said(item, "currency")
    if not _is_amount(value):
        found.append(("value", _MISSING if value is None else "is no amount", half))
    if type(currency) is not str or not is_currency(currency.strip().upper()):
        problem = _MISSING if currency is None else "is no ISO 4217 code"
        found.append(("currency", problem, half))
    return found


def _said(item: Item, name: str) -> Any:
    for part in (item, item.get("custom_data"), item.get("parameters")):
        if type(part) is dict and part.get(name) not in (None, ""):
            return part[name]
    return None


def _is_amount(value: Any) -> bool:
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            return False
    return type(value) in (int, float) and 0 <= value < float("inf")


def _time(item: Item, received_at: int) -> list[tuple[str, str, float]]:
    points = POINTS["time"]
    said = item.get("event_time", item.get("occurred_at"))
    if said is None or said == "":
        return []
    try:
        age = received_at - parse_time(said)
    except (ValueError, OverflowError):
        return [("event_time", "is no time", points)]
    if age < -_AHEAD:
        return [("event_time", "is ahead of now", points)]
    part = next((part for limit, part in _FRESH if age <= limit), 0.0)
    if part == 1.0:
        return []
    return [("event_time", f"is {_told(age)} old", points * (1 - part))]


def _told(age: int) -> str:
    return f"{age // DAY} days" if age >= 2 * DAY else f"{age // _HOUR} hours"
