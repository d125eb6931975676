"""Where a benchmark's output goes: a broker, or nowhere when there is none."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

Send = Callable[[Sequence[tuple[bytes, bytes]]], Awaitable[None]]


@asynccontextmanager
async def sending(bootstrap: str | None) -> AsyncIterator[Send]:
    """Sends (key, value) pairs and returns after the acks."""
    if bootstrap is None:
        yield _nowhere
        return
    topic = f"bench{uuid.uuid4().hex[:8]}.credits.v1"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=5,
        max_batch_size=262_144,
    )
    await admin.start()
    await producer.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=4, replication_factor=1)])

        async def send(pairs: Sequence[tuple[bytes, bytes]]) -> None:
            futures = [await producer.send(topic, value=value, key=key) for key, value in pairs]
            await asyncio.gather(*futures)

        yield send
    finally:
        await producer.stop()
        await admin.delete_topics([topic])
        await admin.close()


async def _nowhere(_pairs: Sequence[tuple[bytes, bytes]]) -> None:
    """There is no broker: the bytes were made, and that is all."""
