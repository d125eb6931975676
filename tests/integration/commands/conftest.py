"""Accounts of each test."""

from collections.abc import AsyncIterator

import pytest

from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.postgres import Database
from tests.integration.commands.accounts import Accounts
from tests.support.servers import KafkaServer


@pytest.fixture
async def accounts(
    kafka_server: KafkaServer, database: str, topic_prefix: str
) -> AsyncIterator[Accounts]:
    """Fresh topics and a fresh database."""
    bootstrap = kafka_server.bootstrap
    producer = Producer(bootstrap, prefix=topic_prefix)
    db = await Database.connect(database, application_name="test", max_size=2)
    async with Cluster(bootstrap, prefix=topic_prefix) as cluster:
        await cluster.create_topics()
        await producer.start()
        try:
            yield Accounts(producer, cluster, db)
        finally:
            await producer.stop()
            await db.close()
