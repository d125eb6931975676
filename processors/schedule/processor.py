"""One replica: follows until it holds the lock, then runs what is due, and says so in its health.

Losing the connection that holds the lock is losing the lead: jobs in hand are cancelled, and the
next leader runs their slots again. A session that is silent for the length of the lease is ended
by Postgres, so a paused leader does not lead for ever. When it wakes it may believe for a moment
that it leads; the key of `job_runs` keeps it from running a slot that another has begun.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from processors.engine import log as logs
from processors.engine.cluster import Cluster
from processors.engine.cycle import Abandoned, Patience, is_transient
from processors.engine.health import Health
from processors.engine.kafka import Producer
from processors.engine.metrics import Metrics
from processors.engine.pace import until
from processors.engine.postgres import Connection, Database
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.engine.shared_clock import SharedClock
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule import handle, store
from processors.schedule.handle import Due, Run, due
from processors.schedule.settings import ScheduleSettings
from processors.schedule.store import QUERIES
from processors.schedule.tools import Failed, Job, Tools

log = logging.getLogger(__name__)

NAME = "schedule"


async def serve(settings: EngineSettings, own: ScheduleSettings, jobs: Iterable[Job]) -> None:
    """Run one replica until SIGTERM."""
    logs.configure(settings.log_level, processor=NAME, replica=str(settings.replica))
    vault = Vault.from_environment()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pulse, metrics = Pulse(assigned=frozenset()), Metrics()
    patience = Patience(settings, pulse, metrics)
    prefix = settings.topic_prefix
    producer = Producer(settings.kafka_bootstrap_servers, prefix=prefix)
    replica = Replica(tuple(jobs), pulse=pulse, metrics=metrics)
    health = Health(settings, pulse=pulse, metrics=metrics, about=replica.about)
    await health.start()
    log.info("started", extra={"health_port": health.port})
    try:
        db = await patience.until_done(
            "postgres", partial(_connect, settings, own), give_up=stop.is_set
        )
        try:
            await patience.until_done("kafka", producer.start, give_up=stop.is_set)
            clock = SharedClock(db, patience)
            await clock.set(stop)
            tools = Tools(
                db=db,
                producer=producer,
                cluster=lambda: Cluster(settings.kafka_bootstrap_servers, prefix=prefix),
                vault=vault,
                settings=own,
                reading=ReadingSettings.load(),
                clock=clock,
                metrics=metrics,
            )
            async with asyncio.TaskGroup() as tasks:
                keeping = tasks.create_task(clock.keep(stop))
                await replica.run(tools, stop)
                keeping.cancel()
        finally:
            await producer.stop()
            await db.close()
    except Abandoned:
        log.info("stopped before the first job")
    finally:
        await health.stop()


async def _connect(settings: EngineSettings, own: ScheduleSettings) -> Database:
    return await Database.connect(
        settings.database_url.get_secret_value(),
        role=own.role,
        max_size=settings.database_pool_max_connections,
        application_name=f"attributary-{NAME}-{settings.replica}",
    )


class Replica:
    """Follows or leads."""

    def __init__(self, jobs: tuple[Job, ...], *, pulse: Pulse, metrics: Metrics) -> None:
        self._jobs = jobs
        self._pulse = pulse
        self._metrics = metrics
        self._running: dict[str, asyncio.Task[None]] = {}
        self._latest: dict[str, Run] = {}
        self._leads = False

    def about(self) -> dict[str, object]:
        """For readiness: who leads, what runs, and how the latest runs ended."""
        return {
            "leader": self._leads,
            "running": sorted(self._running),
            "jobs": {name: run.outcome for name, run in sorted(self._latest.items())},
        }

    async def run(self, tools: Tools, stop: asyncio.Event) -> None:
        """Until `stop`; Postgres going away is waited out."""
        while not stop.is_set():
            try:
                async with tools.db.connection() as conn:
                    if await conn.fetchval(QUERIES["try_lead"]):
                        await self._lead(conn, tools, stop)
                self._pulse.waiting.pop("postgres", None)
            except Exception as error:
                if not is_transient(error):
                    raise
                self._pulse.waiting["postgres"] = type(error).__name__
                log.warning("not leading", extra={"reason": type(error).__name__})
            await until(stop, tools.settings.standby_seconds)

    async def _lead(self, conn: Connection, tools: Tools, stop: asyncio.Event) -> None:
        lease_ms = str(round(tools.settings.lease_seconds * 1_000))
        await conn.execute(QUERIES["hold_lead"], lease_ms)
        log.info("leading")
        self._set_leads(True)
        try:
            while not stop.is_set():
                async with asyncio.timeout(tools.settings.lock_answer_seconds):
                    await conn.fetchval(QUERIES["still_there"])
                await self._tick(conn, tools)
                self._pulse.waiting.pop("postgres", None)
                await until(stop, tools.settings.tick_seconds)
        finally:
            self._set_leads(False)
            await self._cancel()
            self._metrics.forget("attributary_offline_match_ratio")
            self._metrics.forget("attributary_connection_state")
            self._metrics.forget("attributary_signal_health_score")
            self._metrics.forget("attributary_conservation_gap_records")

    def _set_leads(self, leads: bool) -> None:
        self._leads = leads
        self._metrics.gauge("attributary_leader_state", int(leads))

    async def _tick(self, conn: Connection, tools: Tools) -> None:
        """Give up what nobody runs any more, and begin what is due."""
        names = [job.name for job in self._jobs]
        self._latest = await store.latest_runs(conn, names)
        orphans = {n for n, run in self._latest.items() if run.outcome == "running"}
        if orphans - self._running.keys():
            gone = await store.abandon(conn, now=tools.clock(), but=list(self._running))
            log.warning("runs abandoned", extra={"jobs": gone})
            self._latest = await store.latest_runs(conn, names)
        retry = round(tools.settings.retry_seconds * 1_000)
        patience = handle.Patience(tools.settings.attempts, retry)
        for job in self._jobs:
            now = tools.clock()
            next_one = due(
                self._latest.get(job.name),
                now=now,
                every_seconds=job.every_seconds(tools.settings),
                patience=patience,
                at=job.at,
            )
            if next_one is None or job.name in self._running:
                continue
            if not next_one.registers and self._is_full(job, tools):
                continue
            claimed = await store.claim(conn, job.name, next_one, manual=False, now=now)
            if claimed and not next_one.registers:
                self._begin(job, next_one, tools)

    def _is_full(self, job: Job, tools: Tools) -> bool:
        """Whether its queue runs as many jobs as it may; the slot stays due."""
        running = sum(o.queue == job.queue for o in self._jobs if o.name in self._running)
        return running >= job.at_once(tools.settings)

    def _begin(self, job: Job, slot: Due, tools: Tools) -> None:
        work = run_job(job, slot, tools, tenant=None, told=self._told)
        task = asyncio.get_running_loop().create_task(work, name=job.name)
        self._running[job.name] = task
        task.add_done_callback(lambda _: self._running.pop(job.name, None))

    def _told(self, name: str, outcome: str, seconds: float, ended_at: int) -> None:
        self._metrics.count("attributary_job_runs_total", job=name, outcome=outcome)
        self._metrics.gauge("attributary_job_seconds", seconds, job=name)
        if outcome == "ok":
            self._metrics.gauge("attributary_job_success_time_seconds", ended_at / 1_000, job=name)

    async def _cancel(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Told = Callable[[str, str, float, int], None]


async def run_job(job: Job, slot: Due, tools: Tools, *, tenant: str | None, told: Told) -> None:
    """Run a claimed slot and note how it ended; a failure of the job is no failure of ours."""
    log.info("Task received", extra={"job": job.name})
    began = tools.clock()
    outcome, detail = "ok", store.Detail()
    try:
        detail = await job.work(tools, tenant)
    except Failed as error:
        outcome, detail = "failed", {"error": str(error), **error.detail}
    except asyncio.CancelledError:
        outcome, detail = "abandoned", {"error": "the process stopped or lost the lead"}
        raise
    except Exception as error:
        log.exception("job failed", exc_info=error, extra={"job": job.name})
        outcome, detail = "failed", {"error": type(error).__name__}
    finally:
        ended = tools.clock()
        told(job.name, outcome, (ended - began) / 1_000, ended)
        log.info("job", extra={"job": job.name, "outcome": outcome})
        await _note(tools, job.name, slot, now=ended, outcome=outcome, detail=detail)


async def _note(
    tools: Tools, name: str, slot: Due, *, now: int, outcome: str, detail: store.Detail
) -> None:
    """Without Postgres the run stays `running`, and the next leader gives it up."""

    async def put() -> None:
        async with tools.db.connection() as conn:
            await store.finish(conn, name, slot, now=now, outcome=outcome, detail=detail)

    try:
        await _within(tools.settings.lock_answer_seconds, put)
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("run not noted", extra={"job": name, "reason": type(error).__name__})


async def _within(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(seconds):
        await work()
