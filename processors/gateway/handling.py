"""From the items of a request to what became of them, and how that is told."""

from typing import Any

from processors.gateway.door import Door, Outcome, Rejection
from processors.gateway.refusal import Refused
from processors.gateway.registry import Entry


def handle(entry: Entry, items: list[Any], door: Door) -> Outcome:
    """Each item by itself: one that is refused takes no other with it."""
    outcome = Outcome([], [])
    accept = outcome.accepted.append
    handle_item = entry.handle
    for index, item in enumerate(items, door.first):
        door.index = index
        try:
            if type(item) is not dict:
                raise item if type(item) is Refused else Refused("", "must be an object")
            accept(handle_item(item, door))
        except Refused as refused:
            outcome.rejected.append(Rejection(index, refused.field, refused.error))
    return outcome


def told(entry: Entry, outcome: Outcome, door: Door) -> dict[str, Any]:
    """The door's own answer; a rehearsal says that it was one."""
    answer = entry.answer(outcome, door)
    if door.dry_run:
        answer["dry_run"] = True
    return answer
