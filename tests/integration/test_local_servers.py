"""The servers that `make up` and the tests run: real, private, and durable under SIGKILL."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.readiness import is_ready
from tests.support.servers import server_folder

TOPIC = "touchpoints"
ENDLESS = "SELECT count(a * b) FROM generate_series(1, 99999) a, generate_series(1, 99999) b"
ENDLESS_IS_RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(a%'"
RECORDS = [f"record {number}".encode() for number in range(500)]


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with server_folder() as folder:
        server = Kafka(folder)
        server.start()
        yield server
        server.kill()


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[Postgres]:
    with server_folder() as folder:
        server = Postgres(folder)
        server.start()
        yield server
        server.kill()


async def test_kafka_keeps_every_acknowledged_record_over_sigkill(kafka: Kafka) -> None:
    await create_topic(kafka, TOPIC)
    await produce(kafka, TOPIC)

    kafka.kill()
    assert not is_ready(f"kafka://{kafka.bootstrap}")
    kafka.start()

    assert await everything_in(kafka, TOPIC) == RECORDS


async def test_kafka_keeps_its_port_and_records_over_an_orderly_restart(kafka: Kafka) -> None:
    before = kafka.bootstrap
    await create_topic(kafka, "orders")
    await produce(kafka, "orders")

    kafka.restart()

    assert kafka.bootstrap == before
    assert await everything_in(kafka, "orders") == RECORDS


async def test_kafka_refuses_a_topic_that_nobody_created(kafka: Kafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        [described] = await admin.describe_topics(["mistyped"])
    finally:
        await admin.close()
    assert described["error_code"] == UnknownTopicOrPartitionError.errno


async def test_postgres_keeps_every_committed_row_over_sigkill(durable_postgres: Postgres) -> None:
    server = durable_postgres
    connection = await asyncpg.connect(server.dsn)
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    server.kill()
    connection.terminate()
    server.start()

    assert await value(server, "SELECT count(*) FROM kept") == 1000


async def test_postgres_starts_although_only_its_postmaster_was_killed(
    durable_postgres: Postgres,
) -> None:
    server = durable_postgres
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("CREATE TABLE also_kept AS SELECT 1 AS number")
    busy = asyncio.create_task(connection.fetchval(ENDLESS))
    await seen_running(server)
    os.kill(server.pid, signal.SIGKILL)  # the busy backend does not look whether it is alone

    server.restart()

    assert await value(server, "SELECT count(*) FROM also_kept") == 1
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await busy


async def test_postgres_sorts_by_bytes_and_asks_for_a_password(durable_postgres: Postgres) -> None:
    assert await value(durable_postgres, "SHOW server_encoding") == "UTF8"
    assert await value(durable_postgres, "SELECT 'a' COLLATE \"default\" > 'B'") is True
    address = durable_postgres.dsn.rpartition("@")[2]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@{address}")


async def create_topic(kafka: Kafka, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def produce(kafka: Kafka, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    try:
        sent = [await producer.send(topic, record) for record in RECORDS]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def everything_in(kafka: Kafka, topic: str) -> list[bytes]:
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        await consumer.seek_to_beginning(partition)
        records: list[bytes] = []
        async with asyncio.timeout(30):
            while len(records) < end:
                batch = await consumer.getmany(timeout_ms=500)
                records.extend(record.value for record in batch.get(partition, []))
        return records
    finally:
        await consumer.stop()


async def seen_running(server: Postgres) -> None:
    async with asyncio.timeout(10):
        while not await value(server, ENDLESS_IS_RUNNING):  # noqa: ASYNC110, another process
            await asyncio.sleep(0.02)


async def value(server: Postgres, query: str) -> Any:
    connection = await asyncpg.connect(server.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
