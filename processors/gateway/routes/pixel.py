"""`GET /v1/pixel.gif`, `GET /p.gif`: an event or a touchpoint from a page that runs no script.

The query has the fields of `/v1/events` when it has an `event_name`, else of `/v1/touchpoints`
(`flat.py`), and the key. The answer is a transparent image of one pixel; what is refused is
answered as everywhere, in JSON, which a browser that waits for an image ignores.
"""

from typing import Any, Final

from processors.gateway import flat
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form, Reply, Request
from processors.gateway.registry import handler
from processors.gateway.routes.beacon import take
from processors.gateway.settings import GatewaySettings

GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
NO_STORE: Final = (
    (b"cache-control", b"no-store, no-cache, must-revalidate, max-age=0"),
    (b"pragma", b"no-cache"),
    (b"expires", b"0"),
)
_IMAGE: Final = ((b"content-type", b"image/gif"), *NO_STORE)


def query_item(request: Request) -> dict[str, Any]:
    """What the query says, without the key."""
    return {name: value for name, value in request.parameters.items() if name != "key"}


def _read(request: Request, _: Door, __: GatewaySettings) -> list[Any]:
    return [query_item(request)]


def _respond(_: Outcome, __: Door, ___: Request, status: int) -> Reply:
    return Reply(status, GIF, _IMAGE)


def pixel(item: dict[str, Any], door: Door) -> Accepted:
    """Take an event or a touchpoint from the query, and answer an image of one pixel.

    `event_name` makes it an event; without it, it is a touchpoint.
    """
    neutral = flat.neutral(item)
    if neutral.get("type") not in ("click", "view"):
        neutral.pop("type", None)
    return take(item, neutral, door)


for _path in ("/v1/pixel.gif", "/p.gif"):
    handler(
        _path,
        single=True,
        form=Form(
            read=_read,
            methods=("GET",),
            respond=_respond,
            flat=True,
            consent=lambda item: flat.neutral(item).get("consent"),
            parameters=flat.NAMES,
            answers={"200": "in Kafka; the image", "202": "in the local spool; the image"},
        ),
    )(pixel)
