"""The ASGI application: from bytes to an answer, without a framework in between.

Order of a request: route, room, key, body, signature, items, produce, answer. Nothing of an item
is ever logged, and bad input is never a 5xx.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, Final

import orjson

from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.gateway import arrival, body, dry_run, pages, pixel
from processors.gateway.access import require_json
from processors.gateway.admission import Admission
from processors.gateway.api import Api
from processors.gateway.call import Call, Scope
from processors.gateway.cors import ALLOW, Header
from processors.gateway.directory import Directory
from processors.gateway.door import Door, Outcome, Sealer
from processors.gateway.exchange import JSON, Form, Reply, Request, by_key, plain
from processors.gateway.handling import handle, told
from processors.gateway.headers import Headers
from processors.gateway.keys import Key
from processors.gateway.outlet import Outlet
from processors.gateway.policy import DEFAULT
from processors.gateway.quarantine import KINDS, Quarantine
from processors.gateway.refusal import Problem
from processors.gateway.registry import Entry, find
from processors.gateway.room import Room
from processors.gateway.settings import GatewaySettings
from processors.gateway.signatures import is_ping
from processors.gateway.sink import Unavailable
from processors.gateway.tally import Tally
from processors.gateway.terms import API
from processors.gateway.traced import Traced
from processors.gateway.uploads import Uploads
from processors.gateway.visit import Guard, set_by

log = logging.getLogger(__name__)


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PLAIN: Final = (JSON,)
_SPOOL_RETRY_SECONDS: Final = 5
_INTERNAL: Final = Problem(500, "internal", "see the gateway's log")
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
        quarantine: Quarantine | None = None,
        traced: Traced | None = None,
    ) -> None:
        self._settings = settings
        self._quarantine = quarantine
        self._traced = traced
        self._directory = directory
        self._sink = sink
        self._sealer = sealer
        self._metrics = metrics
        self._tally = Tally(metrics, telling=settings.log_events)
        self._guard = Guard(settings, metrics)
        self._clock = clock
        self._room = Room(settings)
        self._uploads = Uploads(settings, sink=sink, metrics=metrics, clock=clock)
        self._max_body = max(settings.max_batch_bytes, settings.max_event_bytes)
        self._admission = Admission(settings, directory=directory, metrics=metrics, clock=clock)
        self._headers = Headers(settings)
        self._api = Api(
            settings, admission=self._admission, directory=directory, metrics=metrics, clock=clock,
            read=self._room.read, outlet=sink,
        )  # fmt: skip
        self._millisecond = 0
        self._sequence = 0
        self.closing = False
        """Set before a stop: not ready any more, though requests are still served."""

    async def __call__(self, scope: Scope, receive: body.Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        headers = dict(scope["headers"])
        entry, rest = find(path) or (None, "")
        if entry is None or scope["method"] not in entry.methods:
            await self._page(scope, headers, entry, receive, send)
            return
        began = time.perf_counter()
        status, answer = 500, b""
        kind: Sequence[Header] = _PLAIN
        extra: list[Header] = []
        call = Call(scope, headers, receive, rest, extra)
        try:
            if entry.form is None:
                status, answer = await self._serve(entry, call)
            else:
                reply = await self._exchange(entry, entry.form, call)
                status, answer, kind = reply.status, reply.content, reply.headers
        except Problem as problem:
            status, answer, extra = problem.answer()
        except body.Disconnected:
            status = 499
            return
        except Exception as error:
            log.exception("request failed", exc_info=error)
            status, answer, extra = _INTERNAL.answer()
        finally:
            self._tally.note(entry.path, status, time.perf_counter() - began)
        if b"origin" in headers and not any(name == ALLOW for name, _ in extra):
            extra += self._admission.readers(scope, headers[b"origin"])
        await self._reply(send, status, answer, extra, kind)

    async def close(self) -> None:
        """Let go of what is open."""
        await self._api.close()

    async def sweep(self) -> None:
        """Give up bodies that stall, for ever."""
        await self._room.sweep()

    async def _serve(self, entry: Entry, call: Call) -> tuple[int, bytes]:
        """Status and answer of a POST to a handler's path."""
        scope, headers = call.scope, call.headers
        self._room.enter()
        door: Door | None = None
        try:
            key = None
            if entry.upload:
                key = await self._admission.key(scope, headers, server_only=entry.server_only)
                if key.rules is not None and key.rules.secret is not None:
                    raise Problem(403, "forbidden", "a key that signs cannot upload files")
                self._admission.charge(key, 1)
                door = self._door(scope, headers, key)
                return await self._uploads.take(entry, door, scope, call.receive)
            if entry.signed is None:
                require_json(headers)
                said = source = None
                key = await self._admission.key(scope, headers, server_only=entry.server_only)
                door = self._door(scope, headers, key)
            else:
                if is_ping(entry.signed, headers):
                    return 200, _NOTHING
                said, source = await self._admission.sender(entry.signed, headers)
                door = self._door(scope, headers, Key(source.tenant, True))
                door.sender, door.account = said.sender, said.account
                door.topic = call.rest or said.topic
            limit = self._max_body
            if entry.single and source is None:
                limit = self._settings.max_event_bytes
            raw = await self._room.body(call, limit)
            if said is not None and source is not None:
                self._admission.verify(raw, said, source)
                door.max_bytes = limit
            elif key is not None and key.rules is not None:
                self._admission.prove(key, headers, raw)
            found = body.items(
                raw,
                single=entry.single,
                wrappers=entry.wrappers,
                settings=self._settings,
                lenient=entry.signed is not None,
            )
            if key is not None and key.bucket is not None:
                self._admission.charge(key, len(found))
            outcome = self._handled(entry, found, door)
            status = await self._produce(entry, outcome, door, call)
            call.extra.extend(set_by(door))
            return status, orjson.dumps(told(entry, outcome, door))
        except Problem as problem:
            self._keep(entry, call, problem, door)
            raise
        finally:
            self._room.leave(call.held)

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
        door.failing = snapshot.failing.get(key.tenant, ())
        if key.rules is not None:
            door.denied, door.dry_run = key.rules.denied, key.rules.dry_run
        if (scope["query_string"] or dry_run.HEADER in headers) and not door.dry_run:
            door.dry_run = dry_run.is_asked(headers, scope["query_string"])
        door.guard = self._guard
        door.policy = snapshot.policies.get(key.tenant, DEFAULT)
        if key.own and arrival.HEADER in headers:
            arrival.again(door, headers[arrival.HEADER], self._guard)
        elif not key.server:
            self._guard.meet(door, scope, headers)
        return door

    async def _exchange(self, entry: Entry, form: Form, call: Call) -> Reply:
        """The answer of a door with a form of its own."""
        scope, headers = call.scope, call.headers
        self._room.enter()
        key: Key | None = None
        door: Door | None = None
        try:
            if form.who is by_key:
                key = await self._admission.key(scope, headers, server_only=entry.server_only)
                door = self._door(scope, headers, key)
            if scope["method"] == "POST":
                try:
                    await self._room.body(call, self._max_body)
                except Problem as problem:
                    if door is None and problem.error in KINDS:
                        door = await self._whose(entry, form, call)
                    raise
            request = Request.of(call, self._directory)
            if key is None or door is None:
                key = await form.who(request)
                if key is None:
                    raise self._admission.stranger("the key is missing or not known")
                key = self._admission.admitted(key, scope, headers, server_only=entry.server_only)
                door = self._door(scope, headers, key)
            self._admission.prove(key, headers, call.body)
            found = form.read(request, door, self._settings)
            self._admission.charge(key, len(found))
            outcome = self._handled(entry, found, door)
            status = await self._produce(entry, outcome, door, call)
            call.extra.extend(set_by(door))
            reply = None
            if form.respond is not None and status != 422 and not (door.dry_run or door.replay):
                reply = form.respond(outcome, door, request, status)
            return reply or plain(status, told(entry, outcome, door))
        except Problem as problem:
            self._keep(entry, call, problem, door)
            raise
        finally:
            self._room.leave(call.held)

    async def _whose(self, entry: Entry, form: Form, call: Call) -> Door | None:
        """Whose body it is that could not be read, if that stands outside of it."""
        try:
            key = await form.who(Request.of(call, self._directory))
            if key is None:
                return None
            scope, headers = call.scope, call.headers
            key = self._admission.admitted(key, scope, headers, server_only=entry.server_only)
        except Problem:
            return None
        return self._door(scope, headers, key)

    def _keep(self, entry: Entry, call: Call, problem: Problem, door: Door | None) -> None:
        """Keep a whole body that was refused for the operator, when it is known whose it is."""
        if door is not None and not door.dry_run and self._quarantine is not None:
            self._quarantine.body(entry, call, problem, door)

    def _handled(self, entry: Entry, items: list[Any], door: Door) -> Outcome:
        """What became of the items; what was refused is kept for the operator."""
        outcome = handle(entry, items, door)
        if outcome.rejected and not door.dry_run and self._quarantine is not None:
            self._quarantine.items(entry, items, outcome.rejected, door)
        return outcome

    async def _produce(self, entry: Entry, outcome: Outcome, door: Door, call: Call) -> int:
        """Produce what was accepted: 200 when all of it is in Kafka, 202 when some is spooled."""
        accepted = outcome.accepted
        if not accepted:
            return 422 if outcome.rejected else 200
        if door.dry_run:
            return 200
        try:
            if self._traced is None:
                await self._sink.put(accepted)
            else:
                await self._traced.put(self._sink, accepted, entry, call, door)
        except Unavailable:
            detail = "neither Kafka nor the spool can take it; send it again"
            raise Problem(
                503, "unavailable", detail, retry_after_seconds=_SPOOL_RETRY_SECONDS
            ) from None
        self._tally.took(entry.path, outcome, door.tenant)
        return 202 if any(row.offset is None for row in accepted) else 200

    async def _reply(
        self,
        send: Send,
        status: int,
        answer: bytes,
        extra: Iterable[Header] = (),
        kind: Sequence[Header] = _PLAIN,
        told: bool = False,
    ) -> None:
        usual = self._headers.told if told else self._headers.answer
        if kind is not _PLAIN:
            own = {name for name, _ in kind}
            usual = [header for header in usual if header[0] not in own]
        headers = [*kind, *usual, *extra]
        if status != 204:
            headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _page(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        entry: Entry | None,
        receive: body.Receive,
        send: Send,
    ) -> None:
        """Everything that is not a POST to a handler."""
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS" and (entry is not None or path.startswith(API)):
            await self._reply(send, 204, b"", self._admission.preflight(scope, headers))
            return
        if (work := self._api.answer(scope, headers, receive)) is not None:
            await self._told(scope, headers, send, work)
            return
        if method in ("GET", "HEAD"):
            if await pixel.serve(scope, send, self._headers.always):
                return
            found = pages.page(path, self)
            if found is not None:
                status, kind, content = found
                length = (b"content-length", b"%d" % len(content))
                shown_as = [(b"content-type", kind), length, *self._headers.page(kind, content)]
                await send({"type": "http.response.start", "status": status, "headers": shown_as})
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

    async def _told(
        self, scope: Scope, headers: dict[bytes, bytes], send: Send, work: Awaitable[bytes | Reply]
    ) -> None:
        """Answer with what comes of the work."""
        status, answer = 200, b""
        extra: list[Header] = []
        try:
            found = await work
            if isinstance(found, Reply):
                status, answer = found.status, found.content
            else:
                answer = found
        except Problem as problem:
            status, answer, extra = problem.answer()
        except body.Disconnected:
            return
        except Exception as error:
            log.exception("request failed", exc_info=error)
            status, answer, extra = _INTERNAL.answer()
        if b"origin" in headers:
            extra += self._admission.readers(scope, headers[b"origin"])
        await self._reply(send, status, answer, extra, told=True)

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether a load balancer may send events here, and why not."""
        reasons = []
        if self.closing:
            reasons.append("closing")
        if not self._directory.loaded:
            reasons.append("keys are not loaded")
        if not self._sink.can_take():
            reasons.append(pages.SPOOL_FULL)
        return not reasons, {"ready": not reasons, "reasons": reasons, **self._sink.state()}

    def metrics(self) -> bytes:
        """The text of `/metrics`."""
        self._tally.flush()
        self._guard.flush()
        self._metrics.gauge("attributary_spool_records", self._sink.spooled)
        self._metrics.gauge("attributary_ready_state", int(self.ready()[0]))
        return self._metrics.render()
