"""`GET /r?u=...`: records a click, waits until it is safe, and sends the browser on.

The query has the fields of `/v1/touchpoints`, as for the pixel image. The click's `url` is the
target, so that its UTMs and click ids count where the query names none; the page it came from is
the `Referer`. Nothing is added to the target. It must be on a host that the tenant allows (setting
`redirect_hosts`, none by default): anything else is refused, and nothing is recorded.

A link in an email or in a bio often knows nobody. Such a click is recorded under a visitor of its
own, `click-` and the hash of the click, which joins nobody: the pixel on the page that it leads to
sees the same UTMs and knows the visitor.
"""

from typing import Any, Final

from processors.domain import redirects
from processors.domain.ids import content_id
from processors.gateway import flat
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form, Reply, Request
from processors.gateway.refusal import Problem, Refused
from processors.gateway.registry import handler
from processors.gateway.routes.pixel import NO_STORE, query_item
from processors.gateway.routes.touchpoints import touch
from processors.gateway.settings import GatewaySettings

_EVENT_FIELDS: Final = frozenset(
    {"event_name", "session_start", "value", "currency", "order_id", "checkout_id", "contents"}
)
_PARAMETERS: Final = {
    "u": "where to; required, on a host of the tenant's redirect_hosts",
    **{name: text for name, text in flat.NAMES.items() if name not in _EVENT_FIELDS},
}

_REFERRER: Final = (b"referrer-policy", b"strict-origin-when-cross-origin")
"""As browsers do by themselves: the target's own pixel is to see where the click came from."""


def _read(request: Request, door: Door, _: GatewaySettings) -> list[Any]:
    allowed = request.directory.snapshot.redirect_hosts.get(door.tenant, ())
    try:
        redirects.target(request.parameters.get("u", ""), allowed)
    except ValueError as error:
        raise Problem(400, "bad_target", f"u: {error}") from None
    item = query_item(request)
    referrer = request.headers.get(b"referer")
    if referrer and "referrer" not in item:
        item["referrer"] = referrer.decode("utf-8", "replace")
    return [item]


def _respond(_: Outcome, __: Door, request: Request, ___: int) -> Reply:
    to = redirects.quoted(request.parameters["u"])
    return Reply(302, headers=((b"location", to.encode()), *NO_STORE, _REFERRER))


@handler(
    "/r",
    single=True,
    form=Form(
        read=_read,
        methods=("GET",),
        respond=_respond,
        parameters=_PARAMETERS,
        answers={
            "302": "the click is in Kafka or in the local spool; on to the target",
            "400": "the target is not allowed",
        },
    ),
)
def redirect(item: dict[str, Any], door: Door) -> Accepted:
    """Record a click and send the browser on to `u`, if the tenant allows that host."""
    neutral = flat.neutral(item)
    neutral["url"] = neutral.pop("u")
    neutral["type"] = "click"
    try:
        return touch(item, neutral, door)
    except Refused as refused:
        if refused.field != "visitor_id":
            raise
    stamp = [door.received_at, door.sequence]
    neutral["visitor_id"] = f"click-{content_id({'content': item, 'received': stamp})}"
    return touch(item, neutral, door)
