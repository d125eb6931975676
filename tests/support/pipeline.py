"""The whole pipeline in one process: real processors on real Postgres, Kafka's hops in memory.

What real servers cannot be told to do is done here: replicas take batches in any interleaving,
stop at named points, and die there. The offset of a batch that died is not committed, and the
next worker of the partition has an empty memory, as after SIGKILL.
"""

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
from processors.identity import Identity
from processors.registry import PROCESSORS
from schemas.envelope import Frozen

Pause = Callable[[str], Awaitable[None]]
NOW = 1_780_000_000_000
GROUPS = ("identity", "credit", "summary", "dedupe")


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
    pause: Pause = go_on
    processor: Processor | None = None

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

    def replica(self, group: str, partitions: frozenset[int] | None = None) -> Replica:
        """A new worker with an empty memory."""
        metrics = Metrics()
        made = Replica(group, partitions or frozenset(range(4)), cycle=None)  # type: ignore[arg-type]
        output = Output(self.broker, made.pausing)
        progress = Progress(group)

        async def publish(emits: Sequence[Emit]) -> None:
            await output.send_all(emits)

        context = Context(
            name=group, group=group, replica=0, db=self.db, progress=progress, publish=publish,
            clock=lambda: NOW, metrics=metrics,
        )  # fmt: skip
        processor: Processor = (
            Identity(context, pause=made.pausing)
            if group == "identity"
            else PROCESSORS[group].factory(context)
        )
        settings = EngineSettings(
            kafka_bootstrap_servers="none", database_url="none", retry_first_seconds=0.01
        )
        counting = Counting(self.db, progress) if PROCESSORS[group].engine_counts else None
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
        messages = self.waiting(replica.group, replica.partitions, most)
        if messages:
            await replica.cycle.run(messages)
            self.broker.commit(replica.group, messages)
        return bool(messages)

    async def drain(self, rng: random.Random, *, most: int = 50, crashes: float = 0.0) -> int:
        """Workers take turns at random and die at random points until nothing waits.

        Returns:
            How many workers died.
        """
        died = 0
        workers = {group: await self._started(group) for group in GROUPS}
        while True:
            busy = [g for g in GROUPS if self.waiting(g, workers[g].partitions, 1)]
            if not busy:
                return died
            group = rng.choice(busy)
            worker = workers[group]
            worker.pause = _dies(rng, crashes)
            try:
                await self.turn(worker, rng.randint(1, most))
            except Killed:
                died += 1
                workers[group] = await self._started(group)

    async def _started(self, group: str) -> Replica:
        made = self.replica(group)
        assert made.processor is not None
        await made.processor.start()
        return made


def _dies(rng: random.Random, chance: float) -> Pause:
    async def pause(_point: str) -> None:
        if rng.random() < chance:
            raise Killed

    return pause
