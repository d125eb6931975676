"""`POST /v1/identify`: joins the ids that belong to one person."""

from typing import Any

from processors.gateway import fields
from processors.gateway.door import Accepted, Door
from processors.gateway.registry import handler
from processors.gateway.routes.events import pixel_event


@handler("/v1/identify")
def identify(item: dict[str, Any], door: Door) -> Accepted:
    """Join the ids of one person."""
    fields.mapping(fields.required(item, "identifiers"), "identifiers")
    neutral = {**item, "event_name": "identify"}
    return pixel_event(item, neutral, door, source="identify")
