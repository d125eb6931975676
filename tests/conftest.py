"""Fixtures for every test: nothing is started until a test asks for it."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.databases import Databases
from tests.support.servers import KafkaServer, PostgresServer, broker, postgres

# A broker of a test lives too briefly to earn back what the JVM's second compiler costs.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


FIRST = ("tests/e2e/", "tests/integration/", "tests/contract/processors/", "tests/sql/")
"""Folders whose files may take minutes."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first, so that no process waits at the end for another's; within
    a folder the order stays random."""

    def turn(item: pytest.Item) -> int:
        places = (n for n, folder in enumerate(FIRST) if item.nodeid.startswith(folder))
        return next(places, len(FIRST))

    items.sort(key=turn)


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """A real broker; a test that stops it starts it again."""
    with broker() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real database server; a test that stops it starts it again."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres_server: PostgresServer) -> Iterator[Databases]:
    """Where fresh databases come from."""
    made = Databases(postgres_server.dsn)
    yield made
    asyncio.run(made.drop_template())


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[str]:
    """The DSN of a fresh database with every migration applied."""
    async with databases.fresh() as dsn:
        yield dsn


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics and groups that no other test has."""
    return f"t{uuid.uuid4().hex[:12]}."
