"""A collector of traces: real OTLP over HTTP, which keeps what it was sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

JSON = str | int | float | bool


@dataclass(frozen=True)
class Seen:
    """A span as it was exported; the parent of a root is empty."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    links: tuple[str, ...]
    began: int
    ended: int
    failed: bool
    attributes: dict[str, JSON] = field(hash=False)

    @property
    def hop(self) -> tuple[str, str]:
        """Who did what."""
        return self.service.removeprefix("attributary-"), self.name


class Collector:
    """What has come so far; `status` is what it answers."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        self.status = 200
        self.url = ""

    def of(self, trace: str) -> list[Seen]:
        """The spans of a trace, in the order of their beginning."""
        return sorted((s for s in self.spans if s.trace == trace), key=lambda s: s.began)

    def path(self, leaf: Seen) -> list[tuple[str, str]]:
        """The hops from the trace's root to a span; a parent that is missing is `?`."""
        by_id = {span.span: span for span in self.spans}
        hops = [leaf.hop]
        while leaf.parent:
            found = by_id.get(leaf.parent)
            if found is None:
                return [("?", leaf.parent), *hops]
            leaf = found
            hops.insert(0, leaf.hop)
        return hops

    def take(self, body: bytes) -> None:
        """Keep the spans of a request."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = str(_plain(resource.resource.attributes)["service.name"])
            for scope in resource.scope_spans:
                self.spans += [_seen(service, span) for span in scope.spans]


def _seen(service: str, span: Any) -> Seen:
    return Seen(
        service=service,
        name=span.name,
        trace=span.trace_id.hex(),
        span=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        failed=span.status.code == 2,
        attributes=_plain(span.attributes),
    )


def _plain(pairs: Sequence[Any]) -> dict[str, JSON]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens, on a thread of its own."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces" and collector.status == 200:
                collector.take(body)
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
