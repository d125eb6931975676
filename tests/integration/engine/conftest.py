"""The field of each test, and the engines under which the conformance suite runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.engine_field import Field
from tests.support.servers import KafkaServer


@pytest.fixture(params=["batches", "agents"])
def engine(request: pytest.FixtureRequest) -> str:
    """Both Kafka engines keep the same contract."""
    return str(request.param)


@pytest.fixture
async def field(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[Field]:
    """Topics and tables of this test."""
    field = Field(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
    )
    await field.open()
    try:
        yield field
    finally:
        await field.close()
