"""Whether a person's consent lets an event go to a destination.

The same question is asked when routing, when sending and when replaying, so the answer is a
function of the flags alone. An unclear flag is no consent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.envelope import Consent, Flag

FLAGS: Final = ("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage")
"""What a page says: Google's consent mode."""
WHATSAPP: Final = "whatsapp"
"""What a chat says: "stop" there ends marketing messages there, and nothing else; "start" allows
them again and opens no other destination."""
DECISIONS: Final = (*FLAGS, WHATSAPP)
GRANTED: Final = "granted"
DENIED: Final = "denied"
PROCESSING: Final = "processing"
"""The flag of a suppression: no event has it, and denied it takes the person out altogether."""

_ADS: Final = ("ad_storage", "ad_user_data")
# A destination that is not named here advertises, the case that asks for most.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "ga4": ("analytics_storage",),
    "klaviyo": ("ad_user_data",),
    "whatsapp": ("ad_user_data", WHATSAPP),
}


def needs(platform: str) -> tuple[str, ...]:
    """The flags that must be granted before the destination may have an event."""
    return _NEEDS.get(platform, _ADS)


def allows(platform: str, consent: Mapping[str, str | None] | None, *, when_absent: str) -> bool:
    """Whether every flag that the destination needs is granted; an absent one is `when_absent`."""
    flags = consent or {}
    return all((flags.get(flag) or when_absent).lower() == GRANTED for flag in needs(platform))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one flag, under one of their ids."""

    flag: str
    value: Flag
    issued_at: int
    command_id: str


def effective(own: Consent | None, *, at: int, decisions: Iterable[Decision]) -> Consent:
    """The flags of an event of the time `at`, overridden by later decisions. An earlier decision
    speaks only where the event is silent: a shop that sends no flags must not undo what the
    person said."""
    stated = own or Consent()
    flags: dict[str, Flag | None] = {name: getattr(stated, name) for name in DECISIONS}
    said = (decision for decision in decisions if decision.flag in flags)
    for decision in sorted(said, key=lambda each: (each.issued_at, each.command_id)):
        if decision.issued_at >= at or getattr(stated, decision.flag) is None:
            flags[decision.flag] = decision.value
    return Consent.model_validate(flags)


def is_suppressed(decisions: Iterable[Decision]) -> bool:
    """Whether any id of the person is suppressed: lifting it for one id lifts no other's."""
    return any(d.flag == PROCESSING and d.value == DENIED for d in decisions)
