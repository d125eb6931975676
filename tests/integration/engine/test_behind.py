"""How far behind a consumer is, as the brokers told with the records."""

import asyncio

from processors.engine.kafka import Consumer
from processors.engine.settings import EngineSettings
from tests.support.engine_field import Field, ids

COUNT = 60
TAKEN = 20


async def test_a_consumer_knows_how_many_records_wait_after_those_it_took(field: Field) -> None:
    await field.put(ids(COUNT))
    settings = EngineSettings(
        kafka_bootstrap_servers=field.bootstrap, database_url="none", topic_prefix=field.prefix
    )
    consumer = Consumer(settings, group="g", topics=["spend.v1"], on_assigned=lambda _: None)
    await consumer.start()
    try:
        assert consumer.behind() == 0
        async with asyncio.timeout(60):
            left = COUNT
            while left:
                # Each partition's end is known only with the first records of it.
                taken = await consumer.poll(max_records=TAKEN, timeout_ms=500)
                left -= len(taken)
                assert consumer.behind() <= left
        assert consumer.behind() == 0
        await field.put([f"more-{n}" for n in range(COUNT)])
        further = 0
        async with asyncio.timeout(60):
            # A fetch may have brought the first of them alone.
            while not consumer.behind():
                further += len(await consumer.poll(max_records=1, timeout_ms=500))
        assert consumer.behind() <= COUNT - further
    finally:
        await consumer.stop()
