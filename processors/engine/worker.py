"""The batches engine: an aiokafka loop. For the firehose, where a record is worth microseconds.

poll -> decode -> process -> send, await every ack -> acknowledged -> commit. A rebalance waits for
the batch in hand; a batch that waits for infrastructure is given up instead, since its partitions
are wanted elsewhere and nothing of it is committed.
"""

import asyncio
import logging
from time import monotonic
from typing import Final

from processors.engine.cycle import Abandoned, Cycle, Patience
from processors.engine.kafka import Consumer, KafkaError, Moved, is_transient
from processors.engine.metrics import Metrics
from processors.engine.order import Order
from processors.engine.pace import Pace, until
from processors.engine.processor import Message
from processors.engine.pulse import Place, Pulse
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec

log = logging.getLogger(__name__)

FETCH_MS: Final = 20
"""For one answer of a broker that has something."""


class Worker:
    """Runs one processor's batches until it is told to stop."""

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
        self._patience = patience
        self._order = Order(spec, settings, patience=patience)
        self._pulse = pulse
        self._metrics = metrics
        self._max_records = spec.batch_max_records or settings.batch_max_records
        self._pace = Pace(full=self._max_records, rest_max_seconds=settings.rest_max_ms / 1000)

    async def run(self, stop: asyncio.Event) -> None:
        """Return after `stop` is set and the batch in hand is committed or given up."""
        while not stop.is_set():
            try:
                consumer = await self._patience.until_done("kafka", self._join, give_up=stop.is_set)
            except Abandoned:
                return
            try:
                rest = 0.0
                while not stop.is_set():
                    rest = await self._turn(consumer, stop, rested=rest > 0)
                    if rest:
                        await until(stop, rest)
            except KafkaError as error:
                if not is_transient(error):
                    raise
                log.warning("joining again", extra={"reason": type(error).__name__})
                await asyncio.sleep(self._settings.retry_first_seconds)
            finally:
                self._pulse.assigned = None
                await consumer.stop()

    async def _join(self) -> Consumer:
        consumer = Consumer(
            self._settings,
            group=self._spec.name,
            topics=self._spec.inputs,
            on_assigned=self._on_assigned,
        )
        await consumer.start()
        return consumer

    def _on_assigned(self, places: frozenset[Place]) -> None:
        self._order.forget()
        self._pulse.assigned = places
        self._metrics.count("attributary_rebalances_total")
        log.info("assigned", extra={"partitions": len(places)})

    async def _poll(self, consumer: Consumer, *, rested: bool) -> list[Message]:
        """The next records; after a rest all that came meanwhile: the client has fetched only what
        came first of it, and fetches the others once that is taken."""
        most = self._max_records
        if rested and (found := await consumer.poll(max_records=most, timeout_ms=0)):
            if len(found) < most:
                found += await consumer.poll(max_records=most - len(found), timeout_ms=FETCH_MS)
            return found
        return await consumer.poll(max_records=most, timeout_ms=self._settings.poll_timeout_ms)

    async def _turn(self, consumer: Consumer, stop: asyncio.Event, *, rested: bool) -> float:
        """Poll and run a batch; returns how many seconds to rest after it."""

        def give_up() -> bool:
            return stop.is_set() or consumer.revoking

        async with consumer.lock:
            messages = await self._poll(consumer, rested=rested)
            self._pulse.behind = consumer.behind()
            if not messages:
                return 0.0
            started = monotonic()
            try:
                await self._order.check(messages, give_up=give_up)
                await self._cycle.run(messages, give_up=give_up)
                await self._patience.for_answer(
                    "commit", consumer.commit(messages), give_up=give_up
                )
            except Abandoned:
                log.info("batch given up", extra={"records": len(messages)})
            except Moved:
                log.info("batch moved to another member", extra={"records": len(messages)})
        taken, pulse = monotonic() - started, self._pulse
        return self._pace.rest(len(messages), taken, behind=pulse.behind, share=pulse.share)
