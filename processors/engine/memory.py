"""The engine without servers: a broker in memory, with Kafka's partitions, offsets and groups.

For unit tests of processors and of the contract. It runs the same `Cycle` as the Kafka engines; a
fault is an exception from `process` or `send_all`, after which the uncommitted batch comes again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from processors.engine.codec import encode
from processors.engine.codec import key as key_of
from processors.engine.cycle import Counting, Cycle
from processors.engine.hops import Hops, Names, Sending
from processors.engine.metrics import Metrics
from processors.engine.partitioner import partition_of
from processors.engine.processor import Emit, Message, Processor
from processors.engine.pulse import Place, Pulse
from processors.engine.settings import EngineSettings
from processors.engine.spans import Tracer
from processors.engine.spec import CATALOGUE


class MemoryBroker:
    """Topics of the catalogue; `now` stamps records that bring no timestamp."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._logs: dict[Place, list[Message]] = defaultdict(list)
        self.committed: dict[tuple[str, str, int], int] = {}

    def produce(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        timestamp: int | None = None,
        partition: int | None = None,
        traceparent: str | None = None,
    ) -> tuple[int, int]:
        """Append bytes, without a partition where the key belongs; returns partition and offset."""
        if partition is None:
            partition = partition_of(key, CATALOGUE[topic].partitions)
        entries = self._logs[topic, partition]
        at = self._now() if timestamp is None else timestamp
        entries.append(Message(topic, partition, len(entries), at, key, value, traceparent))
        return partition, len(entries) - 1

    async def send_all(self, emits: Sequence[Emit]) -> list[tuple[int, int]]:
        """Append records; returns partition and offset of each."""
        return [
            self.produce(
                emit.topic,
                key_of(emit.topic, emit.record),
                encode(emit.record),
                emit.timestamp,
                traceparent=emit.causes[0] if emit.causes else None,
            )
            for emit in emits
        ]

    def read(self, topic: str) -> list[Message]:
        """Everything on a topic, partition by partition."""
        count = CATALOGUE[topic].partitions
        return [m for partition in range(count) for m in self._logs[topic, partition]]

    def poll(self, group: str, topics: Sequence[str], max_records: int) -> list[Message]:
        """What the group has not committed, at most `max_records`."""
        found: list[Message] = []
        for topic in topics:
            for partition in range(CATALOGUE[topic].partitions):
                start = self.committed.get((group, topic, partition), 0)
                room = max_records - len(found)
                found += self._logs[topic, partition][start : start + room]
        return found

    def commit(self, group: str, messages: Sequence[Message]) -> None:
        """Commit after these messages."""
        for message in messages:
            place = (group, message.topic, message.partition)
            self.committed[place] = max(self.committed.get(place, 0), message.offset + 1)


class MemoryEngine:
    """Runs one processor on a `MemoryBroker`."""

    def __init__(
        self,
        broker: MemoryBroker,
        *,
        group: str,
        inputs: Sequence[str],
        processor: Processor,
        settings: EngineSettings,
        metrics: Metrics | None = None,
        counting: Counting | None = None,
        tracer: Tracer | None = None,
        about: Names = lambda _: (),
    ) -> None:
        self._broker = broker
        self._group = group
        self._inputs = inputs
        self._processor = processor
        self._max_records = settings.batch_max_records
        self._started = False
        self._cycle = Cycle(
            group=group,
            processor=processor,
            output=broker if tracer is None else Sending(broker, tracer),
            settings=settings,
            pulse=Pulse(),
            metrics=metrics or Metrics(),
            counting=counting,
            hops=None if tracer is None else Hops(tracer, group=group, names=about),
        )

    async def turn(self) -> int:
        """One batch; returns its size. Raises what `process` raised, with nothing committed."""
        if not self._started:
            await self._processor.start()
            self._started = True
        messages = self._broker.poll(self._group, self._inputs, self._max_records)
        if messages:
            await self._cycle.run(messages)
            self._broker.commit(self._group, messages)
        return len(messages)

    async def drain(self) -> int:
        """Batches until nothing is left; returns how many records that were."""
        total = 0
        while size := await self.turn():
            total += size
        return total
