"""Runs the gateway: what it is wired of, how it starts, and how it lets go.

On SIGTERM it first stops to be ready (so that a load balancer looks elsewhere), serves on for a
moment, finishes the requests in flight, and leaves the rest of the spool to its next start.
"""

import asyncio
import contextlib
import gc
import logging
from base64 import b64decode
from binascii import Error as Base64Error
from functools import partial
from types import FrameType
from typing import cast

import uvicorn

from processors.engine.clock import wall_clock
from processors.engine.kafka import KafkaError, Producer
from processors.engine.metrics import Metrics
from processors.engine.sealing import Sealer
from processors.engine.settings import Incomplete, TraceSettings
from processors.engine.spans import open_tracer
from processors.engine.vault import Vault
from processors.gateway import routes
from processors.gateway.app import App
from processors.gateway.connection import Bounds, Connection, sweep
from processors.gateway.directory import Directory
from processors.gateway.person_keys import PersonKeys
from processors.gateway.quarantine import Quarantine
from processors.gateway.settings import GatewaySettings
from processors.gateway.sink import Sink
from processors.gateway.spool import Spool
from processors.gateway.traced import Traced

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn, which is told to stop a moment after readiness has gone."""

    def __init__(self, config: uvicorn.Config, *, app: App, delay_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._delay_seconds = delay_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """First signal: not ready, then stop. Second: stop now."""
        if self._app.closing:
            super().handle_exit(sig, frame)
            return
        self._app.closing = True
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(loop.call_later, self._delay_seconds, self._stop)

    def _stop(self) -> None:
        self.should_exit = True


async def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        Incomplete: when a key cannot be used, or another process has the spool.
    """
    producer = Producer(
        settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        linger_ms=0,
        timeout_ms=int(settings.produce_timeout_seconds * 1000),
    )
    spool = Spool(
        settings.spool_dir,
        max_bytes=settings.spool_max_bytes,
        segment_bytes=settings.spool_segment_bytes,
    )
    sink = Sink(settings, producer=producer, spool=spool)
    directory = Directory(
        settings, vault=Vault(settings.vault_key.get_secret_value()), clock=wall_clock
    )
    metrics = Metrics()
    keys = PersonKeys(settings, sealer=_sealer(settings), outlet=sink)
    tracing = TraceSettings.load()
    tracer = open_tracer(tracing, component="gateway", metrics=metrics)
    app = App(
        settings,
        directory=directory,
        sink=keys,
        sealer=keys,
        metrics=metrics,
        clock=wall_clock,
        quarantine=Quarantine(settings, outlet=keys, metrics=metrics),
        traced=None if tracer is None else Traced(tracer, parents=tracing.parents),
    )
    log.info("gateway starts", extra={"handlers": len(routes.__all__)})
    await asyncio.to_thread(sink.open)
    # The first event should not wait for a connection; without brokers we start all the same.
    try:
        async with asyncio.timeout(settings.produce_timeout_seconds):
            await producer.start()
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("no brokers yet, spooling", exc_info=error)
    # What is alive now lives on; and a batch makes thousands of objects that die with it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        await _run(settings, app=app, sink=sink, directory=directory, keys=keys)
    finally:
        await producer.stop()
        if tracer is not None:
            await asyncio.to_thread(tracer.close)
        await directory.close()
        await keys.close()
        await app.close()
        sink.close()


async def _run(
    settings: GatewaySettings, *, app: App, sink: Sink, directory: Directory, keys: PersonKeys
) -> None:
    """The server, and the loops beside it; one that fails stops the process."""
    bounds = bounds_of(settings, app)
    server = Server(
        config_of(settings, app, bounds), app=app, delay_seconds=settings.ready_delay_seconds
    )
    loops = [
        asyncio.ensure_future(work)
        for work in (
            sink.run(),
            sink.refill(),
            directory.run(),
            keys.run(),
            app.sweep(),
            sweep(server.server_state.connections, bounds),
        )
    ]
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.wait([serving, *loops], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        await asyncio.wait_for(sink.drained(), settings.drain_seconds)
    finally:
        for task in loops:
            task.cancel()
        ended = await asyncio.gather(*loops, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


def bounds_of(settings: GatewaySettings, app: App) -> Bounds:
    """What a connection may cost."""
    return Bounds(
        max_connections=settings.max_connections,
        max_url_bytes=settings.max_url_bytes,
        max_head_bytes=settings.max_head_bytes,
        max_head_fields=settings.max_head_fields,
        head_seconds=settings.head_timeout_seconds,
        rest_seconds=settings.body_timeout_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        closing=lambda: app.closing,
    )


def config_of(settings: GatewaySettings, app: App, bounds: Bounds) -> uvicorn.Config:
    """How uvicorn listens."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=cast(type[asyncio.Protocol], partial(Connection, bounds=bounds)),
        loop="none",
        lifespan="off",
        ws="none",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        backlog=2048,
        timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=settings.forwarded_allow_ips or None,
    )


def _sealer(settings: GatewaySettings) -> Sealer:
    with contextlib.suppress(Base64Error):
        return Sealer(b64decode(settings.seal_key.get_secret_value(), validate=True))
    raise Incomplete("ATTRIBUTARY_SEAL_KEY: not base64")
