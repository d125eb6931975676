"""The whole pipeline in one process: real processors on real Postgres, Kafka's hops in memory.

What real servers cannot be told to do is done here: replicas take batches in any interleaving,
stop at named points, and die there. The offset of a batch that died is not committed, and the
next worker of the partition has an empty memory, as after SIGKILL.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from processors.engine.context import Context
from processors.engine.cycle import Counting, Cycle
from processors.engine.memory import MemoryBroker
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Message, Processor
from processors.engine.progress import Progress
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.identity.processor import Identity
from processors.identity.settings import IdentitySettings
from processors.registry import PROCESSORS
from schemas.envelope import Frozen

Pause = Callable[[str], Awaitable[None]]
NOW = 1_780_000_000_000
GROUPS = ("identity", "credit", "summary", "dedupe")
EVERY = frozenset(range(4))
FAR = 1_000_000
SETTLES = 0.1
IDLE_SECONDS = 0.02
DRAIN_SECONDS = 120
RIPE_AT_ONCE = IdentitySettings(
    restate_quiet_seconds=0, restate_within_seconds=0, restate_lease_seconds=1e-6
)
PASS = "channel rules"
CHUNK = 7


class Killed(BaseException):
    """The worker died here."""


async def go_on(_point: str) -> None:
    """No pause."""


@dataclass
class Output:
    """The broker, with a pause before anything is sent: between what was read and its output."""

    broker: MemoryBroker
    pause: Pause

    async def send_all(self, emits: Sequence[Emit]) -> list[tuple[int, int]]:
        await self.pause("send")
        sent = await self.broker.send_all(emits)
        await self.pause("sent")
        return sent


@dataclass
class Replica:
    """One worker of a group, on some of the partitions."""

    group: str
    partitions: frozenset[int]
    cycle: Cycle
    db: Database
    pause: Pause = go_on
    processor: Processor | None = None
    behind: int = 0

    async def pausing(self, point: str) -> None:
        await self.pause(point)


@dataclass
class Pipeline:
    """Broker, database and workers."""

    db: Database
    broker: MemoryBroker = field(default_factory=lambda: MemoryBroker(lambda: NOW))
    replicas: list[Replica] = field(default_factory=list)

    async def feed(self, log: Sequence[tuple[str, Frozen]]) -> None:
        """Put records on their topics, in this order."""
        await self.broker.send_all(
            [Emit(topic, record, getattr(record, "received_at", NOW)) for topic, record in log]
        )

    def replica(
        self, group: str, partitions: frozenset[int] = EVERY, *, db: Database | None = None
    ) -> Replica:
        """A new worker with an empty memory; with a pool of its own if one is given."""
        metrics, db = Metrics(), db or self.db
        made = Replica(group, partitions, cycle=None, db=db)  # type: ignore[arg-type]
        output = Output(self.broker, made.pausing)
        progress = Progress(group)

        async def publish(emits: Sequence[Emit]) -> None:
            await output.send_all(emits)

        context = Context(
            name=group, group=group, replica=0, db=db, progress=progress, publish=publish,
            clock=lambda: NOW, metrics=metrics, behind=lambda: made.behind,
        )  # fmt: skip
        processor: Processor = (
            Identity(context, settings=RIPE_AT_ONCE, pause=made.pausing, chunk=CHUNK)
            if group == "identity"
            else PROCESSORS[group].factory(context)
        )
        settings = EngineSettings(
            kafka_bootstrap_servers="none", database_url="none", retry_first_seconds=0.01
        )
        counting = Counting(db, progress) if PROCESSORS[group].engine_counts else None
        made.cycle = Cycle(
            group=group, processor=processor, output=output, settings=settings, pulse=Pulse(),
            metrics=metrics, counting=counting,
        )  # fmt: skip
        made.processor = processor
        return made

    def waiting(self, group: str, partitions: frozenset[int], most: int) -> list[Message]:
        """What the group has not committed on these partitions: a prefix of each of them."""
        found: list[Message] = []
        for topic in PROCESSORS[group].inputs:
            for message in self.broker.poll(group, [topic], 1_000_000):
                if message.partition in partitions and len(found) < most:
                    found.append(message)
        return found

    async def turn(self, replica: Replica, most: int) -> bool:
        """One batch; the offset is committed only when all of it is done."""
        return await self._turn(replica, self.waiting(replica.group, replica.partitions, most))

    async def _turn(self, replica: Replica, messages: Sequence[Message]) -> bool:
        if messages:
            await replica.cycle.run(messages)
            self.broker.commit(replica.group, messages)
        return bool(messages)

    async def settle(self, replica: Replica) -> int:
        """What a worker of identity does beside its batches, once; other groups do nothing."""
        own = replica.processor
        return await own.restatement.settle() if isinstance(own, Identity) else 0

    async def due(self) -> int:
        """Conversions that are left for later."""
        async with self.db.connection() as conn:
            found: int = await conn.fetchval("SELECT count(*) FROM conversions_due")
            return found

    async def resolving(self) -> bool:
        """Whether touches wait to be resolved by changed channel rules."""
        async with self.db.connection() as conn:
            return bool(await conn.fetchval("SELECT EXISTS (SELECT FROM channel_rule_passes)"))

    async def resolve_again(self, replica: Replica) -> None:
        """One turn of what identity does beside its batches."""
        assert isinstance(replica.processor, Identity)
        await replica.processor.resolve_again()

    async def drain(self, rng: random.Random, *, most: int = 50, crashes: float = 0.0) -> int:
        """Workers take turns at random and die at random points until nothing waits.

        Returns:
            How many workers died.
        """
        died = 0
        workers = {group: await self.started(group) for group in GROUPS}
        while True:
            busy = [g for g in GROUPS if self.waiting(g, workers[g].partitions, 1)]
            if await self.resolving():
                busy.append(PASS)
            if not busy and not await self.due():
                return died
            chosen = rng.choice(busy or ["identity"])
            group = "identity" if chosen == PASS else chosen
            worker = workers[group]
            worker.pause = _dies(rng, crashes)
            worker.behind = rng.choice((0, FAR))
            try:
                if chosen == PASS:
                    await self.resolve_again(worker)
                else:
                    await self.turn(worker, rng.randint(1, most))
                if not busy or rng.random() < SETTLES:
                    await self.settle(worker)
            except Killed:
                died += 1
                workers[group] = await self.started(group)

    async def started(
        self, group: str, partitions: frozenset[int] = EVERY, *, db: Database | None = None
    ) -> Replica:
        """A worker that has begun."""
        made = self.replica(group, partitions, db=db)
        assert made.processor is not None
        await made.processor.start()
        return made


@dataclass
class Crew:
    """Replicas of every group at once, each with a pool and partitions of its own, racing as the
    event loop and the server have it; what each draws depends on the seed alone."""

    pipeline: Pipeline
    crashes: float
    died: int = 0
    working: int = 0
    done: int = 0

    async def drain(self, rng: random.Random, pools: Sequence[Database], *, most: int) -> None:
        """One worker of each group a pool, until nothing waits."""
        lots = {group: _lots(rng, len(pools)) for group in GROUPS}
        async with asyncio.timeout(DRAIN_SECONDS), asyncio.TaskGroup() as tasks:
            for number, db in enumerate(pools):
                for group in GROUPS:
                    own = random.Random(f"{rng.random()}")
                    tasks.create_task(self._work(own, group, lots[group][number], db, most))

    async def _work(
        self, rng: random.Random, group: str, partitions: frozenset[int], db: Database, most: int
    ) -> None:
        worker = await self.pipeline.started(group, partitions, db=db)
        while True:
            worker.pause = _dies(rng, self.crashes)
            worker.behind = rng.choice((0, FAR))
            self.working += 1
            try:
                did = await self._once(rng, worker, most)
            except Killed:
                self.died, did = self.died + 1, True
                worker = await self.pipeline.started(group, partitions, db=db)
            finally:
                self.working -= 1
            self.done += did
            if not did and await self._is_over():
                return
            await asyncio.sleep(0 if did else IDLE_SECONDS)

    async def _once(self, rng: random.Random, worker: Replica, most: int) -> bool:
        """A batch, and at times the restatement beside it, as in production."""
        batch = self._batch(rng, worker, most)
        settles = not batch or rng.random() < SETTLES
        results = await asyncio.gather(
            self.pipeline._turn(worker, batch),
            self._beside(worker) if settles else _nothing(),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return any(results)

    async def _beside(self, worker: Replica) -> int:
        """A turn of what identity does beside its batches."""
        own = worker.processor
        if not isinstance(own, Identity):
            return 0
        return await self.pipeline.settle(worker) + await own.resolve_again()

    def _batch(self, rng: random.Random, worker: Replica, most: int) -> list[Message]:
        """A prefix of each partition, none of a topic more often than of another."""
        waiting = self.pipeline.waiting(worker.group, worker.partitions, FAR)
        queues: dict[tuple[str, int], list[Message]] = {}
        for message in waiting:
            queues.setdefault((message.topic, message.partition), []).append(message)
        left, batch = rng.randint(1, most), []
        for place in rng.sample(sorted(queues), len(queues)):
            taken = queues[place][: rng.randint(0, left)]
            batch += taken
            left -= len(taken)
        return batch or waiting[:1]

    async def _is_over(self) -> bool:
        """Nobody works, nothing waits, and nothing was done since the marks were counted.

        What memory knows is asked first: idle workers ask often.
        """
        done = self.done
        if self._is_busy() or await self.pipeline.due() or await self.pipeline.resolving():
            return False
        return not self._is_busy() and done == self.done

    def _is_busy(self) -> bool:
        """Whether somebody works or anything waits."""
        waits = (self.pipeline.waiting(group, EVERY, 1) for group in GROUPS)
        return self.working > 0 or any(waits)


def _lots(rng: random.Random, count: int) -> list[frozenset[int]]:
    """The partitions, dealt out among so many; each has one at least."""
    dealt = [n if n < count else rng.randrange(count) for n in range(len(EVERY))]
    rng.shuffle(dealt)
    return [frozenset(n for n in EVERY if dealt[n] == who) for who in range(count)]


async def _nothing() -> int:
    return 0


def _dies(rng: random.Random, chance: float) -> Pause:
    async def pause(_point: str) -> None:
        if rng.random() < chance:
            raise Killed

    return pause
