"""`POST /v1/beacon`: what `navigator.sendBeacon` sends as a page goes away.

A beacon can set no header and reads no answer, so the key stands in `?key=`, the body is JSON
whatever its content type (a Blob of JSON, plain text) or a form, and one beacon may carry items
of several kinds: `type` says touchpoint, event, identify or consent. Without it, or with click or
view, an item with an `event_name` is an event and any other a touchpoint.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway import body, flat
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import ANY_TEXT, Form, Reply, Request, parameters
from processors.gateway.refusal import Problem, Refused
from processors.gateway.registry import handler
from processors.gateway.routes.consent import consent
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.identify import join
from processors.gateway.routes.touchpoints import touch
from processors.gateway.settings import GatewaySettings

KINDS: Final = ("touchpoint", "event", "identify", "consent")
_FORM: Final = b"application/x-www-form-urlencoded"
_JSON: Final = frozenset({b"", b"application/json", b"text/plain", b"text/json"})


def take(sent: Mapping[str, Any], item: dict[str, Any], door: Door) -> Accepted:
    """A record of the neutral `item` of any kind; ids are hashes of what was `sent`."""
    kind = item.get("type")
    if kind == "identify":
        return join(item, door)
    if kind == "consent":
        return consent(item, door)
    if kind == "event" or (kind != "touchpoint" and item.get("event_name") is not None):
        return pixel_event(sent, item, door, source="events")
    if kind == "touchpoint":
        return touch(sent, {**item, "type": "click"}, door)
    if kind not in (None, "", "click", "view"):
        raise Refused("type", f"must be one of {', '.join((*KINDS, 'click', 'view'))}")
    return touch(sent, item, door)


def _read(request: Request, _: Door, settings: GatewaySettings) -> list[Any]:
    kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind == _FORM:
        return [flat.neutral(parameters(request.body))]
    if kind not in _JSON and not kind.endswith(b"+json"):
        raise Problem(415, "unsupported_type", "Content-Type must be JSON, text or a form")
    return body.items(request.body, single=False, wrappers=("batch",), settings=settings)


def _respond(outcome: Outcome, _: Door, request: Request, status: int) -> Reply | None:
    if outcome.rejected or status != 200 or request.parameters.get("receipts") in ("1", "true"):
        return None
    return Reply(204)


@handler(
    "/v1/beacon",
    form=Form(
        read=_read,
        respond=_respond,
        kinds=ANY_TEXT,
        parameters={"receipts": "1 asks for the JSON answer with receipts"},
        answers={
            "204": "everything is in Kafka",
            "200": "in Kafka, and receipts were asked for or an item was refused",
        },
    ),
)
def beacon(item: dict[str, Any], door: Door) -> Accepted:
    """Take items of any kind from `navigator.sendBeacon`.

    `type` is touchpoint, event, identify or consent; else `event_name` decides.
    """
    return take(item, item, door)
