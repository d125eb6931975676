"""A database with tables to look at, and connections under the role of the processors."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.postgres import Database
from tests.integration.credit.world import processor_database
from tests.integration.summary.tables import Tables


@pytest.fixture
async def tables(database: str) -> AsyncIterator[Tables]:
    conn = await asyncpg.connect(database)
    try:
        yield Tables(conn)
    finally:
        await conn.close()


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    async with processor_database(database) as made:
        yield made
