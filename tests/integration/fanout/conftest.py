"""The field of each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.fanout.field import Field
from tests.support.servers import KafkaServer


@pytest.fixture
async def field(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[Field]:
    """Topics, tables and simulators of this test."""
    field = Field(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
    )
    await field.open()
    try:
        yield field
    finally:
        await field.close()
