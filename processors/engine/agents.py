"""The agents engine: Faust, fenced in so that it can lose nothing. The only importer of it.

Faust acks a record when the agent's body ends, however it ends, and then commits it (engine.md,
M1 to M5). So the body never ends for a record that is not done: what cannot be known stops the
process, and at SIGTERM the process leaves without Faust's own shutdown, which would ack what was
only buffered. Faust also treats an offset that it skipped as done, so every batch is checked for
the order of its offsets. Faust produces nothing: output goes through our own producer and is
acked before the body ends.
"""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

import faust
from faust.auth import Credentials, SASLCredentials, SSLCredentials

from processors.engine.cycle import Abandoned, Cycle, Patience
from processors.engine.failstop import stop_now
from processors.engine.kafka import fetches_no_more
from processors.engine.kafka_security import KafkaSecurity
from processors.engine.metrics import Metrics
from processors.engine.order import Order
from processors.engine.pace import Pace, until
from processors.engine.processor import Message
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.engine.spans import carried, listed
from processors.engine.spec import Spec

log = logging.getLogger(__name__)

COMMIT_INTERVAL_SECONDS: Final = 1.0
ACK_SECONDS: Final = 2.0
CRASH_CHECK_SECONDS: Final = 0.5
REQUEST_SECONDS: Final = 90.0
"""Faust's own; it refuses to start with a longer session."""
NEVER_SECONDS: Final = 1_000_000.0
DATA_FOLDER: Final = Path(tempfile.gettempdir()) / "attributary-agents"
"""Faust makes a folder also when it has no tables; it stays empty."""


class Agents:
    """Runs one processor's batches in one agent of one app."""

    def __init__(
        self,
        spec: Spec,
        settings: EngineSettings,
        *,
        cycle: Cycle,
        patience: Patience,
        pulse: Pulse,
        metrics: Metrics,
    ) -> None:
        self._spec = spec
        self._settings = settings
        self._cycle = cycle
        self._pulse = pulse
        self._metrics = metrics
        self._max_records = spec.batch_max_records or settings.batch_max_records
        self._pace = Pace(full=self._max_records, rest_max_seconds=settings.rest_max_ms / 1000)
        self._lock = asyncio.Lock()
        self._stop = asyncio.Event()
        self._latest: Sequence[Any] = ()
        self._order = Order(spec, settings, patience=patience)

    async def run(self, stop: asyncio.Event) -> None:
        """Return after `stop` is set and the batch in hand is committed or given up.

        The caller must end the process then, without letting Faust shut down.
        """
        self._stop = stop
        app = self._app()
        await app.start()
        while not stop.is_set():
            if app.should_stop or app.crashed:
                raise RuntimeError("Faust stopped by itself") from app.crash_reason
            if _fetches_no_more(app):
                raise RuntimeError("Faust's client has failed and fetches no more")
            await until(stop, CRASH_CHECK_SECONDS)
        await self._lock.acquire()  # for good: no further batch starts
        deadline = monotonic() + ACK_SECONDS
        while self._unacked() and monotonic() < deadline:  # noqa: ASYNC110 (Faust tells nobody)
            await asyncio.sleep(0.01)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.consumer.commit(), ACK_SECONDS)

    def _unacked(self) -> bool:
        """Whether Faust has yet to ack the batch that was done last."""
        return not all(event.message.acked for event in self._latest)

    def _app(self) -> faust.App:
        settings = self._settings
        group = settings.topic_prefix + self._spec.name
        brokers = settings.kafka_bootstrap_servers.split(",")
        app = faust.App(
            group,
            broker=";".join(f"kafka://{broker.strip()}" for broker in brokers),
            broker_credentials=_credentials(KafkaSecurity.load().options()),
            datadir=DATA_FOLDER,
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            processing_guarantee="at_least_once",
            table_standby_replicas=0,
            producer_threaded=False,
            cython_optimizations=False,
            key_serializer="raw",
            value_serializer="raw",
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=settings.instance_id(self._spec.name),
            broker_client_id=settings.instance_id(self._spec.name),
            broker_commit_interval=COMMIT_INTERVAL_SECONDS,
            broker_max_poll_records=self._max_records,
            broker_max_poll_interval=NEVER_SECONDS,
            broker_session_timeout=settings.session_timeout_ms / 1000,
            broker_request_timeout=max(REQUEST_SECONDS, settings.session_timeout_ms / 1000),
            broker_heartbeat_interval=settings.heartbeat_interval_ms / 1000,
            broker_rebalance_timeout=settings.rebalance_timeout_ms / 1000,
        )
        topic = app.topic(
            *(settings.topic_prefix + name for name in self._spec.inputs),
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )
        app.agent(topic, name=self._spec.name, concurrency=1)(self._consume)
        app.on_partitions_revoked.connect(self._on_revoked, weak=False)
        app.on_partitions_assigned.connect(self._on_assigned, weak=False)
        app.finalize()
        return app

    async def _consume(self, stream: Any) -> None:
        within = self._settings.take_within_ms / 1000
        async for events in stream.take_events(self._max_records, within=within):
            try:
                started = monotonic()
                await self._batch(events)
                # Faust acks what this body had when it asks for more.
                rest = self._pace.rest(len(events), monotonic() - started, share=self._pulse.share)
                await until(self._stop, rest)
            except BaseException as error:
                stop_now(error, what=self._spec.name)

    async def _batch(self, events: Sequence[Any]) -> None:
        messages = [self._message(event.message) for event in events]
        try:
            async with self._lock:
                await self._order.check(messages, give_up=self._stop.is_set)
                await self._cycle.run(messages, give_up=self._stop.is_set)
                self._latest = events
        except Abandoned:
            await asyncio.sleep(NEVER_SECONDS)

    def _message(self, raw: Any) -> Message:
        return Message(
            raw.topic[len(self._settings.topic_prefix) :],
            raw.partition,
            raw.offset,
            round(raw.timestamp * 1000),
            raw.key,
            raw.value,
            carried(listed(raw.headers)) if raw.headers else None,
        )

    async def _on_revoked(self, *_: object, **__: object) -> None:
        """Faust lets go only after the batch in hand."""
        if not self._stop.is_set():
            async with self._lock:
                self._order.forget()

    async def _on_assigned(self, *given: Any, **_: object) -> None:
        assigned = given[-1]  # the app, or nothing, stands before it
        cut = len(self._settings.topic_prefix)
        self._order.forget()
        self._pulse.assigned = frozenset((place.topic[cut:], place.partition) for place in assigned)
        self._metrics.count("attributary_rebalances_total")
        log.info("assigned", extra={"partitions": len(self._pulse.assigned)})


def _fetches_no_more(app: faust.App) -> bool:
    """Whether its client has failed for good, which Faust is not told."""
    consumer: Any = app.consumer
    client = getattr(consumer._thread, "_consumer", None)
    return client is not None and fetches_no_more(client)


def _credentials(options: Mapping[str, Any]) -> Credentials | None:
    """The options of aiokafka, which is what Faust works with, in Faust's own words."""
    context = options.get("ssl_context")
    if "sasl_mechanism" in options:
        return SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return None if context is None else SSLCredentials(context)
