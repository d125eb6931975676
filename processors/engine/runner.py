"""Starts what a processor needs, runs its engine beside its background loops, and ends in order.

SIGTERM: the batch in hand is finished (one that waits for infrastructure is given up), loops are
cancelled, `stop` is called, and the process leaves within `drain_seconds` whatever hangs.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import uvloop

from processors.engine import log as logs
from processors.engine.cluster import Cluster
from processors.engine.context import Context
from processors.engine.cycle import Abandoned, Counting, Cycle, Patience
from processors.engine.failstop import STOPPED, leave, stop_now
from processors.engine.health import Health, watch_lag
from processors.engine.hops import Hops, Output, Sending
from processors.engine.kafka import Producer
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Background, Emit, Processor
from processors.engine.progress import Progress
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings, Incomplete, TraceSettings
from processors.engine.shared_clock import SharedClock
from processors.engine.spans import open_tracer
from processors.engine.spec import Spec
from schemas.topics import TOPICS

log = logging.getLogger(__name__)


class Engine(Protocol):
    """What both Kafka engines are."""

    async def run(self, stop: asyncio.Event) -> None: ...


def main(spec: Spec, settings: EngineSettings) -> None:
    """Run until SIGTERM; ends the process."""
    logs.configure(settings.log_level, processor=spec.name, replica=str(settings.replica))
    factory = uvloop.new_event_loop if spec.engine == "batches" else None
    with asyncio.Runner(loop_factory=factory) as loop:
        loop.run(run(spec, settings))


async def run(spec: Spec, settings: EngineSettings) -> None:
    """Run one processor; an unknown error ends the process with 70 before any commit."""
    spec.check()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = loop.create_task(Process(spec, settings).run(stop), name="process")
    stopping = loop.create_task(stop.wait(), name="stop")
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        await asyncio.wait({work}, timeout=settings.drain_seconds)
    stopping.cancel()
    if not work.done():
        log.error("could not stop in time", extra={"seconds": settings.drain_seconds})
        leave(STOPPED)
    if (error := work.exception()) is not None:
        if isinstance(error, Incomplete):
            raise error
        stop_now(error, what=spec.name)
    if spec.engine == "agents":
        leave(0)


class Process:
    """Everything that one replica of a processor holds."""

    def __init__(self, spec: Spec, settings: EngineSettings) -> None:
        self._spec = spec
        self._settings = settings
        self._pulse = Pulse()
        self._metrics = Metrics()
        self._health = Health(settings, pulse=self._pulse, metrics=self._metrics)
        self._patience = Patience(settings, self._pulse, self._metrics)
        self._tasks: list[asyncio.Task[None]] = []
        self._producer = Producer(
            settings.kafka_bootstrap_servers,
            prefix=settings.topic_prefix,
            linger_ms=settings.producer_linger_ms,
            compression=settings.producer_compression,
            max_in_flight_records=settings.producer_max_in_flight_records,
        )
        self._tracer = open_tracer(
            TraceSettings.load(),
            component=spec.name,
            replica=settings.replica,
            metrics=self._metrics,
        )
        self._output: Output = self._producer
        if self._tracer is not None:
            self._output = Sending(self._producer, self._tracer)

    async def run(self, stop: asyncio.Event) -> None:
        """Start, run until `stop`, stop."""
        await self._health.start()
        log.info("started", extra={"health_port": self._health.port})
        try:
            db = await self._patience.until_done("postgres", self._connect, give_up=stop.is_set)
        except Abandoned:
            return
        try:
            await self._with(db, stop)
        except Abandoned:
            log.info("stopped before the first batch")
        finally:
            await self._cancel()
            await self._producer.stop()
            if self._tracer is not None:
                await asyncio.to_thread(self._tracer.close)
            await db.close()
            await self._health.stop()

    async def _with(self, db: Database, stop: asyncio.Event) -> None:
        clock = SharedClock(db, self._patience)
        await clock.set(stop)
        self._spawn(clock.keep(stop), "clock")
        context = Context(
            name=self._spec.name,
            group=self._spec.name,
            replica=self._settings.replica,
            db=db,
            progress=Progress(self._spec.name),
            publish=self._publish,
            clock=clock,
            metrics=self._metrics,
            behind=lambda: self._pulse.behind,
            tracer=self._tracer,
        )
        processor = self._spec.factory(context)
        waiting = stop.is_set
        await self._patience.until_done("kafka", self._check_topics, give_up=waiting)
        await self._patience.until_done("start", processor.start, give_up=waiting)
        engine = self._engine(processor, context)
        self._spawn(watch_lag(self._spec, self._settings, **self._seen()), "lag")
        for loop in processor.background():
            self._spawn(self._keep(loop, stop), f"loop {getattr(loop, '__name__', '')}")
        await self._until(stop, engine)
        await self._cancel()
        await processor.stop()

    async def _until(self, stop: asyncio.Event, engine: Engine) -> None:
        """Run the engine; a loop that fails ends everything before the next commit."""
        main = asyncio.get_running_loop().create_task(engine.run(stop), name="engine")
        watched: set[asyncio.Task[None]] = {main, *self._tasks}
        while not main.done():
            done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (error := task.exception()) is not None:
                    stop_now(error, what=task.get_name())
            if stop.is_set():
                self._pulse.stopping = True

    def _engine(self, processor: Processor, context: Context) -> Engine:
        counting = Counting(context.db, context.progress) if self._spec.engine_counts else None
        cycle = Cycle(
            group=context.group,
            processor=processor,
            output=self._output,
            settings=self._settings,
            counting=counting,
            hops=self._hops(),
            **self._seen(),
        )
        return _kind(self._spec)(
            self._spec, self._settings, cycle=cycle, patience=self._patience, **self._seen()
        )

    def _hops(self) -> Hops | None:
        if self._tracer is None:
            return None
        return Hops(self._tracer, group=self._spec.name, names=self._spec.about)

    def _seen(self) -> dict[str, Any]:
        return {"pulse": self._pulse, "metrics": self._metrics}

    async def _connect(self) -> Database:
        settings = self._settings
        return await Database.connect(
            settings.database_url.get_secret_value(),
            role=settings.role_of(self._spec.name),
            max_size=settings.database_pool_max_connections,
            application_name=f"attributary-{self._spec.name}-{settings.replica}",
        )

    async def _check_topics(self) -> None:
        """Connect the producer, and see that every topic is there.

        Raises:
            Incomplete: naming the missing topics.
        """
        needed = {*self._spec.inputs, *self._spec.outputs}
        needed |= {TOPICS[topic].dead_letters for topic in self._spec.inputs}
        cluster = Cluster(
            self._settings.kafka_bootstrap_servers, prefix=self._settings.topic_prefix
        )
        async with cluster:
            if missing := await cluster.missing(needed):
                raise Incomplete(
                    f"topics are missing ({', '.join(missing)}): attributary topics;"
                    " or its user may not see them: attributary topics --acls"
                )
        await self._producer.start()

    async def _publish(self, emits: Sequence[Emit]) -> None:
        await self._patience.until_done(
            "publish",
            lambda: self._patience.for_answer("publish", self._output.send_all(emits)),
        )

    async def _keep(self, loop: Background, stop: asyncio.Event) -> None:
        """A background loop, started again after an infrastructure error; one that runs again
        waits for nothing."""
        name = f"loop {getattr(loop, '__name__', '')}"

        async def run() -> None:
            self._pulse.waiting.pop(name, None)
            await loop()

        with contextlib.suppress(Abandoned):
            await self._patience.until_done(name, run, give_up=stop.is_set)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work, name=name))

    async def _cancel(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _kind(spec: Spec) -> Callable[..., Engine]:
    """The engine of the registry; the other one is not loaded."""
    if spec.engine == "agents":
        from processors.engine.agents import Agents

        return Agents
    from processors.engine.worker import Worker

    return Worker
