"""OpenTelemetry: the only importer of it, and only where traces are on.

Spans wait in a bounded queue and leave it in a thread of its own, as OTLP over HTTP. When the
collector is away, slow or refuses, spans are dropped and counted; nothing else notices.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Final, Literal

from opentelemetry.context import Context as Empty
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as ApiSpan

from processors.engine.metrics import Metrics
from processors.engine.settings import TraceSettings
from processors.engine.spans import MOST_LINKS, Attributes, Kind

log = logging.getLogger(__name__)

BATCH_SPANS: Final = 512
_NOTHING: Final[Attributes] = {}
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_KINDS: Final[dict[Kind, SpanKind]] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_IDS: Final = 1 << 64

Count = Callable[[Literal["exported", "dropped"], int], None]


class OtelTracer:
    """A tracer of one process (`spans.Tracer`)."""

    def __init__(
        self, settings: TraceSettings, *, component: str, replica: int, metrics: Metrics
    ) -> None:
        resource = Resource.create(
            {
                "service.name": f"attributary-{component}",
                "service.namespace": "attributary",
                "service.instance.id": f"{component}-{replica}",
            }
        )
        self._ids = RandomIdGenerator()
        self._bound = round(settings.ratio * _IDS)
        self._outbox = Outbox(
            settings,
            OTLPSpanExporter(endpoint=settings.url, timeout=settings.timeout_seconds),
            count=lambda outcome, n: metrics.count("attributary_spans_total", n, outcome=outcome),
        )
        provider = TracerProvider(
            sampler=ALWAYS_ON, resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        provider.add_span_processor(self._outbox)
        self._tracer = provider.get_tracer("attributary")

    def draws(self) -> bool:
        """Whether an event that brings no trace is to have one."""
        return self._ids.generate_span_id() < self._bound

    def start(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        links: Sequence[str] = (),
        since_ms: int | None = None,
        attributes: Attributes = _NOTHING,
    ) -> "OtelSpan":
        """Begin a span."""
        context = Empty()
        if parent is not None:
            context = set_span_in_context(NonRecordingSpan(_context(parent)), context)
        return OtelSpan(
            self._tracer.start_span(
                name,
                context,
                _KINDS[kind],
                attributes,
                [Link(_context(link)) for link in links[:MOST_LINKS]],
                None if since_ms is None else since_ms * 1_000_000,
            )
        )

    def close(self) -> None:
        """Send what is left, for a bounded time."""
        self._outbox.shutdown()


class OtelSpan:
    """A span under way (`spans.Span`)."""

    __slots__ = ("_inner", "traceparent")

    def __init__(self, inner: ApiSpan) -> None:
        self._inner = inner
        ids = inner.get_span_context()
        self.traceparent = f"00-{ids.trace_id:032x}-{ids.span_id:016x}-01"

    def end(self, attributes: Attributes = _NOTHING, *, error: str | None = None) -> None:
        """The work is over."""
        self._inner.set_attributes(attributes)
        if error is not None:
            self._inner.set_attribute("error.type", error)
            self._inner.set_status(Status(StatusCode.ERROR))
        self._inner.end()


class Outbox(SpanProcessor):
    """Ended spans on their way to the collector; a full one drops, and nobody waits."""

    def __init__(
        self, settings: TraceSettings, exporter: OTLPSpanExporter, *, count: Count
    ) -> None:
        self._exporter = exporter
        self._count = count
        self._most = settings.queue_spans
        self._every = settings.export_seconds
        self._flush = settings.flush_seconds
        self._waiting: deque[ReadableSpan] = deque()
        self._wake = Event()
        self._deadline: float | None = None
        self._thread = Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def on_start(self, span: SdkSpan, parent_context: Empty | None = None) -> None:
        """Nothing yet."""

    def on_end(self, span: ReadableSpan) -> None:
        """Keep it, if there is room."""
        if len(self._waiting) >= self._most or self._deadline is not None:
            self._count("dropped", 1)
            return
        self._waiting.append(span)
        if len(self._waiting) >= BATCH_SPANS:
            self._wake.set()

    def shutdown(self) -> None:
        """Send what is left within the bound; what is not sent then is dropped."""
        self._deadline = monotonic() + self._flush
        self._wake.set()
        self._thread.join(self._flush)
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
        if left := len(self._waiting):
            self._waiting.clear()
            self._count("dropped", left)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 (the SDK's)
        """Nobody asks for it."""
        return False

    def _run(self) -> None:
        while True:
            self._wake.wait(self._every)
            self._wake.clear()
            while self._waiting:
                self._export()
                if self._deadline is not None and monotonic() > self._deadline:
                    return
            if self._deadline is not None:
                return

    def _export(self) -> None:
        waiting = self._waiting
        batch = [waiting.popleft() for _ in range(min(len(waiting), BATCH_SPANS))]
        try:
            sent = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception as error:
            log.warning("spans are lost", exc_info=error)
            sent = False
        self._count("exported" if sent else "dropped", len(batch))


def _context(traceparent: str) -> SpanContext:
    trace_id, span_id = int(traceparent[3:35], 16), int(traceparent[36:52], 16)
    return SpanContext(trace_id, span_id, True, _SAMPLED)
