"""What the rest of the project knows of traces: a tracer, its spans, and the header in which they
travel. Without a tracer there is none of it.

A trace goes on by W3C trace context (https://www.w3.org/TR/trace-context/): `traceparent` holds the
ids of a trace and of the span that caused what carries it. Only sampled records carry one, so its
presence is the decision, made once where the event came in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from processors.engine.metrics import Metrics
from processors.engine.settings import TraceSettings

TRACEPARENT: Final = "traceparent"
MOST_LINKS: Final = 64

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int | float | bool]

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NOTHING: Final[Attributes] = {}


class Span(Protocol):
    """A piece of work under way. No attribute names a person, an address or a whole URL."""

    @property
    def traceparent(self) -> str:
        """What the work's effects carry."""

    def end(self, attributes: Attributes = _NOTHING, *, error: str | None = None) -> None:
        """The work is over; `error` is the name of what went wrong, never its text."""


class Tracer(Protocol):
    """Makes spans and sends them away, never waiting for who takes them."""

    def draws(self) -> bool:
        """Whether an event that brings no trace is to have one: true for the sampled share."""

    def start(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        links: Sequence[str] = (),
        since_ms: int | None = None,
        attributes: Attributes = _NOTHING,
    ) -> Span:
        """Begin a span: of the parent's trace, else of a new one. `since_ms` (epoch) is when the
        work began, if not now."""

    def close(self) -> None:
        """Send what is left, for a bounded time. Blocks: call it in a thread."""


def open_tracer(
    settings: TraceSettings, *, component: str, metrics: Metrics, replica: int = 0
) -> Tracer | None:
    """The tracer of this process; None, and nothing of OpenTelemetry is loaded, without an
    endpoint."""
    if not settings.url:
        return None
    from processors.engine.tracing import OtelTracer

    return OtelTracer(settings, component=component, replica=replica, metrics=metrics)


class Context(NamedTuple):
    """A `traceparent` that could be read."""

    traceparent: str
    sampled: bool


def read(text: str) -> Context | None:
    """A header's content; None for what is no trace context."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if (
        version == "ff"
        or (version == "00" and more)
        or not (int(trace_id, 16) and int(span_id, 16))
    ):
        return None
    sampled = bool(int(flags, 16) & 1)
    return Context(f"00-{trace_id}-{span_id}-{int(sampled):02x}", sampled)


def carried(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The `traceparent` of a record that has headers, if it is of a sampled trace."""
    for name, value in headers:
        if name == TRACEPARENT and value is not None:
            context = read(value.decode("ascii", "replace"))
            if context is not None and context.sampled:
                return context.traceparent
    return None


def trace_id(traceparent: str) -> str:
    """The id by which a trace is looked up."""
    return traceparent[3:35]


def headers(traceparent: str) -> list[tuple[str, bytes]]:
    """The headers of a record of a trace."""
    return [(TRACEPARENT, traceparent.encode())]


def listed(given: Any) -> Iterable[tuple[str, bytes | None]]:
    """Headers in whatever shape a Kafka client has them."""
    return given.items() if isinstance(given, Mapping) else given
