"""The ASGI application: from bytes to an answer, without a framework in between.

Order of a request: route, room, key, body, signature, items, produce, answer. Nothing of an item
is ever logged, and bad input is never a 5xx.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, Final, Protocol

import orjson

from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.gateway import body, pages
from processors.gateway.access import authorised, peer_of, require_json
from processors.gateway.directory import Directory, Key, Source
from processors.gateway.door import Accepted, Door, Outcome, Rejection, Sealer
from processors.gateway.exchange import JSON, Form, Reply, Request, plain
from processors.gateway.refusal import Problem, Refused
from processors.gateway.registry import Entry, find
from processors.gateway.room import Room
from processors.gateway.settings import GatewaySettings
from processors.gateway.signatures import Claim, claim, is_ping, is_signed
from processors.gateway.sink import Unavailable
from processors.gateway.tally import Tally
from processors.gateway.uploads import Uploads, listing

log = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where accepted records go (`sink.Sink`)."""

    @property
    def spooled(self) -> int:
        """Records that wait in the spool."""

    def put(self, rows: Sequence[Accepted]) -> Awaitable[None]:
        """Done when every row is safe."""

    def can_take(self) -> bool:
        """Whether a record would be taken now."""

    def state(self) -> dict[str, int | bool]:
        """For `/readyz`."""


Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PLAIN: Final = (JSON,)
_SPOOL_RETRY_SECONDS: Final = 5
_NOTHING: Final = orjson.dumps({"accepted": 0, "rejected": [], "receipts": []})


