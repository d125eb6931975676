"""How records become batches, told by the bytes that would go to the broker."""

import asyncio
import random
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from processors.engine.batches import BATCH_BYTES, compression_type, send_partition
from processors.engine.kafka import Raw
from processors.engine.settings import Compression

PLACE = TopicPartition("t", 0)


class Wire(AIOKafkaProducer):  # type: ignore[misc]
    """A producer whose batches go nowhere."""

    def __init__(self, compression: Compression) -> None:
        super().__init__(compression_type=compression_type(compression), max_batch_size=BATCH_BYTES)
        self.batches: list[Any] = []
        self.count = 0

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        found = MemoryRecords(bytes(batch._build())).next_batch()
        self.batches.append(found)
        future = asyncio.get_running_loop().create_future()
        future.set_result(SimpleNamespace(offset=self.count))
        self.count += batch.record_count()
        return future


async def sent(rows: list[Raw], compression: Compression) -> tuple[Wire, list[int]]:
    wire = Wire(compression)
    offsets = await send_partition(wire, PLACE, rows, compression=compression)
    wire._closed = True  # it was never started
    return wire, offsets


def rows_of(count: int, *, size: int = 300) -> list[Raw]:
    chance = random.Random(count)
    return [
        Raw("t", b"k%d" % n, chance.randbytes(size), 1_790_000_000_000 + n) for n in range(count)
    ]


@pytest.mark.parametrize("compression", ["auto", "none", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("count", [1, 15, 16, 2_000])
async def test_every_record_is_sent_once_and_in_order(compression: Compression, count: int) -> None:
    rows = rows_of(count)
    wire, offsets = await sent(rows, compression)
    read = [(r.key, r.value, r.timestamp) for batch in wire.batches for r in batch]
    assert read == [(row.key, row.value, row.timestamp) for row in rows]
    assert offsets == list(range(count))
    assert (len(wire.batches) > 1) == (count == 2_000)


@pytest.mark.parametrize(
    ("compression", "count", "codec"),
    [
        ("auto", 1, DefaultRecordBatch.CODEC_SNAPPY),
        ("auto", 15, DefaultRecordBatch.CODEC_SNAPPY),
        ("auto", 16, DefaultRecordBatch.CODEC_ZSTD),
        ("none", 100, DefaultRecordBatch.CODEC_NONE),
        ("lz4", 1, DefaultRecordBatch.CODEC_LZ4),
        ("gzip", 100, DefaultRecordBatch.CODEC_GZIP),
    ],
)
async def test_a_batch_is_compressed_as_suits_its_length_unless_told_otherwise(
    compression: Compression, count: int, codec: int
) -> None:
    rows = [row._replace(value=b"the same " * 30) for row in rows_of(count)]
    wire, _ = await sent(rows, compression)
    assert [batch.compression_type for batch in wire.batches] == [codec]
