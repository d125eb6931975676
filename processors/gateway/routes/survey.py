"""`POST /webhooks/survey`: answers to post-purchase surveys, whatever tool asked.

An answer is a pixel event of the source `survey` rather than a topic of its own: it lies on THE
LOG, where replay, rebuild and the counts of records already reach it, and identity keeps it as a
fact of its own. It carries no id of a person, so it joins nobody.
"""

from typing import Any, Final

from processors.domain.times import is_late
from processors.gateway import fields
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import Draft
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.routes.orders import order_id_of

EVENT_NAME: Final = "SurveyResponse"
_MOST: Final = 2_000
_OPTIONAL: Final = (
    ("question", _MOST),
    ("channel", fields.MAX_NAME),
    ("platform", fields.MAX_NAME),
)


@handler("/webhooks/survey", server_only=True)
def survey(item: dict[str, Any], door: Door) -> Accepted:
    """Take answers to a post-purchase survey."""
    draft = Draft(item, item, door)
    said: dict[str, Any] = {
        "provider": _text(item, "provider", fields.MAX_NAME) or "survey",
        "response_id": _response_id(item),
        "answer": _text(item, "answer", _MOST),
    }
    if said["answer"] is None:
        raise Refused("answer", "is required")
    for name, limit in _OPTIONAL:
        found = _text(item, name, limit)
        if found is not None:
            said[name] = found
    at = item.get("answered_at")
    occurred_at = (
        door.received_at if at in (None, "") else fields.past(at, "answered_at", door.received_at)
    )
    record = {
        "tenant_id": door.tenant,
        # The content is the id: an edited answer is another event about the same response.
        "event_id": draft.hash,
        "content_hash": draft.hash,
        "source": "survey",
        "event_name": EVENT_NAME,
        "occurred_at": occurred_at,
        "received_at": door.received_at,
        "late": is_late(occurred_at, door.received_at),
        "order_source": _text(item, "source", fields.MAX_NAME // 2) or "shopify",
        "order_id": order_id_of(item),
        "survey": said,
    }
    return accepted("pixel_events.v1", record, door)


def _text(item: dict[str, Any], name: str, limit: int) -> str | None:
    value = item.get(name)
    return None if value is None else fields.text(value, name, limit)


def _response_id(item: dict[str, Any]) -> str:
    found = fields.ident(fields.required(item, "response_id"), "response_id")
    if found is None:
        raise Refused("response_id", "is required")
    return found
