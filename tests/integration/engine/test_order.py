"""An engine notices what a client library leaves out, and is not disturbed by holes of the log."""

import logging

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from processors.engine.cycle import Patience
from processors.engine.kafka import Raw
from processors.engine.metrics import Metrics
from processors.engine.order import Order, Skipped
from processors.engine.processor import Message
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from tests.support.engine_field import Field, ids, spend, until
from tests.support.engine_toy import ToySettings
from tests.support.engine_toy import spec as toy


def order(field: Field) -> Order:
    settings = EngineSettings(
        kafka_bootstrap_servers=field.bootstrap, database_url="none", topic_prefix=field.prefix
    )
    return Order(toy(ToySettings()), settings, patience=Patience(settings, Pulse(), Metrics()))


async def in_one_partition(field: Field, count: int) -> list[Message]:
    values = [spend(name).model_dump_json().encode() for name in ids(count)]
    await field.put_raw(*[Raw("spend.v1", b"acme|one", value, partition=0) for value in values])
    return await field.records("spend.v1")


async def in_a_transaction(field: Field, names: list[str]) -> None:
    """Each record is followed by the end of its transaction, which takes an offset."""
    producer = AIOKafkaProducer(bootstrap_servers=field.bootstrap, transactional_id=field.prefix)
    await producer.start()
    try:
        for name in names:
            async with producer.transaction():
                value = spend(name).model_dump_json().encode()
                await producer.send(field.prefix + "spend.v1", value, b"acme|one", partition=0)
    finally:
        await producer.stop()


async def delete_before(field: Field, message: Message) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=field.bootstrap)
    await admin.start()
    place = TopicPartition(field.prefix + message.topic, message.partition)
    try:
        await admin.delete_records({place: RecordsToDelete(message.offset)})
    finally:
        await admin.close()


async def test_a_record_that_was_left_out_is_missed_and_one_that_comes_again_is_not(
    field: Field,
) -> None:
    messages = await in_one_partition(field, 6)
    watched = order(field)
    await watched.check(messages[:2])
    await watched.check(messages[1:3])
    with pytest.raises(Skipped, match=f"{messages[5].offset} came, not {messages[3].offset}"):
        await watched.check(messages[5:])


async def test_the_first_record_after_an_assignment_is_missed_too(field: Field) -> None:
    messages = await in_one_partition(field, 3)
    watched = order(field)
    await watched.check(messages)
    watched.forget()
    with pytest.raises(Skipped):
        await watched.check(messages[1:])


async def test_records_that_retention_took_are_told(
    field: Field, caplog: pytest.LogCaptureFixture
) -> None:
    messages = await in_one_partition(field, 6)
    watched = order(field)
    await watched.check(messages[:2])
    await delete_before(field, messages[4])
    with caplog.at_level(logging.ERROR):
        await watched.check(messages[4:])
    [told] = [record for record in caplog.records if "deleted before" in record.message]
    assert (vars(told)["from"], vars(told)["to"]) == (messages[2].offset, messages[4].offset)


async def test_a_worker_that_slept_through_the_retention_says_so(field: Field, engine: str) -> None:
    await in_one_partition(field, 4)
    first = field.worker(engine=engine)
    await field.drained()
    first.kill()
    messages = await in_one_partition(field, 8)
    await delete_before(field, messages[6])
    second = field.worker(engine=engine)

    async def told() -> bool:
        return any("deleted before" in line["message"] for line in second.lines())

    await until("the word that records are gone", told)
    await field.drained()


async def test_the_end_of_a_transaction_is_no_missing_record(field: Field, engine: str) -> None:
    names = ids(6)
    field.worker(engine=engine)
    await in_a_transaction(field, names)

    async def stored() -> bool:
        return set(await field.effects()) == set(names)

    await until("all records of the transactions", stored)
