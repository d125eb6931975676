"""The log is read whole from a real broker: all partitions, to the end, garbage left out."""

import random

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.topics import SOURCES, TOPICS
from tests.oracle.compute import served
from tests.oracle.differences import diff
from tests.oracle.log import log_of, read_log
from tests.support.random_log import Size, random_log
from tests.support.servers import KafkaServer


async def test_the_log_on_a_broker_makes_the_same_tables_as_in_memory(
    kafka_server: KafkaServer, topic_prefix: str
) -> None:
    log = random_log(random.Random(1), Size(touches=30, events=20, orders=10))
    await _create(kafka_server.bootstrap, topic_prefix)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(f"{topic_prefix}orders.v1", b"garbage")
        for topic, record in log:
            key = TOPICS[topic].key(record).encode()
            await producer.send(topic_prefix + topic, record.model_dump_json().encode(), key=key)
        await producer.flush()
    finally:
        await producer.stop()
    read = await read_log(kafka_server.bootstrap, topic_prefix)
    assert sum(len(records) for records in read.values()) == len(log)
    assert diff(served(log_of(log)), served(read)) == []


async def _create(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(prefix + name, 3, 1) for name in SOURCES])
    finally:
        await admin.close()
