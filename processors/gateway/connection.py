"""One connection: uvicorn's protocol, bounded where uvicorn is not.

One sweep looks at all connections, so no request sets a timer, not even for keep-alive.

A head has a greatest size, a greatest number of fields and a deadline, and so has the rest of a
message that nobody reads any more; each is refused as JSON like everything else. What was accepted
is answered even when the bytes that follow it are no HTTP, and nothing but its answer ever stands
where an answer belongs. A refusal reaches a client that is still sending: the connection is closed
for writing first, and what comes is read and thrown away for a moment, since closing it at once
would reset it. While the gateway stops, every answer says that the connection closes.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from processors.gateway.call import WHOLE
from processors.gateway.cycle import Cycle

_SWEEPS_IN_A_TIMEOUT: Final = 4
_NOT_IN_HEAD: Final = -1
_LINGER_SECONDS: Final = 2.0
_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_OFFER: Final = frozenset({b"upgrade", b"http2-settings", b"connection"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may cost; `closing` tells that the gateway stops."""

    max_connections: int
    max_url_bytes: int
    max_head_bytes: int
    max_head_fields: int
    head_seconds: float
    rest_seconds: float
    keep_alive_seconds: float
    closing: Callable[[], bool]


class _Refusal(Exception):
    """Raised inside the parser to stop it."""

    def __init__(self, status: int, error: str, detail: str) -> None:
        super().__init__(detail)
        self.answer = _answer(status, error, detail)


def _answer(status: int, error: str, detail: str) -> bytes:
    body = orjson.dumps({"error": error, "detail": detail})
    retry = "retry-after: 1\r\n" if status == 503 else ""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        "cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
        f"content-length: {len(body)}\r\n{retry}connection: close\r\n\r\n"
    )
    return head.encode() + body


_NOT_HTTP: Final = _answer(400, "bad_request", "this is not HTTP/1.1 as it should be")
_TOO_MANY: Final = _answer(503, "busy", "too many connections at once")