class App:
    """One gateway."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        directory: Directory,
        sink: Outlet,
        sealer: Sealer,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._sink = sink
        self._sealer = sealer
        self._metrics = metrics
        self._tally = Tally(metrics)
        self._clock = clock
        self._room = Room(settings)
        self._uploads = Uploads(settings, sink=sink, metrics=metrics, clock=clock)
        self._listing = listing.Listing(settings)
        self._max_body = max(settings.max_batch_bytes, settings.max_event_bytes)
        self._origin = (b"access-control-allow-origin", settings.cors_allow_origin.encode())
        self._millisecond = 0
        self._sequence = 0
        self.closing = False
        """Set before a stop: not ready any more, though requests are still served."""

    async def __call__(self, scope: Scope, receive: body.Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        entry, rest = find(path) or (None, "")
        if entry is None or scope["method"] not in entry.methods:
            await self._page(scope, entry, send)
            return
        began = time.perf_counter()
        status, answer = 500, b""
        kind: Sequence[tuple[bytes, bytes]] = _PLAIN
        extra: list[tuple[bytes, bytes]] = []
        try:
            if entry.form is None:
                status, answer = await self._serve(entry, rest, scope, receive)
            else:
                reply = await self._exchange(entry, entry.form, rest, scope, receive)
                status, answer, kind = reply.status, reply.content, reply.headers
        except Problem as problem:
            status, answer, extra = problem.answer()
        except body.Disconnected:
            status = 499
            return
        except Exception as error:
            log.exception("request failed", exc_info=error)
            status, answer, extra = Problem(500, "internal", "see the gateway's log").answer()
        finally:
            self._tally.note(entry.path, status, time.perf_counter() - began)
        for name, _ in scope["headers"]:
            if name == b"origin" and self._origin[1]:
                extra.append(self._origin)
                break
        await self._reply(send, status, answer, extra, kind)

    async def close(self) -> None:
        """Let go of what is open."""
        await self._listing.close()

    async def sweep(self) -> None:
        """Give up bodies that stall, for ever."""
        await self._room.sweep()

    async def _serve(
        self, entry: Entry, rest: str, scope: Scope, receive: body.Receive
    ) -> tuple[int, bytes]:
        """Status and answer of a POST to a handler's path."""
        self._room.enter()
        held = 0
        try:
            headers = dict(scope["headers"])
            if entry.upload:
                door = self._door(
                    scope, headers, await self._key(scope, headers, server_only=entry.server_only)
                )
                return await self._uploads.take(entry, door, scope, receive)
            if entry.signed is None:
                require_json(headers)
                said = source = None
                door = self._door(
                    scope, headers, await self._key(scope, headers, server_only=entry.server_only)
                )
            else:
                if is_ping(entry.signed, headers):
                    return 200, _NOTHING
                said, source = await self._source(entry.signed, headers)
                door = self._door(scope, headers, Key(source.tenant, True))
                door.sender, door.account = said.sender, said.account
                door.topic = rest or said.topic
            limit = self._max_body
            if entry.single and source is None:
                limit = self._settings.max_event_bytes
            held = self._room.hold(headers, limit)
            raw = await self._read(receive, limit)
            if b"content-encoding" in headers:
                raw = body.decoded(raw, headers[b"content-encoding"], limit=limit)
            if said is not None and source is not None:
                self._verify(raw, said, source)
                door.max_bytes = limit
            found = body.items(
                raw, single=entry.single, wrappers=entry.wrappers, settings=self._settings
            )
            outcome = handle(entry, found, door)
            status = await self._produce(outcome)
            return status, orjson.dumps(entry.answer(outcome, door))
        finally:
            self._room.leave(held)

    async def _read(self, receive: body.Receive, limit: int) -> bytes:
        """The body, unless the sweep finds that it stalls."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._room.begin(task, loop.time())
        try:
            return await body.read(receive, limit=limit)
        except asyncio.CancelledError:
            if not self._room.stalled(task):
                raise
            seconds = self._settings.body_timeout_seconds
            detail = f"the body did not arrive within {seconds:g} s"
            raise Problem(408, "timeout", detail, close=True) from None
        finally:
            self._room.end(task)

    async def _key(self, scope: Scope, headers: dict[bytes, bytes], *, server_only: bool) -> Key:
        """Whose key the request has."""
        known = self._directory.snapshot.by_header
        key = known.get(headers.get(b"authorization", b""))
        if key is None:
            key = await authorised(headers, scope["query_string"], self._directory)
            if key is None:
                raise self._stranger("the key is missing or not known")
        if server_only and not key.server:
            raise Problem(403, "forbidden", "this route needs a server key")
        return key

    async def _source(self, family: str, headers: dict[bytes, bytes]) -> tuple[Claim, Source]:
        """Whose webhook it says it is."""
        said = claim(family, headers)
        source = None
        if said is not None:
            source = await self._directory.find_source(said.sender, said.account)
        if said is None or source is None:
            raise self._stranger("the sender of this webhook is not known")
        return said, source

    def _door(self, scope: Scope, headers: dict[bytes, bytes], key: Key) -> Door:
        now = self._clock()
        if now == self._millisecond:
            self._sequence += 1
        else:
            self._millisecond, self._sequence = now, 0
        snapshot = self._directory.snapshot
        door = Door(key.tenant, key.server, now, self._sealer, self._sequence)
        door.max_bytes = self._settings.max_event_bytes
        door.currency = snapshot.currencies.get(key.tenant, "USD")
        door.platforms = snapshot.platforms.get(key.tenant, ())
        if not key.server:
            door.ip = peer_of(scope)
            door.user_agent = headers.get(b"user-agent", b"").decode("latin-1")[:2048]
        return door

    def _stranger(self, detail: str) -> Problem:
        if not self._directory.loaded:
            return Problem(503, "starting", "keys are not loaded yet", retry_after_seconds=1)
        return Problem(401, "unauthorized", detail)

    def _verify(self, raw: bytes, said: Claim, source: Source) -> None:
        if not is_signed(raw, claim=said, secrets=source.secrets(self._clock())):
            raise Problem(401, "unauthorized", "the signature is wrong")

    async def _exchange(
        self, entry: Entry, form: Form, rest: str, scope: Scope, receive: body.Receive
    ) -> Reply:
        """The answer of a door with a form of its own."""
        self._room.enter()
        held = 0
        try:
            headers, raw = dict(scope["headers"]), b""
            if scope["method"] == "POST":
                held = self._room.hold(headers, self._max_body)
                raw = await self._read(receive, self._max_body)
                if b"content-encoding" in headers:
                    raw = body.decoded(raw, headers[b"content-encoding"], limit=self._max_body)
            request = Request(
                scope["method"], scope.get("scheme", "http"), scope["path"], rest,
                scope["query_string"], headers, raw, self._directory,
            )  # fmt: skip
            key = await form.who(request)
            if key is None:
                raise self._stranger("the key is missing or not known")
            if entry.server_only and not key.server:
                raise Problem(403, "forbidden", "this route needs a server key")
            door = self._door(scope, headers, key)
            outcome = handle(entry, form.read(request, door, self._settings), door)
            status = await self._produce(outcome)
            reply = None
            if form.respond is not None and status != 422:
                reply = form.respond(outcome, door, request, status)
            return reply or plain(status, entry.answer(outcome, door))
        finally:
            self._room.leave(held)

    async def _produce(self, outcome: Outcome) -> int:
        """Produce what was accepted: 200 when all of it is in Kafka, 202 when some is spooled."""
        accepted = outcome.accepted
        if not accepted:
            return 422 if outcome.rejected else 200
        try:
            await self._sink.put(accepted)
        except Unavailable:
            detail = "neither Kafka nor the spool can take it; send it again"
            raise Problem(
                503, "unavailable", detail, retry_after_seconds=_SPOOL_RETRY_SECONDS
            ) from None
        return 202 if any(row.offset is None for row in accepted) else 200

    async def _reply(
        self,
        send: Send,
        status: int,
        answer: bytes,
        extra: Iterable[tuple[bytes, bytes]] = (),
        kind: Iterable[tuple[bytes, bytes]] = _PLAIN,
    ) -> None:
        headers = [*kind, *extra]
        if status != 204:
            headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _page(self, scope: Scope, entry: Entry | None, send: Send) -> None:
        """Everything that is not a POST to a handler."""
        method = scope["method"]
        if method == "OPTIONS" and entry is not None and self._settings.cors_allow_origin:
            await self._reply(send, 204, b"", [self._origin, *pages.PREFLIGHT])
            return
        if method == "GET" and scope["path"] == listing.PATH:
            await self._batches(scope, send)
            return
        if method in ("GET", "HEAD"):
            found = pages.page(scope["path"], self)
            if found is not None:
                status, kind, content = found
                headers = [(b"content-type", kind), (b"content-length", b"%d" % len(content))]
                await send({"type": "http.response.start", "status": status, "headers": headers})
                sent = b"" if method == "HEAD" else content
                await send({"type": "http.response.body", "body": sent})
                return
        if entry is not None:
            methods = ", ".join(entry.methods)
            problem = Problem(405, "method_not_allowed", f"use {methods}")
            allow = [(b"allow", f"{methods}, OPTIONS".encode())]
        else:
            problem = Problem(404, "not_found", "there is nothing here; see /openapi.json")
            allow = []
        status, answer, extra = problem.answer()
        await self._reply(send, status, answer, [*extra, *allow])

    async def _batches(self, scope: Scope, send: Send) -> None:
        """The uploads of the tenant whose key it is."""
        extra: list[tuple[bytes, bytes]] = []
        try:
            key = await self._key(scope, dict(scope["headers"]), server_only=True)
            listed = await self._listing.batches(key.tenant, scope["query_string"])
            status, answer = 200, orjson.dumps(listed)
        except Problem as problem:
            status, answer, extra = problem.answer()
        await self._reply(send, status, answer, extra)

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether a load balancer may send events here, and why not."""
        reasons = []
        if self.closing:
            reasons.append("closing")
        if not self._directory.loaded:
            reasons.append("keys are not loaded")
        if not self._sink.can_take():
            reasons.append("the spool is full")
        return not reasons, {"ready": not reasons, "reasons": reasons, **self._sink.state()}

    def metrics(self) -> bytes:
        """The text of `/metrics`."""
        self._tally.flush()
        self._metrics.gauge("attributary_spool_records", self._sink.spooled)
        self._metrics.gauge("attributary_ready_state", int(self.ready()[0]))
        return self._metrics.render()


def handle(entry: Entry, items: list[Any], door: Door) -> Outcome:
    """Each item by itself: one that is refused takes no other with it."""
    outcome = Outcome([], [])
    accept = outcome.accepted.append
    handle_item = entry.handle
    for index, item in enumerate(items):
        door.index = index
        try:
            if type(item) is not dict:
                raise Refused("", "must be an object")
            accept(handle_item(item, door))
        except Refused as refused:
            outcome.rejected.append(Rejection(index, refused.field, refused.error))
    return outcome
