"""One request and its answer on a connection: uvicorn's cycle, which writes an answer at once.

uvicorn writes the head of an answer before its body, and looks at every header anew each time. Here
both leave in one write, and a header that was checked once is known.
"""

from functools import lru_cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

from processors.gateway.call import WHOLE

_LENGTH: Final = b"content-length"
_CLOSE: Final = b"connection: close\r\n"
_BODILESS: Final = frozenset({204, 304})


class Cycle(RequestResponseCycle):
    """ASGI's two ends of one request."""

    scope: Any
    _head: Any = None

    def whole(self) -> bytes | None:
        """The body, if all of it is here and none was read: nothing is left to `receive` then."""
        if self.more_body or self.waiting_for_100_continue or self.disconnected:
            return None
        self.flow.resume_reading()
        body = bytes(self.body)
        self.body = bytearray()
        return body

    async def send(self, message: Any) -> None:
        """A part of the answer.

        Raises:
            RuntimeError: for what is no answer of HTTP.
        """
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            if self.response_started:
                raise RuntimeError("an answer begins once")
            self.response_started = True
            self.waiting_for_100_continue = False
            self._head = message
        elif not self.response_started or self.response_complete:
            raise RuntimeError(f"{message['type']} is not due")
        else:
            self._part(message.get("body", b""), more=message.get("more_body", False))

    def _part(self, body: bytes, *, more: bool) -> None:
        head = b""
        if self._head is not None:
            head = self._opening(self._head["status"], self._head.get("headers", ()))
            self._head = None
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self.chunked_encoding:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = chunk if more else chunk + b"0\r\n\r\n"
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("the body is longer than its Content-Length")
        if not more and self.expected_content_length:
            raise RuntimeError("the body is shorter than its Content-Length")
        if head or body:
            self.transport.write(head + body)
        if not more:
            self.response_complete = True
            self.scope.pop(WHOLE, None)  # a ring, which would be freed late, and all at once
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()

    def _opening(self, status: int, headers: Any) -> bytes:
        lines = [STATUS_LINE[status]]
        closes = False
        for name, value in headers:
            if name == _LENGTH:
                self.expected_content_length = int(value)
                self.chunked_encoding = False
                lines.append(b"content-length: %d\r\n" % self.expected_content_length)
                continue
            line = _line(name, value)
            closes = closes or line == _CLOSE
            lines.append(line)
        if closes:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(_CLOSE)
        if (
            self.chunked_encoding is None
            and status not in _BODILESS
            and self.scope["method"] != "HEAD"
        ):
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)


@lru_cache(maxsize=512)
def _line(name: bytes, value: bytes) -> bytes:
    """A header as it is written; almost all of them are the same in every answer.

    Raises:
        RuntimeError: for bytes that would end the header.
    """
    if HEADER_RE.search(name):
        raise RuntimeError("a header's name has a character that it cannot have")
    if HEADER_VALUE_RE.search(value):
        raise RuntimeError(f"the value of the header {name!r} has an end of line")
    return b"%b: %b\r\n" % (name.lower(), value)