class _Gently:
    """The transport, as an answer sees it: closing it lets a client finish what it is sending."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close


class Connection(HttpToolsProtocol):
    """Give it `bounds`; `sweep` must run beside it."""

    def __init__(self, *args: Any, bounds: Bounds, **named: Any) -> None:
        super().__init__(*args, **named)
        self._bounds = bounds
        self._head_bytes = 0
        self._since: float | None = None
        """Since when the message is awaited that is not whole yet."""
        self._idle_since: float | None = None
        """Since when an answer is out and nothing has come after it."""
        self._before: Any = None
        self._offered = False
        self._lingers = False
        self._last_words: bytes | None = None
        """To be said after the answers that are still due; then the connection closes."""

    def connection_made(self, transport: Any) -> None:
        """A client, unless there are too many."""
        super().connection_made(transport)
        self._gently: Any = _Gently(transport, self._linger)
        self._since = self.loop.time()
        if len(self.connections) > self._bounds.max_connections:
            self._refuse(_TOO_MANY)

    def data_received(self, data: bytes) -> None:
        """Bytes: heads, bodies, or neither."""
        if self._last_words is not None:
            return
        self._idle_since = None
        if self._since is None:
            self._since = self.loop.time()
        if self._head_bytes >= 0:
            self._head_bytes += len(data)
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause.answer if isinstance(cause, _Refusal) else _NOT_HTTP)
        except httptools.HttpParserError:
            self._refuse(_NOT_HTTP)
        else:
            if self._head_bytes > self._bounds.max_head_bytes:
                self._refuse(self._too_large().answer)

    def _decline(self, rest: bytes) -> None:
        """A protocol that we do not speak was offered (Java's client does so on its own): the
        parser, which has stopped, starts again with the same head without the offer."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(_NOT_HTTP)
            return
        self._offered = False
        kept = [field for field in self.headers if field[0] not in _OFFER]
        lines = b"".join(b"%s: %s\r\n" % field for field in kept)
        self.parser = httptools.HttpRequestParser(self)
        self._feed(b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method, self.url, lines, rest))

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._since = self.loop.time()
        self._head_bytes = 0 if self._head_bytes == _NOT_IN_HEAD else self._head_bytes

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of the head; one after a chunked body is not ours, and not kept."""
        if self._head_bytes == _NOT_IN_HEAD:
            raise _Refusal(431, "trailers", "fields after the body are not taken")
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """A whole head."""
        bounds = self._bounds
        if len(self.url) > bounds.max_url_bytes:
            raise _Refusal(
                414, "uri_too_long", f"the URL is longer than {bounds.max_url_bytes} bytes"
            )
        if len(self.headers) > bounds.max_head_fields:
            raise _Refusal(
                431, "too_many_fields", f"more than {bounds.max_head_fields} header fields"
            )
        if self._head_bytes > bounds.max_head_bytes and (
            sum(len(name) + len(value) for name, value in self.headers) > bounds.max_head_bytes
        ):
            raise self._too_large()
        if self.parser.should_upgrade():
            self._offered = True
            return
        self._head_bytes = _NOT_IN_HEAD
        self._before = self.cycle
        self._begin()

    def _begin(self) -> None:
        """Let the application answer, in its turn."""
        version = self.parser.get_http_version()
        keep_alive = version != "1.0" and self.parser.should_keep_alive()
        before = self.cycle
        scope = self._scope(version)
        self.cycle = cycle = Cycle(
            scope=scope,
            transport=self._gently,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive and not self._bounds.closing(),
            on_response=self.on_response_complete,
        )
        scope[WHOLE] = cycle.whole
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _scope(self, version: str) -> Any:
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": "",
            "headers": self.headers,
            "method": self.parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": url.path,
            "query_string": url.query or b"",
        }

    def on_message_complete(self) -> None:
        """A whole message."""
        if self._offered:
            return
        self._since = None
        self._head_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is out."""
        if self._lingers:
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            else:
                self._idle_since = self.loop.time()
        if self._last_words is not None and not self.pipeline and self.cycle.response_complete:
            self._hang_up()

    def expire(self, now: float) -> None:
        """Give up a message that does not become whole, unless the application reads it; and a
        connection on which nothing comes any more."""
        if self._since is None:
            idle = self._idle_since
            if idle is not None and now - idle > self._bounds.keep_alive_seconds:
                self.transport.close()
            return
        if self._last_words is not None:
            if self._lingers and now - self._since > _LINGER_SECONDS:
                self.transport.close()
            return
        waited = now - self._since
        bounds = self._bounds
        if self._head_bytes != _NOT_IN_HEAD:
            if waited > bounds.head_seconds:
                detail = f"the head did not arrive within {bounds.head_seconds:g} s"
                self._refuse(_answer(408, "timeout", detail))
        elif self.cycle.response_complete and waited > bounds.rest_seconds:
            self._linger()

    def _too_large(self) -> _Refusal:
        detail = f"the head is longer than {self._bounds.max_head_bytes} bytes"
        return _Refusal(431, "head_too_large", detail)

    def _refuse(self, answer: bytes) -> None:
        """Say so and close, but first let those be answered whose request was whole."""
        self._last_words = answer
        due = self.cycle is not None and not self.cycle.response_complete
        if due and self.cycle.more_body:
            if self.pipeline:  # its turn had not come
                self.pipeline.popleft()
                self.cycle = self._before
            else:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
                if self.cycle.response_started:
                    self._last_words = b""
                due = False
        if due:
            self.flow.pause_reading()
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            if self._last_words:
                self.transport.write(self._last_words)
            self._linger()

    def _linger(self) -> None:
        """Close: at once when nothing is being sent to us, else as soon as that has an end."""
        if self._since is None or not self.transport.can_write_eof():
            self.transport.close()
        elif not self._lingers and not self.transport.is_closing():
            self._lingers = True
            self._last_words = self._last_words or b""
            self._since = self.loop.time()
            self.transport.write_eof()
            self.flow.resume_reading()


async def sweep(connections: Iterable[Any], bounds: Bounds) -> None:
    """Give up what does not become whole, for ever: one look at all, not a timer for each."""
    shortest = min(bounds.head_seconds, bounds.rest_seconds, bounds.keep_alive_seconds)
    while True:
        await asyncio.sleep(shortest / _SWEEPS_IN_A_TIMEOUT)
        now = asyncio.get_running_loop().time()
        for connection in list(connections):
            if isinstance(connection, Connection):
                connection.expire(now)
