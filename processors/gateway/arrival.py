"""How a refused item arrived: kept beside it, and said again when an operator puts it back.

It then goes through the door as at its first arrival: dated by it, under the same stamp, so that
posting it twice is posting it once, and with what the browser forbade still forbidden. Of the
visit no more is kept than its record would have: who stands for somebody that wishes to be nobody
instead of address and agent, and address and id cookie as far as policy, browser and the item
itself allow. Where it cannot be known what an item says (nobody could read the body) it counts as
a denial.
"""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from processors.domain.consent import DENIED, FLAGS
from processors.gateway.refusal import Problem
from processors.gateway.stamps import kept_of, may_store

if TYPE_CHECKING:
    from processors.gateway.door import Door
    from processors.gateway.visit import Guard

HEADER: Final = b"x-attributary-replay"
"""Says it; of any but our own processes it says nothing."""
_UNKNOWN: Final = dict.fromkeys(FLAGS, DENIED)


class Seen(BaseModel):
    """What a browser's request said beside its body, as `visit.Visit` has it; `visitor` is the id
    that the cookie names, or would have named from then on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    denied: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    hints: tuple[str, str] = ("", "")
    nobody: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    visitor: str | None = None


class Arrival(BaseModel):
    """When (epoch milliseconds), as which request of that millisecond, in which place of its batch
    (0 for a whole body); `seen` is absent for a server's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: int
    sequence: int
    index: int = 0
    seen: Seen | None = None

    @property
    def text(self) -> str:
        """As it is kept, and said in the header."""
        return self.model_dump_json(exclude_defaults=True)


def of(door: "Door", consent: Mapping[str, str] | None, *, index: int = 0) -> Arrival:
    """That of an item which says so of consent; None when that is not known."""
    at, sequence = door.received_at, door.sequence
    return Arrival(at=at, sequence=sequence, index=index, seen=_seen(door, consent))


def _seen(door: "Door", consent: Mapping[str, str] | None) -> Seen | None:
    visit = door.visit
    if visit is None:
        return None
    if visit.nobody is not None:
        return Seen(denied=visit.denied, signs=visit.signs, nobody=visit.nobody)
    said = {**(_UNKNOWN if consent is None else consent), **dict.fromkeys(visit.denied, DENIED)}
    visitor = None
    if visit.cookie is not None and may_store(said, door.policy):
        visitor = visit.cookie.visitor or visit.cookie.presented or uuid.uuid4().hex
    return Seen(
        denied=visit.denied, signs=visit.signs, hints=visit.hints, user_agent=door.user_agent,
        ip=kept_of(door.ip, said, door.policy) if door.ip else None, visitor=visitor,
    )  # fmt: skip


def again(door: "Door", said: bytes, guard: "Guard") -> None:
    """What the header says, at the door where the item comes again.

    Raises:
        Problem: 400 when it says nothing of the kind.
    """
    try:
        first = Arrival.model_validate_json(said)
    except ValidationError:
        raise Problem(400, "bad_replay", f"{HEADER.decode()} cannot be read") from None
    door.replay = True
    door.received_at, door.sequence, door.first = first.at, first.sequence, first.index
    if not door.server:
        guard.meet_again(door, first.seen or Seen(denied=FLAGS))
