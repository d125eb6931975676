"""A world for the scheduler, on real Kafka and Postgres."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.schedule.world import World, running
from tests.support.servers import KafkaServer


@pytest.fixture
async def world(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[World]:
    """Ready to take events."""
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
    ) as made:
        yield made
