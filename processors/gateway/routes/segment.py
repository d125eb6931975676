"""Segment's HTTP tracking API, as Segment's and RudderStack's SDKs speak it.

`/v1/{track,page,screen,alias,group,batch}`, the paths of one letter that analytics.js uses, and
`/beacon/v1/batch` of RudderStack's; `/v1/identify` is shared with the neutral form
(`routes/identify.py`). Track, page and screen are events; identify, alias and group say who
somebody is. An "Order Completed" under a server key with an order id and a value is an order of
the source `api`, as the Purchase of a conversion API is; under a browser key it is an event.
"""

import contextlib
from base64 import b64decode
from typing import Any, Final

from processors.gateway import body, segment_messages
from processors.gateway.access import require_json
from processors.gateway.canonical import canonical, content_hash
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form, Request
from processors.gateway.refusal import Refused
from processors.gateway.registry import Handle, handler, plain_answer
from processors.gateway.routes.capi import as_order
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.orders import snapshot
from processors.gateway.segment_messages import KINDS, PEOPLE
from processors.gateway.settings import GatewaySettings
from processors.gateway.write_keys import by_write_key

BODIES: Final = ("application/json", "text/plain")
_LONGEST_HEADER: Final = 1_024
_OF_THE_TRY: Final = ("sentAt", "_metadata")
"""What an SDK says anew each time that it sends the same message: no part of its content."""


def read(request: Request, door: Door, settings: GatewaySettings) -> list[Any]:
    """The messages of a request; what a batch says of all of them, each of them says."""
    require_json(dict(request.headers))
    found = body.items(request.body, single=False, wrappers=("batch",), settings=settings)
    said = request.json
    shared = {}
    if type(said) is dict and type(said.get("batch")) is list:
        shared = {name: said[name] for name in ("sentAt", "context") if said.get(name) is not None}
    anonymous = _anonymous(request)
    if anonymous:
        shared["anonymousId"] = anonymous
    door.shop = request.directory.snapshot.shops.get(door.tenant, door.shop)
    return [_whole(message, shared, request, door) for message in found]


def _anonymous(request: Request) -> str:
    """RudderStack's SDK names the visitor in a header, too, in base64."""
    said = request.headers.get(b"anonymousid", b"")
    with contextlib.suppress(ValueError):
        return b64decode(said, validate=True).decode() if len(said) <= _LONGEST_HEADER else ""
    return ""


def _whole(message: Any, shared: dict[str, Any], request: Request, door: Door) -> Any:
    """The message with what it shares; one under a key of another tenant says so."""
    if type(message) is not dict:
        return message
    whole = {**shared, **message}
    key = whole.pop("writeKey", None)
    if type(key) is str:
        other = request.directory.key(key)
        if other is not None and other.tenant != door.tenant:
            whole["tenant_id"] = other.tenant
    return whole


def take(message: dict[str, Any], door: Door, kind: str) -> Accepted:
    """A record of a message of the kind."""
    try:
        return _take(message, door, kind)
    except Refused as refused:
        raise refused.renamed(segment_messages.NAMES) from None


def _take(message: dict[str, Any], door: Door, kind: str) -> Accepted:
    sent = {name: value for name, value in message.items() if name not in _OF_THE_TRY}
    event = segment_messages.neutral(message, kind, shop=door.shop)
    if kind in PEOPLE:
        return pixel_event(sent, event, door, source="identify")
    if door.server and kind == "track":
        if segment_messages.is_order(event):
            return snapshot(sent, as_order(event, door), door)
        name = event.get("event_id") or content_hash(sent, canonical(sent))
        changed = segment_messages.change(event, name)
        if changed is not None:
            at = event.get("occurred_at")
            changed["updated_at"] = door.received_at if at in (None, "") else at
            changed.setdefault("currency", door.currency)
            return snapshot(sent, changed, door)
    return pixel_event(sent, event, door, source="segment")


def answer(outcome: Outcome, door: Door) -> dict[str, Any]:
    """The plain answer, and Segment's word for it."""
    return {"success": not outcome.rejected, **plain_answer(outcome, door)}


FORM: Final = Form(
    read=read,
    who=by_write_key,
    kinds=BODIES,
    consent=segment_messages.consent,
    parameters={"writeKey": "or basic authentication with it as the user, or in the body"},
)


def batch(message: dict[str, Any], door: Door) -> Accepted:
    """Take messages of Segment's form, each with its `type`."""
    kind = message.get("type")
    if kind not in KINDS:
        raise Refused("type", f"must be one of {', '.join(KINDS)}")
    return take(message, door, kind)


def _of(kind: str) -> Handle:
    def single(message: dict[str, Any], door: Door) -> Accepted:
        return take(message, door, kind)

    single.__doc__ = f"Take {kind} messages of Segment's form."
    return single


for _path in ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"):
    handler(_path, form=FORM, answer=answer)(batch)
for _kind in KINDS:
    for _path in (f"/v1/{_kind}", f"/v1/{_kind[0]}"):
        if _path != "/v1/identify":
            handler(_path, form=FORM, answer=answer)(_of(_kind))
