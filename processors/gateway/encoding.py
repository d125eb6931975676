"""Undoing a body's content encoding, with what comes out bounded before it is made.

A bomb is refused once the limit is full: none of the decoders makes more than one byte beyond it.
Several encodings on top of each other are refused, since each layer multiplies what the one
below may hide.
"""

import zlib
from collections.abc import Callable
from typing import Any, Final

import cramjam

from processors.gateway.body import too_large
from processors.gateway.refusal import Problem

NAMES: Final = "gzip, deflate, br or zstd"
MAX_MEMBERS: Final = 64
"""Of one gzip body: empty members cost time and make nothing that the limit could see."""
_FIRST: Final = 65_536
_GROWTH: Final = 8
_NO_ROOM: Final = "failed to write whole buffer"

_Inflate = Callable[[bytes, int], bytes]


def decoded(body: bytes, encoding: bytes, *, limit: int) -> bytes:
    """The body without its content encoding, never more than the limit.

    Raises:
        Problem: 400 for damaged data, 413 for a bomb, 415 for another or a second encoding.
    """
    coding = encoding.strip().lower()
    if coding in (b"", b"identity"):
        return body
    inflate = _DECODERS.get(coding)
    if inflate is None:
        if b"," in coding:
            raise _unsupported(f"Content-Encoding must be one of {NAMES}, not several")
        raise _unsupported(f"Content-Encoding must be {NAMES}")
    try:
        return inflate(body, limit)
    except (zlib.error, cramjam.DecompressionError):
        detail = f"the body is not {coding.decode('latin-1')}, or breaks off"
        raise Problem(400, "bad_encoding", detail) from None


def _unsupported(detail: str) -> Problem:
    return Problem(415, "unsupported_encoding", detail)


def _gzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, 31, limit)


def _deflate(body: bytes, limit: int) -> bytes:
    """As the standard has it, else raw, as some senders have it."""
    try:
        return _inflate(body, 15, limit)
    except zlib.error:
        return _inflate(body, -15, limit)


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    found = b""
    for _ in range(MAX_MEMBERS):
        inflater = zlib.decompressobj(window)
        found += inflater.decompress(body, limit + 1 - len(found))
        if len(found) > limit:
            raise too_large(limit)
        if not inflater.eof:
            raise zlib.error("truncated")
        body = inflater.unused_data
        if not body:
            return found
    raise Problem(400, "bad_encoding", f"the body has more than {MAX_MEMBERS} gzip members")


def _bounded(codec: Any) -> _Inflate:
    """A decoder that fills a buffer: a small one first, then one as large as the limit."""
    into: Callable[[bytes, bytearray], int] = codec.decompress_into

    def inflate(body: bytes, limit: int) -> bytes:
        room = bytearray(min(max(_FIRST, _GROWTH * len(body)), limit + 1))
        length = _fill(into, body, room)
        if length == len(room) <= limit:
            room = bytearray(limit + 1)
            length = _fill(into, body, room)
        if length > limit:
            raise too_large(limit)
        return bytes(memoryview(room)[:length])

    return inflate


def _fill(into: Callable[[bytes, bytearray], int], body: bytes, room: bytearray) -> int:
    """How many bytes of the room are taken: all of them when there are more to come."""
    try:
        return into(body, room)
    except cramjam.DecompressionError as error:
        if str(error) != _NO_ROOM:
            raise
        return len(room)


_DECODERS: Final[dict[bytes, _Inflate]] = {
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _bounded(cramjam.brotli),
    b"zstd": _bounded(cramjam.zstd),
}
