"""A person's decisions about consent, and what they make of an event's own flags."""

from collections.abc import Iterable
from dataclasses import dataclass

from processors.domain.consent import FLAGS
from schemas.envelope import Consent, Flag


@dataclass(frozen=True, slots=True)
class Decision:
    """One call of /v1/consent, under one of the person's ids."""

    issued_at: int
    command_id: str
    consent: Consent


def effective(own: Consent | None, *, at: int, decisions: Iterable[Decision]) -> Consent:
    """The event's flags, overridden by later decisions. An earlier decision speaks only where
    the event is silent: a shop that sends no flags must not undo what the person said."""
    stated = own or Consent()
    flags: dict[str, Flag | None] = {name: getattr(stated, name) for name in FLAGS}
    for decision in sorted(decisions, key=lambda each: (each.issued_at, each.command_id)):
        for name in FLAGS:
            decided = getattr(decision.consent, name)
            if decided and (decision.issued_at >= at or getattr(stated, name) is None):
                flags[name] = decided
    return Consent.model_validate(flags)
