"""The five ways in which a record can end. Nothing else exists, so nothing is dropped silently."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Ok:
    """Applied, or a duplicate of what was applied before."""

    kind: Literal["applied", "duplicate"] = "applied"


@dataclass(frozen=True, slots=True)
class Drop:
    """Left out by a rule that has a name."""

    rule: str


@dataclass(frozen=True, slots=True)
class Dead:
    """Cannot be applied; goes to the dead letters, whole, and can be replayed."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Cannot be applied yet: the whole batch is tried again in place, order kept."""

    reason: str


Outcome = Ok | Drop | Dead | Retry

APPLIED = Ok()
DUPLICATE = Ok("duplicate")


def label(outcome: Outcome) -> tuple[str, str]:
    """(outcome, rule or reason) as counted: applied, duplicate, filtered, dead.

    Raises:
        ValueError: for `Retry`, which is no end.
    """
    match outcome:
        case Ok(kind):
            return kind, ""
        case Drop(rule):
            return "filtered", rule
        case Dead(reason, _):
            return "dead", reason
        case Retry(reason):
            raise ValueError(f"a record that waits has not ended: {reason}")
