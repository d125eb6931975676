"""Records that nobody can read, put straight on the topics, past the gateway.

Expected: each of them a dead letter with a reason, at every group that reads the topic, and nothing
else is one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer

from deploy.drills.fault import Field, Layout, Left
from schemas.topics import TOPICS

_BYTES: Final = (
    b"",
    b"not json",
    b"\xff\xfe\x00",
    b"[]",
    b'{"tenant_id": "demo"}',
    b'{"tenant_id": "demo", "event_id": 7, "occurred_at": "yesterday"}',
    b'{"schema_version": 99}',
)


@dataclass(frozen=True)
class Poison:
    """A few records a second."""

    name: str = "poison"
    bound_seconds: float = 60.0
    seconds: tuple[float, float] = (1.0, 3.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """Topics that somebody reads."""
        assert layout.workers
        return sorted(name for name, row in TOPICS.items() if row.consumers)

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Each kind of bytes, in an order of the seed's, on partitions of the seed's."""
        rng, dead = field.rng, set()
        producer = AIOKafkaProducer(bootstrap_servers=field.bootstrap, acks="all")
        await producer.start()
        try:
            for value in rng.sample(_BYTES, len(_BYTES)):
                partition = rng.randrange(TOPICS[target].partitions)
                sent = await producer.send_and_wait(
                    target, value, key=b"demo|poison", partition=partition
                )
                dead.add((target, sent.partition, sent.offset))
                await asyncio.sleep(seconds / len(_BYTES))
        finally:
            await producer.stop()
        return Left(dead=frozenset(dead), notes=(f"{len(dead)} records",))


FAULTS = (Poison(),)
