"""The table of handlers by source and event type, and what they are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from processors.gateway import unknown
from processors.gateway.door import Accepted, Door
from processors.gateway.refusal import Refused


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of a webhook's body: `said` is the part of the body that tells it. Without a
    tenant it is of an account that nobody has, or that did not sign."""

    source: str
    event_type: str
    account: str
    said: Mapping[str, Any]
    tenant: str | None = None


Handle = Callable[[Told, Door], Accepted | None]
"""Makes the record; None when what was said is not of the form that it knows."""

EVENTS: Final[dict[tuple[str, str], Handle]] = {}


def register_handler(source: str, event_type: str) -> Callable[[Handle], Handle]:
    """Register a function for what this source tells under this event type."""

    def register(handle: Handle) -> Handle:
        if (source, event_type) in EVENTS:
            raise ValueError(f"{source} {event_type} has two handlers")
        EVENTS[source, event_type] = handle
        return handle

    return register


def take(item: Mapping[str, Any], door: Door) -> Accepted:
    """The record of one thing told; what has no handler, or not the handler's form, is kept as it
    came, and filtered later.

    Raises:
        Refused: for what is of nobody's account.
    """
    told: Told = item["told"]
    if told.tenant is None:
        raise Refused("account", "belongs to no tenant, or the signature is not its own")
    door.tenant = told.tenant
    door.topic = told.event_type
    handle = EVENTS.get((told.source, told.event_type))
    taken = handle(told, door) if handle else None
    return taken or unknown.keep(dict(told.said), door, source=told.source)
