"""`POST /v1/identify`: joins the ids that belong to one person, in the neutral form
(`identifiers`) or as Segment's SDKs call it (`userId`, `anonymousId`, `traits`)."""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway import fields, segment_messages
from processors.gateway.door import Accepted, Door
from processors.gateway.exchange import Form
from processors.gateway.registry import handler
from processors.gateway.routes import segment
from processors.gateway.routes.events import pixel_event
from processors.gateway.write_keys import by_write_key

_SEGMENT: Final = ("anonymousId", "userId", "traits", "messageId", "type")


@handler(
    "/v1/identify",
    form=Form(
        read=segment.read,
        who=by_write_key,
        kinds=segment.BODIES,
        consent=segment_messages.consent,
    ),
    answer=segment.answer,
)
def identify(item: dict[str, Any], door: Door) -> Accepted:
    """Join the ids of one person.

    The neutral form has `identifiers`; a message of Segment's form has `userId` and `traits`.
    """
    return segment.take(item, door, "identify") if _is_segment(item) else join(item, door)


def join(item: dict[str, Any], door: Door) -> Accepted:
    """A record of a neutral item."""
    fields.mapping(fields.required(item, "identifiers"), "identifiers")
    neutral = {**item, "event_name": "identify"}
    return pixel_event(item, neutral, door, source="identify")


def _is_segment(item: Mapping[str, Any]) -> bool:
    return "identifiers" not in item and any(name in item for name in _SEGMENT)
