"""Kafka: the producer and the group consumer. Only the modules of Kafka import aiokafka.

Everything outside speaks logical topic names; the prefix is put on
and taken off here.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka import errors as kafka_errors

from processors.engine.batches import BATCH_BYTES, all_of, compression_type, send_partition
from processors.engine.codec import encode
from processors.engine.codec import key as key_of
from processors.engine.kafka_security import options as connection
from processors.engine.kafka_start import NotLetIn, start
from processors.engine.partitioner import partitions_of
from processors.engine.processor import Emit, Message
from processors.engine.pulse import Place
from processors.engine.settings import Compression, EngineSettings
from processors.engine.spans import carried
from schemas.topics import MAX_RECORD_BYTES

MAX_REQUEST_BYTES: Final = 2 * MAX_RECORD_BYTES
"""A dead letter holds its record in base64, so it may be a third larger than a record."""
CLOSE_SECONDS: Final = 5.0
NO_GENERATION: Final = -1
FOREVER_MS: Final = 2_000_000_000
"""A batch may wait for Postgres as long as it takes: health has its own limit for a stuck one."""

KafkaError = kafka_errors.KafkaError
Moved = kafka_errors.CommitFailedError

_PERMANENT: Final = (
    NotLetIn,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordTooLargeError,
    kafka_errors.TopicAuthorizationFailedError,
    kafka_errors.GroupAuthorizationFailedError,
    kafka_errors.ClusterAuthorizationFailedError,
    kafka_errors.InvalidTopicError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.UnrecognizedBrokerVersion,
    kafka_errors.IllegalStateError,
    kafka_errors.IllegalOperation,
)


def is_transient(exc: BaseException) -> bool:
    """Whether the brokers may take the same request later."""
    return isinstance(exc, KafkaError) and not isinstance(exc, _PERMANENT)


class Raw(NamedTuple):
    """Bytes to produce on a logical topic; without a partition the key decides. A tuple, since
    the gateway makes one for every event, and a frozen dataclass costs four times as much."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: int | None = None
    partition: int | None = None
    traceparent: str | None = None


