"""`POST /api/v1/capi/events/stream` and `/batch`: server events in the form of conversion APIs.

A Purchase with an order id and a value under a server key is an order of the source `api`;
everything else is an event. `platforms_sent` is the number of enabled destinations that the
event will be routed to: delivery itself is asynchronous, and its failures are in the ledger.
`failed_platforms` names those of them where it will wait: the circuit is open, or the platform
refuses the credentials.
`data_quality_score` (0 to 100) is that of each event in its receipt, and the mean of the request.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.quality.event import score
from processors.gateway import fields, lines
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler, plain_answer
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.orders import snapshot

_ID_NAMES: Final = (
    "customer_id",
    "external_id",
    "email_sha256",
    "phone_sha256",
    "ga4_client_id",
    "ga4_session_id",
    "fbp",
    "fbc",
    "ttp",
    "scid",
    "epik",
    "device_id",
)


def _answer(outcome: Outcome, door: Door) -> dict[str, Any]:
    taken = outcome.accepted
    answer: dict[str, Any] = {
        "success": bool(taken),
        "platforms_sent": len(door.platforms) if taken else 0,
        "failed_platforms": list(door.failing) if taken else [],
        "data_quality_score": _mean([row.score for row in taken]),
        **plain_answer(outcome, door),
    }
    for row, receipt in zip(taken, answer["receipts"], strict=True):
        receipt["data_quality_score"] = row.score
    if len(taken) == 1:
        answer["event_id"] = taken[0].event_id
    return answer


def _mean(scores: list[float]) -> float:
    return round(sum(scores) / len(scores), 1) if scores else 0.0


@handler("/api/v1/capi/events/stream", single=True, answer=_answer)
def stream(item: dict[str, Any], door: Door) -> Accepted:
    """Take one server event."""
    return _take(item, door)


@handler("/api/v1/capi/events/batch", wrappers=("batch", "events", "data"), answer=_answer)
def batch(item: dict[str, Any], door: Door) -> Accepted:
    """Take many server events."""
    return _take(item, door)


def _take(item: dict[str, Any], door: Door) -> Accepted:
    neutral = _neutral(item)
    has_order = neutral.get("order_id") and neutral.get("value") is not None
    is_order = has_order and neutral.get("event_name") == "Purchase"
    if door.server and is_order and "Purchase" not in door.denied:
        taken = snapshot(item, as_order(neutral, door), door)
    else:
        taken = pixel_event(item, neutral, door, source="capi")
    taken.score = score(item, received_at=door.received_at)
    return taken


def _neutral(item: Mapping[str, Any]) -> dict[str, Any]:
    person = _object(item, "user_data")
    more = {**_object(item, "custom_data"), **_object(item, "parameters")}
    neutral = dict(item)
    for name, value in (
        ("occurred_at", item.get("event_time", item.get("occurred_at"))),
        ("url", item.get("event_source_url", item.get("url"))),
        ("ip", person.get("client_ip_address", item.get("ip"))),
        ("user_agent", person.get("client_user_agent", item.get("user_agent"))),
        ("visitor_id", item.get("visitor_id", person.get("visitor_id"))),
    ):
        neutral[name] = value
    ids = {name: person[name] for name in _ID_NAMES if person.get(name) is not None}
    neutral["identifiers"] = {**_flat(ids), **_object(item, "identifiers")}
    for name in ("value", "currency", "order_id", "checkout_id"):
        neutral[name] = lines.first(item, (name,))
        if neutral[name] is None:
            neutral[name] = more.pop(name, None)
    if neutral.get("contents") is None:
        neutral["contents"] = more.pop("contents", None) or more.pop("content_ids", None)
    if more:
        neutral["properties"] = {**more, **_object(item, "properties")}
    return neutral


def as_order(neutral: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """The neutral purchase as an order of the source `api`."""
    order = dict(neutral)
    if order.get("occurred_at") in (None, ""):
        order["ordered_at"] = door.received_at
    else:
        order["ordered_at"] = fields.past(order["occurred_at"], "event_time", door.received_at)
    order["revenue"] = order["value"]
    order["currency"] = order.get("currency") or door.currency
    order["line_items"] = order.get("contents")
    order["source"] = "api"
    order["status"] = "paid"
    for name in ("refunds", "refunded_amount", "updated_at", "discount_codes", "test"):
        order.pop(name, None)
    return order


def _flat(ids: Mapping[str, Any]) -> dict[str, Any]:
    """Conversion APIs send some ids as lists; the first entry counts."""
    return {
        name: value[0] if type(value) is list and value else value for name, value in ids.items()
    }


def _object(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = item.get(name)
    if found is None:
        return {}
    if type(found) is not dict:
        raise Refused(name, "must be an object")
    return found
