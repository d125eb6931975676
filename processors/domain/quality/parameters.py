"""Which details of a person each platform matches by, how good the details of its events are, and
what another one would bring.

A detail is worth as much as in `match`, of what the platform can use at all: a platform that takes
nothing but an email and a click has 10 for events with both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from processors.domain.quality import match

_CLIENT: Final = ("ip", "user_agent")
_NAME: Final = ("first_name", "last_name")
_UNTOLD: Final = {"date_of_birth", "gender"}

_ANY: Final = frozenset(match.NAMES)
USED: Final[dict[str, frozenset[str]]] = {
    "meta": _ANY,
    "ga4": frozenset(("browser_id", "external_id", "email", "phone", "ip")),
    "google_ads": frozenset(("email", "phone", "click_id")),
    "tiktok": frozenset(
        ("email", "phone", "external_id", "browser_id", "click_id", "zip", *_CLIENT, *_NAME)
    ),
    "snapchat": _ANY - _UNTOLD,
    "pinterest": _ANY - _UNTOLD - {"browser_id"},
    "linkedin": frozenset(("email", "click_id", "external_id", "ip")),
    "microsoft_ads": frozenset(("email", "phone", "click_id")),
    "klaviyo": frozenset(("email", "phone", "external_id")),
    "whatsapp": frozenset(("email", "phone", "click_id")),
    "sgtm": _ANY - _UNTOLD - {"city", "zip"},
}
"""As the connectors tell them (processors/platforms/*/convert.py)."""
_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """One detail at one platform: in how many of the events it is, and by how much
    `parameter_quality` would rise (0 to 10) if it were in all of them."""

    name: str
    events: int
    gain: float


def used(platform: str) -> frozenset[str]:
    """The details that the platform matches by, by the names of `match.NAMES`."""
    return USED.get(platform, _ANY)


def quality(platform: str, known: Collection[str]) -> float:
    """0 to 10 for an event with these details, unrounded."""
    wanted = used(platform)
    return match.BEST * match.score(wanted.intersection(known)) / match.score(wanted)


def mean(platform: str, events: Mapping[frozenset[str], int]) -> float | None:
    """The mean quality of events, told as how many have which details; null without an event."""
    total = sum(events.values())
    if not total:
        return None
    found = sum(n * quality(platform, known) for known, n in events.items()) / total
    return round(found, _DIGITS)


def scores(platform: str, events: Mapping[frozenset[str], int]) -> list[Parameter]:
    """Every detail that the platform uses, the greatest gain first; nothing without an event."""
    total = sum(events.values())
    found = []
    for name in used(platform) if total else ():
        gain = sum(
            n * (quality(platform, known | {name}) - quality(platform, known))
            for known, n in events.items()
            if name not in known
        )
        having = sum(n for known, n in events.items() if name in known)
        found.append(Parameter(name, having, round(gain / total, _DIGITS)))
    return sorted(found, key=lambda each: (-each.gain, each.name))
