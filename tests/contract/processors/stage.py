"""What one processor meets in production: everything before it has run, and its own input waits.

The stage is made once, from a random log, by the whole pipeline. A test then empties the tables
of one processor and lets it alone work through its input, cut into batches as the test likes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import asyncpg

from processors.engine.memory import MemoryBroker
from processors.engine.postgres import Database
from processors.engine.processor import Message
from processors.engine.spec import CATALOGUE
from processors.registry import PROCESSORS
from schemas.dead_letter import DeadLetter
from schemas.topics import TOPICS
from tests.support.dump import wipe
from tests.support.pipeline import NOW, Pipeline
from tests.support.random_log import Size, random_log

SIZE = Size(
    tenants=2, visitors=12, customers=5, touches=25, events=25, orders=12, commands=10,
    purchases=8, spend=6,
)  # fmt: skip
PLATFORMS = ("meta", "ga4")


@dataclass(frozen=True, slots=True)
class Stage:
    """A database in which every group has drained, and the broker with every topic."""

    dsn: str
    broker: MemoryBroker

    def inputs(self, name: str, rng: random.Random) -> list[Message]:
        """All input of a processor: partitions interleaved at random, each in its order."""
        queues: dict[tuple[str, int], list[Message]] = {}
        for topic in PROCESSORS[name].inputs:
            for message in self.broker.read(topic):
                queues.setdefault((message.topic, message.partition), []).append(message)
        waiting = {place: iter(queue) for place, queue in queues.items()}
        turns = [place for place, queue in queues.items() for _ in queue]
        rng.shuffle(turns)
        return [next(waiting[place]) for place in turns]


@dataclass(frozen=True, slots=True)
class Run:
    """What one processor, in one life or several, made of its input."""

    name: str
    broker: MemoryBroker

    def sent(self, *topics: str) -> list[Message]:
        """Everything it sent, or what is on these topics."""
        return [m for topic in topics or CATALOGUE for m in self.broker.read(topic)]

    def letters(self) -> list[DeadLetter]:
        """Its dead letters."""
        topics = [TOPICS[topic].dead_letters for topic in PROCESSORS[self.name].inputs]
        return [DeadLetter.model_validate_json(m.value or b"") for m in self.sent(*topics)]


async def tenants(dsn: str) -> None:
    """Two tenants with an account at each platform."""
    conn = await asyncpg.connect(dsn)
    try:
        for n in range(SIZE.tenants):
            await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", f"tenant-{n}")
            for platform in PLATFORMS:
                await conn.execute(
                    "INSERT INTO platform_connections VALUES ($1, $2, 'account', '', true)",
                    f"tenant-{n}",
                    platform,
                )
    finally:
        await conn.close()


async def database(dsn: str, name: str = "processor") -> Database:
    """As that processor connects, or one that stands for all of them."""
    return await Database.connect(
        dsn, role=f"attributary_{name}", application_name="contract", max_size=3
    )


async def prepare(dsn: str, seed: int) -> Stage:
    """Run the whole pipeline once."""
    await tenants(dsn)
    rng = random.Random(seed)
    db = await database(dsn)
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(random_log(rng, SIZE))
        await pipeline.drain(rng)
    finally:
        await db.close()
    return Stage(dsn, pipeline.broker)


async def play(stage: Stage, name: str, lives: Sequence[Sequence[Sequence[Message]]]) -> Run:
    """Empty the processor's tables; then each life is a new process that takes its batches."""
    await wipe(stage.dsn, name)
    db = await database(stage.dsn, name)
    try:
        run = Run(name, MemoryBroker(lambda: NOW))
        pipeline = Pipeline(db, run.broker)
        for batches in lives:
            worker = pipeline.replica(name)
            assert worker.processor is not None
            await worker.processor.start()
            for batch in batches:
                await worker.cycle.run(batch)
            while name == "identity" and await pipeline.resolving():
                await pipeline.resolve_again(worker)
            await worker.processor.stop()
    finally:
        await db.close()
    return run


def cut(messages: Sequence[Message], rng: random.Random, most: int) -> Iterator[list[Message]]:
    """The same messages in batches of random sizes."""
    start = 0
    while start < len(messages):
        stop = start + rng.randint(1, most)
        yield list(messages[start:stop])
        start = stop


def renumbered(messages: Sequence[Message]) -> list[Message]:
    """With the offsets that they have when nothing else is on their partitions."""
    following: dict[tuple[str, int], int] = {}
    numbered = []
    for message in messages:
        place = (message.topic, message.partition)
        numbered.append(replace(message, offset=following.get(place, 0)))
        following[place] = numbered[-1].offset + 1
    return numbered
