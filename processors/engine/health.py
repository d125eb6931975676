"""Health over HTTP, on a server of a few lines: `/healthz`, `/readyz` and `/metrics`.

Alive means that the loop turns and no batch is stuck, unless it waits for infrastructure, which a
restart would not mend. Ready means that partitions are assigned and nothing is waited out.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Final

from processors.engine.cluster import Cluster
from processors.engine.kafka import KafkaError
from processors.engine.metrics import Metrics
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec

log = logging.getLogger(__name__)

REQUEST_SECONDS: Final = 5.0
HEAD_BYTES: Final = 8_192
_REASONS: Final = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


class Health:
    """Answers for one process."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        pulse: Pulse,
        metrics: Metrics,
        about: Callable[[], dict[str, object]] = dict,
    ) -> None:
        self._about = about
        self._settings = settings
        self._pulse = pulse
        self._metrics = metrics
        self._server: asyncio.Server | None = None
        self.port = settings.health_port

    async def start(self) -> None:
        """Listen; `port` is then the real one."""
        self._server = await asyncio.start_server(
            self._answer,
            self._settings.health_host,
            self._settings.health_port,
            limit=HEAD_BYTES,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_SECONDS)
            path = head.split(b" ", 2)[1].split(b"?")[0].decode("ascii", "replace")
            status, kind, body = self.respond(path)
            writer.write(
                f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()

    def respond(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a path."""
        match path:
            case "/healthz":
                stuck = self._stuck()
                return _json(503 if stuck else 200, {"alive": not stuck, **self._state()})
            case "/readyz":
                reasons = self._pulse.reasons()
                return _json(
                    503 if reasons else 200,
                    {"ready": not reasons, "reasons": reasons, **self._state()},
                )
            case "/metrics":
                ready = not self._pulse.reasons()
                self._metrics.gauge("attributary_ready_state", int(ready))
                return 200, "text/plain; version=0.0.4; charset=utf-8", self._metrics.render()
        return _json(404, {"error": "not found"})

    def _stuck(self) -> bool:
        waiting = bool(self._pulse.waiting)
        return not waiting and self._pulse.batch_seconds() > self._settings.stuck_seconds

    def _state(self) -> dict[str, object]:
        assigned = self._pulse.assigned or frozenset()
        return {
            "partitions": len(assigned),
            "batches": self._pulse.batches,
            "batch_seconds": round(self._pulse.batch_seconds(), 3),
            **self._about(),
        }


def _json(status: int, body: dict[str, object]) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(body).encode() + b"\n"


async def watch_lag(
    spec: Spec, settings: EngineSettings, *, pulse: Pulse, metrics: Metrics
) -> None:
    """Refresh the lag of the assigned partitions for ever: end offset less committed offset."""
    while True:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            cluster = Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
            async with cluster:
                while True:
                    await _refresh(cluster, spec, pulse=pulse, metrics=metrics)
                    await asyncio.sleep(settings.lag_refresh_seconds)
        await asyncio.sleep(settings.lag_refresh_seconds)


async def _refresh(cluster: Cluster, spec: Spec, *, pulse: Pulse, metrics: Metrics) -> None:
    ends = await cluster.end_offsets(spec.inputs)
    begins = await cluster.begin_offsets(spec.inputs)
    committed = await cluster.committed(spec.name)
    pulse.of = len(ends)
    metrics.forget("attributary_lag_records")
    for topic, partition in pulse.assigned or ():
        place = (topic, partition)
        lag = max(0, ends[place] - committed.get(place, begins[place]))
        metrics.gauge("attributary_lag_records", lag, topic=topic, partition=str(partition))
