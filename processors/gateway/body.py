"""Reading a request's body within its limits, and finding the items in it."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

import orjson

from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_CHUNK: Final = 65_536
_WINDOW: Final = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


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


def decoded(body: bytes, encoding: bytes, *, limit: int) -> bytes:
    """The body without its content encoding, never more than the limit.

    Raises:
        Problem: 400 for damaged data, 413 for a bomb, 415 for another encoding.
    """
    coding = encoding.strip().lower()
    if coding in (b"", b"identity"):
        return body
    if coding not in _WINDOW:
        raise Problem(415, "unsupported_encoding", "Content-Encoding must be gzip or deflate")
    try:
        return _inflate(body, _WINDOW[coding], limit)
    except zlib.error:
        if coding == b"deflate":
            try:
                return _inflate(body, -15, limit)
            except zlib.error:
                pass
    raise Problem(400, "bad_encoding", f"the body is not {coding.decode('latin-1')}")


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    found = bytearray()
    while body:
        inflater = zlib.decompressobj(window)
        while body and not inflater.eof:
            found += inflater.decompress(body, _CHUNK)
            body = inflater.unconsumed_tail
            if len(found) > limit:
                raise too_large(limit)
        if not inflater.eof:
            found += inflater.flush()
            if not inflater.eof:
                raise zlib.error("truncated")
        body = inflater.unused_data
    if len(found) > limit:
        raise too_large(limit)
    return bytes(found)


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
    body: bytes, *, single: bool, wrappers: Sequence[str], settings: GatewaySettings
) -> list[Any]:
    """The items of the body: one object, an array, or an object with a `batch`.

    Raises:
        Problem: 400 when it is not JSON of such a shape, 413 when there are too many.
    """
    said = parsed(body)
    if type(said) is dict:
        batch = next((said[name] for name in wrappers if said.get(name) is not None), None)
        if batch is None or single:
            if len(body) > settings.max_event_bytes:
                raise too_large(settings.max_event_bytes)
            return [said]
        said = batch
    if type(said) is not list or single:
        shape = "an object" if single else 'an object, an array, or {"batch": [...]}'
        raise Problem(400, "bad_shape", f"the body must be {shape}")
    if not said:
        raise Problem(400, "empty", "the batch has no items")
    if len(said) > settings.max_batch_items:
        raise too_many(settings)
    return said