class Producer:
    """Idempotent, acks=all. While the brokers are away a send waits for them, in order and without
    duplicates. A send that fails or is cancelled breaks the sequence, so the next one works on a
    fresh connection, and what was in flight may then be there twice."""

    def __init__(
        self,
        bootstrap: str,
        *,
        prefix: str = "",
        linger_ms: int = 5,
        compression: Compression = "auto",
        max_in_flight_records: int = 5_000,
        timeout_ms: int = 20_000,
    ) -> None:
        self._prefix = prefix
        self._chunk = max_in_flight_records
        self._compression = compression
        self._connection = connection(bootstrap)
        self._options: dict[str, Any] = {
            **self._connection,
            "linger_ms": linger_ms,
            "compression_type": compression_type(compression),
            "request_timeout_ms": timeout_ms,
            "acks": "all",
            "enable_idempotence": True,
            "max_batch_size": BATCH_BYTES,
            "max_request_size": MAX_REQUEST_BYTES,
        }
        self._inner: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect.

        Raises:
            NotLetIn: naming what keeps us out.
            KafkaError: transient, when no broker answers.
        """
        await self._ready()

    async def stop(self) -> None:
        """Send what is buffered and close."""
        self._discard(self._inner)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def send(
        self, topic: str, key: bytes, value: bytes | None, timestamp: int | None = None
    ) -> "asyncio.Future[Any]":
        """Queue one record; the future's result has `partition` and `offset` once it is acked."""
        inner = await self._ready()
        future: asyncio.Future[Any] = await inner.send(
            self._prefix + topic, value=value, key=key, timestamp_ms=timestamp
        )
        future.add_done_callback(lambda done: self._watch(inner, done))
        return future

    async def send_all(self, emits: Sequence[Emit]) -> list[tuple[int, int]]:
        """Produce records; returns their partition and offset, in order, once all are acked."""
        return await self.send_raw([_raw(emit) for emit in emits])

    async def send_raw(self, rows: Sequence[Raw]) -> list[tuple[int, int]]:
        """Produce bytes; as `send_all`."""
        placed: list[tuple[int, int]] = []
        inner = await self._ready()
        try:
            for start in range(0, len(rows), self._chunk):
                placed += await self._send_chunk(inner, rows[start : start + self._chunk])
        except BaseException:
            self._discard(inner)
            raise
        return placed

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        inner = await self._ready()
        return len(await inner.partitions_for(self._prefix + topic))

    async def _send_chunk(
        self, inner: AIOKafkaProducer, rows: Sequence[Raw]
    ) -> list[tuple[int, int]]:
        """Whole batches, partitions side by side."""
        places: dict[TopicPartition, list[int]] = defaultdict(list)
        by_topic: dict[str, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            if row.partition is None:
                by_topic[row.topic].append(index)
            else:
                places[TopicPartition(self._prefix + row.topic, row.partition)].append(index)
        for topic, at in by_topic.items():
            count = len(await inner.partitions_for(self._prefix + topic))
            chosen = partitions_of([rows[index].key or b"" for index in at], count)
            for index, partition in zip(at, chosen, strict=True):
                places[TopicPartition(self._prefix + topic, partition)].append(index)
        for at in places.values():
            at.sort()  # rows of one partition stay in order, however it was chosen
        offsets = await all_of(
            [
                send_partition(inner, place, [rows[i] for i in at], compression=self._compression)
                for place, at in places.items()
            ]
        )
        placed: list[tuple[int, int]] = [(0, 0)] * len(rows)
        for (place, at), found in zip(places.items(), offsets, strict=True):
            for index, offset in zip(at, found, strict=True):
                placed[index] = (place.partition, offset)
        return placed

    async def _ready(self) -> AIOKafkaProducer:
        if self._inner is None:
            async with self._opening:
                if self._inner is None:
                    inner = AIOKafkaProducer(**self._options)
                    try:
                        await start(inner, self._connection)
                    except BaseException:
                        await inner.stop()
                        raise
                    self._inner = inner
        return self._inner

    def _watch(self, inner: AIOKafkaProducer, future: "asyncio.Future[Any]") -> None:
        if future.cancelled() or future.exception() is not None:
            self._discard(inner)

    def _discard(self, inner: AIOKafkaProducer | None) -> None:
        if inner is None or self._inner is not inner:
            return
        self._inner = None
        task = asyncio.ensure_future(_close_producer(inner))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _raw(emit: Emit) -> Raw:
    record, causes = emit.record, emit.causes
    raw = Raw(emit.topic, key_of(emit.topic, record), encode(record), emit.timestamp)
    return raw._replace(traceparent=causes[0]) if causes else raw


def fetches_no_more(inner: Any) -> bool:
    """Whether the task of a consumer of aiokafka that asks the brokers for records has ended; its
    waiters are not told."""
    return bool(inner._fetcher and inner._fetcher.error_future.done())


async def close(inner: Any) -> None:
    """Stop a client of aiokafka; one that hangs is left to the end of the process."""
    with contextlib.suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(inner.stop(), CLOSE_SECONDS)


async def _close_producer(inner: AIOKafkaProducer) -> None:
    """Flush and stop; with the brokers away fail what is queued, since nobody awaits it later."""
    try:
        await asyncio.wait_for(inner.stop(), CLOSE_SECONDS)
    except (KafkaError, TimeoutError, OSError) as error:
        queue = inner._message_accumulator
        queue.fail_all(kafka_errors.ProducerClosed(type(error).__name__))
        for batch in [*queue._pending_batches, *(b for q in queue._batches.values() for b in q)]:
            batch.future.exception()  # who awaited it has gone
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            await asyncio.wait_for(inner._sender.close(), CLOSE_SECONDS)
            await asyncio.wait_for(inner.client.close(), CLOSE_SECONDS)


class Consumer:
    """A static member of a group, read from the earliest record, committed by hand.

    Poll, work and commit under `lock`. A revocation breaks off a poll and then takes the lock, so
    it waits for the batch in hand; until the next assignment `poll` returns nothing. A record is
    therefore never taken from one assignment and dropped in the next, which would skip it.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        group: str,
        topics: Sequence[str],
        on_assigned: Callable[[frozenset[Place]], None],
    ) -> None:
        self._prefix = settings.topic_prefix
        self._topics = [self._prefix + topic for topic in topics]
        self._on_assigned = on_assigned
        self._settled = asyncio.Event()
        self._fetch: asyncio.Future[Any] | None = None
        self._generation = NO_GENERATION
        self._reached: dict[TopicPartition, int] = {}
        self.lock = asyncio.Lock()
        self._connection = connection(settings.kafka_bootstrap_servers)
        self._inner = AIOKafkaConsumer(
            **self._connection,
            group_id=self._prefix + group,
            group_instance_id=settings.instance_id(group),
            client_id=settings.instance_id(group),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_interval_ms,
            rebalance_timeout_ms=settings.rebalance_timeout_ms,
            max_poll_interval_ms=FOREVER_MS,
        )

    @property
    def revoking(self) -> bool:
        """Whether the group wants the partitions back, or has not given any yet."""
        return not self._settled.is_set()

    async def start(self) -> None:
        """Connect and join the group.

        Raises:
            NotLetIn: naming what keeps us out.
            KafkaError: transient, when no broker answers; make a new consumer then.
        """
        self._inner.subscribe(self._topics, listener=_Listener(self))
        try:
            await start(self._inner, self._connection)
        except BaseException:
            await self._inner.stop()
            raise

    async def stop(self) -> None:
        """Close; a static member stays in the group until its session ends."""
        await close(self._inner)
        with contextlib.suppress(TimeoutError, OSError):  # a fetcher that failed keeps it open
            await asyncio.wait_for(self._inner._client.close(), CLOSE_SECONDS)

    async def poll(self, *, max_records: int, timeout_ms: int) -> list[Message]:
        """Records in the order of each partition; none while the group rebalances.

        Raises:
            KafkaError: transient, when the client has failed and fetches no more; make a new
                consumer then.
        """
        if fetches_no_more(self._inner):
            raise KafkaError("the client fetches no more")
        if self.revoking:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), timeout_ms / 1000)
            self._inner._coordinator.check_errors()
            return []
        self._generation = self._inner._coordinator.generation
        self._fetch = asyncio.ensure_future(
            self._inner.getmany(timeout_ms=timeout_ms, max_records=max_records)
        )
        try:
            await asyncio.wait({self._fetch})
        finally:
            self._fetch.cancel()
        if self._fetch.cancelled():
            return []
        found: Mapping[TopicPartition, Sequence[Any]] = self._fetch.result()
        cut = len(self._prefix)
        for place, records in found.items():
            self._reached[place] = records[-1].offset + 1
        return [
            Message(
                r.topic[cut:], r.partition, r.offset, r.timestamp, r.key, r.value,
                carried(r.headers) if r.headers else None,
            )
            for records in found.values()
            for r in records
        ]  # fmt: skip

    def behind(self) -> int:
        """How many records wait after those that were polled, as far as the brokers have told."""
        if self.revoking:
            return 0
        ends = {place: self._inner.highwater(place) for place in self._reached}
        return sum(max(0, end - self._reached[place]) for place, end in ends.items() if end)

    async def commit(self, messages: Iterable[Message]) -> None:
        """Commit the offsets after the messages that were polled last.

        Raises:
            Moved: when the partitions may belong to another member by now.
        """
        after: dict[TopicPartition, int] = {}
        for message in messages:
            place = TopicPartition(self._prefix + message.topic, message.partition)
            after[place] = max(after.get(place, 0), message.offset + 1)
        if self._generation != self._inner._coordinator.generation:
            raise Moved("the group has a later generation")
        try:
            await self._inner.commit(after)
        except kafka_errors.IllegalStateError as error:
            raise Moved(str(error)) from error

    async def revoked(self) -> None:
        """Wait for the batch in hand, then let go."""
        self._settled.clear()
        if self._fetch is not None:
            self._fetch.cancel()
        async with self.lock:
            self._generation = NO_GENERATION

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Take what the group gave."""
        cut = len(self._prefix)
        self._reached.clear()
        self._settled.set()
        self._on_assigned(frozenset((p.topic[cut:], p.partition) for p in partitions))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._consumer.assigned(assigned)
