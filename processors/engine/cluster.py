"""Topics, offsets and groups of a cluster, asked from outside any group: what commands, health and
replay need. Logical topic names, as everywhere.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from processors.engine.kafka import MAX_REQUEST_BYTES, close
from processors.engine.kafka_security import options as connection
from processors.engine.kafka_start import start
from processors.engine.processor import Message
from processors.engine.pulse import Place
from processors.engine.spans import carried
from processors.engine.spec import CATALOGUE
from schemas.topics import Topic

REPLICAS: Final = 3
TOLD_SECONDS: Final = 30
ASK_AGAIN_SECONDS: Final = 0.05

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Described:
    """A topic as the brokers have it: partitions, how many have no leader, and of how many some
    replica does not keep up."""

    partitions: int
    leaderless: int
    behind: int


class Cluster:
    """Offsets, groups and topics, asked from outside any group."""

    def __init__(self, bootstrap: str, *, prefix: str = "") -> None:
        self._connection = connection(bootstrap)
        self._prefix = prefix
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> "Cluster":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Connect.

        Raises:
            NotLetIn: naming what keeps us out.
            KafkaError: transient, when no broker answers.
        """
        admin = AIOKafkaAdminClient(**self._connection)
        reader = AIOKafkaConsumer(**self._connection, enable_auto_commit=False)
        try:
            await start(admin, self._connection)
            await reader.start()
        except BaseException:
            await admin.close()
            await reader.stop()
            raise
        self._admin, self._reader = admin, reader

    async def stop(self) -> None:
        """Disconnect."""
        admin, self._admin = self._admin, None
        reader, self._reader = self._reader, None
        if admin is not None:
            await admin.close()
        if reader is not None:
            await close(reader)

    async def create_topics(self, names: Iterable[str] | None = None) -> list[str]:
        """Create what is missing of the catalogue (or of some of its names), with what the
        catalogue says, and wait until the brokers tell of it (a KRaft controller answers before
        its brokers have read what it decided); returns the logical names of what was created.

        Raises:
            KafkaError: the controller refused.
            TimeoutError: a topic was created and not told of within `TOLD_SECONDS`.
        """
        assert self._admin is not None
        cluster = await self._admin.describe_cluster()
        replicas = min(REPLICAS, len(cluster["brokers"]))
        there = set(await self._admin.list_topics())
        missing = {
            name: CATALOGUE[name]
            for name in (CATALOGUE if names is None else names)
            if self._prefix + name not in there
        }
        if not missing:
            return []
        answer = await self._admin.create_topics(
            [
                NewTopic(
                    self._prefix + name,
                    row.partitions,
                    replicas,
                    topic_configs=_configuration(row),
                )
                for name, row in missing.items()
            ]
        )
        created = []
        for name, code, *detail in answer.topic_errors:
            error = kafka_errors.for_code(code)
            if error is kafka_errors.NoError:
                created.append(name.removeprefix(self._prefix))
            elif error is not kafka_errors.TopicAlreadyExistsError:
                raise error(f"{name}: {detail[0] if detail else ''}")
        async with asyncio.timeout(TOLD_SECONDS):
            waiting = await self.missing(missing)
            while waiting:
                await asyncio.sleep(ASK_AGAIN_SECONDS)
                waiting = await self.missing(waiting)
        return sorted(created)

    async def missing(self, topics: Iterable[str]) -> list[str]:
        """Which of the logical topics do not exist."""
        assert self._admin is not None
        there = set(await self._admin.list_topics())
        return sorted(topic for topic in topics if self._prefix + topic not in there)

    async def described(self, topics: Iterable[str]) -> dict[str, Described]:
        """Those of the logical topics that exist."""
        assert self._admin is not None
        there = set(await self._admin.list_topics())
        names = [self._prefix + topic for topic in topics if self._prefix + topic in there]
        found = {}
        for topic in await self._admin.describe_topics(names) if names else ():
            parts = topic["partitions"]
            found[topic["topic"].removeprefix(self._prefix)] = Described(
                len(parts),
                sum(part["leader"] < 0 for part in parts),
                sum(len(part["isr"]) < len(part["replicas"]) for part in parts),
            )
        return found

    async def configured(self, topics: Iterable[str]) -> dict[str, dict[str, str]]:
        """The configuration of the logical topics, by name of the entry."""
        assert self._admin is not None
        asked = [ConfigResource(ConfigResourceType.TOPIC, self._prefix + topic) for topic in topics]
        found = {}
        for answer in await self._admin.describe_configs(asked):
            for _, _, _, name, entries in answer.resources:
                values = {entry[0]: entry[1] for entry in entries}
                found[name.removeprefix(self._prefix)] = values
        return found

    async def end_offsets(self, topics: Iterable[str]) -> dict[Place, int]:
        """The offset after the last record of every partition."""
        assert self._reader is not None
        return self._places(await self._reader.end_offsets(await self._partitions(topics)))

    async def begin_offsets(self, topics: Iterable[str]) -> dict[Place, int]:
        """The offset of the first record that is still there."""
        assert self._reader is not None
        return self._places(await self._reader.beginning_offsets(await self._partitions(topics)))

    async def committed(self, group: str) -> dict[Place, int]:
        """What a group has committed."""
        admin, name = self._admin, self._prefix + group
        assert admin is not None
        found = await _loaded(admin.list_consumer_group_offsets, name)
        return self._places({place: row.offset for place, row in found.items() if row.offset >= 0})

    async def busy(self, groups: Iterable[str]) -> list[str]:
        """Which of the groups have members."""
        return [
            group
            for group in groups
            if await _loaded(self._state, self._prefix + group) not in ("Empty", "Dead")
        ]

    async def _state(self, name: str) -> str:
        """Of a group, as its coordinator has it; one that nobody knows is dead."""
        assert self._admin is not None
        (answer,) = await self._admin.describe_consumer_groups([name])
        code, _, state, *_ = answer.groups[0]
        if code:
            raise kafka_errors.for_code(code)(name)
        return str(state)

    async def reset(
        self, group: str, topics: Iterable[str], *, to: Literal["beginning", "end"]
    ) -> dict[Place, int]:
        """Move a stopped group.

        Raises:
            RuntimeError: when the group has members (a static one leaves when its session ends).
        """
        names = list(topics)
        offsets = await (
            self.begin_offsets(names) if to == "beginning" else self.end_offsets(names)
        )
        await self.move(group, offsets)
        return offsets

    async def move(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Let a stopped group go on at these offsets.

        Raises:
            RuntimeError: when the group has members (a static one leaves when its session ends).
        """
        if await self.busy([group]):
            raise RuntimeError(f"{group} has members; stop them first")
        writer = AIOKafkaConsumer(
            **self._connection,
            group_id=self._prefix + group,
            enable_auto_commit=False,
        )
        wanted = {
            TopicPartition(self._prefix + topic, partition): offset
            for (topic, partition), offset in offsets.items()
        }
        await writer.start()
        try:
            writer.assign(list(wanted))
            await writer.commit(wanted)
        finally:
            await close(writer)

    async def read_topic(
        self, topic: str, *, since: Mapping[int, int] | None = None
    ) -> AsyncGenerator[Message]:
        """Every record from the first one, or from the partition's offset of `since`, to the end as
        it is now, each partition in order."""
        begin, end = await self.begin_offsets([topic]), await self.end_offsets([topic])
        begin = {
            place: max(offset, (since or {}).get(place[1], 0)) for place, offset in begin.items()
        }
        left = {place for place in end if begin[place] < end[place]}
        if not left:
            return
        reader = AIOKafkaConsumer(**self._connection, enable_auto_commit=False)
        await reader.start()
        try:
            reader.assign([TopicPartition(self._prefix + topic, p) for _, p in left])
            for _, partition in left:
                place = TopicPartition(self._prefix + topic, partition)
                reader.seek(place, begin[topic, partition])
            while left:
                found = await reader.getmany(timeout_ms=200, max_records=2_000)
                for place, records in found.items():
                    last = end[topic, place.partition]
                    for r in records:
                        if r.offset < last:
                            yield Message(
                                topic, r.partition, r.offset, r.timestamp, r.key, r.value,
                                carried(r.headers) if r.headers else None,
                            )  # fmt: skip
                for _, partition in list(left):
                    place = TopicPartition(self._prefix + topic, partition)
                    if await reader.position(place) >= end[topic, partition]:
                        left.discard((topic, partition))
                        reader.pause(place)
        finally:
            await close(reader)

    async def first_from(self, place: Place, offset: int) -> int | None:
        """The offset of the first record there is from that offset on; None when there is none.
        Offsets may be without a record: a transaction's end has one, compaction takes some."""
        found = await self.record_at(place, offset)
        return None if found is None else found.offset

    async def record_at(self, place: Place, offset: int) -> Message | None:
        """The first record there is from that offset on; None when there is none."""
        topic, number = place
        end = (await self.end_offsets([topic]))[place]
        partition = TopicPartition(self._prefix + topic, number)
        reader = AIOKafkaConsumer(**self._connection, enable_auto_commit=False)
        await reader.start()
        try:
            reader.assign([partition])
            reader.seek(partition, offset)
            while await reader.position(partition) < end:
                found = await reader.getmany(partition, timeout_ms=200, max_records=1)
                for r, *_ in found.values():
                    return Message(topic, number, r.offset, r.timestamp, r.key, r.value)
        finally:
            await close(reader)
        return None

    async def _partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        assert self._reader is not None
        names = [self._prefix + topic for topic in topics]
        client = self._reader._client
        if any(client.cluster.partitions_for_topic(name) is None for name in names):
            await client.set_topics(names)
        found = []
        for name in names:
            partitions = client.cluster.partitions_for_topic(name)
            if partitions is None:
                raise kafka_errors.UnknownTopicOrPartitionError(name)
            found += [TopicPartition(name, partition) for partition in sorted(partitions)]
        return found

    def _places(self, offsets: Mapping[TopicPartition, int]) -> dict[Place, int]:
        cut = len(self._prefix)
        return {(place.topic[cut:], place.partition): offset for place, offset in offsets.items()}


async def _loaded(ask: Callable[[A], Awaitable[T]], about: A) -> T:
    """The answer of a group's coordinator, asked again while a broker that has just started, or
    taken the group over, reads what the group has committed.

    Raises:
        KafkaError: when it does not answer for `TOLD_SECONDS`.
    """
    deadline = monotonic() + TOLD_SECONDS
    while True:
        try:
            return await ask(about)
        except kafka_errors.KafkaError as error:
            if not error.retriable or monotonic() >= deadline:
                raise
        await asyncio.sleep(ASK_AGAIN_SECONDS)


async def create_topics(bootstrap: str, prefix: str = "") -> list[str]:
    """Create the catalogue's topics that are missing; returns their logical names."""
    async with Cluster(bootstrap, prefix=prefix) as cluster:
        return await cluster.create_topics()


def _configuration(row: Topic) -> dict[str, str]:
    """What a topic is created with.

    Retention goes by the record's timestamp. Where it is limited the broker stamps the arrival,
    or a replay of old events would be deleted before its consumer has seen it. THE LOG keeps the
    timestamps it is given, also those of clocks that are ahead.
    """
    return {
        "cleanup.policy": row.cleanup,
        "retention.ms": str(row.retention_ms),
        "retention.bytes": str(row.retention_bytes),
        "max.message.bytes": str(MAX_REQUEST_BYTES),
        "message.timestamp.type": "CreateTime" if row.retention_ms < 0 else "LogAppendTime",
        "message.timestamp.after.max.ms": str(2**63 - 1),
    }
