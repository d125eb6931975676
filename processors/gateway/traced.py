"""A request that is traced, and the records that it makes.

Whose `traceparent` decides is a setting: a sampled parent asks for work, and a browser must not be
able to. Everybody else's requests are drawn by lot. Only what is produced is traced: a refusal has
no way to follow.
"""

from collections.abc import Sequence
from typing import Final, Literal

from processors.engine.hops import of_sending, place_of
from processors.engine.spans import Span, Tracer, read, trace_id
from processors.gateway.call import Call
from processors.gateway.door import Accepted, Door
from processors.gateway.outlet import Outlet
from processors.gateway.registry import Entry

Parents = Literal["none", "server", "all"]

_TRACEPARENT: Final = b"traceparent"
ANSWER: Final = b"x-trace-id"
"""The header of an answer that names the request's trace."""


class Traced:
    """The traces that begin here, or go on."""

    def __init__(self, tracer: Tracer, *, parents: Parents) -> None:
        self._tracer = tracer
        self._parents = parents

    async def put(
        self, sink: Outlet, rows: Sequence[Accepted], entry: Entry, call: Call, door: Door
    ) -> None:
        """The sink's own `put`, with a span for the request and one for each record if it is
        sampled; the answer then names the trace.

        Raises:
            Unavailable: as the sink.
        """
        parent: str | None = None
        said = call.headers.get(_TRACEPARENT)
        context = None if said is None else read(said.decode("latin-1"))
        if context is not None and self._believes(door):
            if not context.sampled:
                return await sink.put(rows)
            parent = context.traceparent
        elif not self._tracer.draws():
            return await sink.put(rows)
        method = call.scope["method"]
        request = self._tracer.start(
            f"{method} {entry.path}",
            "server",
            parent=parent,
            since_ms=door.received_at,
            attributes={
                "http.request.method": method,
                "http.route": entry.path,
                "attributary.tenant": door.tenant,
                "attributary.records": len(rows),
            },
        )
        call.extra.append((ANSWER, trace_id(request.traceparent).encode()))
        await self._put(sink, rows, request, door.tenant)

    def _believes(self, door: Door) -> bool:
        """Whether its traceparent decides; a signed webhook is nobody's key."""
        if self._parents == "server":
            return door.server and not door.sender
        return self._parents == "all"

    async def _put(
        self, sink: Outlet, rows: Sequence[Accepted], request: Span, tenant: str
    ) -> None:
        spans: list[Span] = []
        for row in rows:
            topic = row.raw.topic
            span = self._tracer.start(
                f"send {topic}",
                "producer",
                parent=request.traceparent,
                attributes=of_sending(topic, tenant),
            )
            row.raw = row.raw._replace(traceparent=span.traceparent)
            spans.append(span)
        try:
            await sink.put(rows)
        except BaseException as error:
            for span in (*spans, request):
                span.end(error=type(error).__name__)
            raise
        for row, span in zip(rows, spans, strict=True):
            if row.partition is None or row.offset is None:
                span.end({"attributary.spooled": True})
            else:
                span.end(place_of(row.partition, row.offset))
        request.end({"attributary.spooled": any(row.offset is None for row in rows)})
