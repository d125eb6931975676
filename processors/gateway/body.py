"""Reading a request's body within its limits, and finding the items in it."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import orjson

from processors.gateway import duplicates
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Disconnected(Exception):
    """The client went away before it had sent everything."""


async def read(receive: Receive, *, limit: int) -> bytes:
    """The whole body.

    Raises:
        Problem: 413 when it is too long.
        Disconnected: when nobody is there to answer.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(receive, body, limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    parts = bytearray(first)
    more = True
    while more:
        if len(parts) > limit:
            raise too_large(limit)
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(parts)


def too_large(limit: int) -> Problem:
    """413."""
    return Problem(413, "too_large", f"the body is longer than {limit} bytes", close=True)


def too_many(settings: GatewaySettings) -> Problem:
    """413."""
    detail = f"the batch has more than {settings.max_batch_items} items"
    return Problem(413, "too_many", detail)


def parsed(body: bytes) -> Any:
    """The JSON of the body.

    Raises:
        Problem: 400 when it is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = f"not JSON: {error.msg} at {error.lineno}:{error.colno}"
        raise Problem(400, "bad_json", detail) from None


def items(
    body: bytes,
    *,
    single: bool,
    wrappers: Sequence[str],
    settings: GatewaySettings,
    lenient: bool = False,
) -> list[Any]:
    """The items of the body: one object, an array, or an object with a `batch`. One that has a key
    twice comes as its refusal, unless `lenient`: a signed webhook counts as its sender made it.

    Raises:
        Problem: 400 when it is not JSON of such a shape, 413 when there are too many.
    """
    said = parsed(body)
    twice = not lenient and duplicates.suspect(body, said)
    found, wrapper = said, None
    if type(said) is dict:
        for name in () if single else wrappers:
            if said.get(name) is not None:
                found, wrapper = said[name], name
                break
        else:
            if len(body) > settings.max_event_bytes:
                raise too_large(settings.max_event_bytes)
            found = [said]
    elif single:
        found = None
    if type(found) is not list:
        shape = "an object" if single else 'an object, an array, or {"batch": [...]}'
        raise Problem(400, "bad_shape", f"the body must be {shape}")
    if not found:
        raise Problem(400, "empty", "the batch has no items")
    if len(found) > settings.max_batch_items:
        raise too_many(settings)
    return duplicates.refuse(body, found, wrapper) if twice else found
