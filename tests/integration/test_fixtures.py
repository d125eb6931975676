"""The fixtures that other tests stand on: a broker, and a migrated database for each test."""

from urllib.parse import urlsplit

import asyncpg

from deploy.local.readiness import is_ready
from tests.support.databases import Databases
from tests.support.servers import KafkaServer


async def test_a_fresh_database_is_migrated_and_shares_nothing(
    database: str, databases: Databases
) -> None:
    async with databases.fresh() as other:
        assert urlsplit(other).path != urlsplit(database).path
        await run(database, "CREATE TABLE mine ()")
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert await run(other, f"{tables} AND tablename = 'mine'") == 0
        assert await run(other, tables) > 0
    left = f"SELECT count(*) FROM pg_database WHERE datname = '{urlsplit(other).path[1:]}'"
    assert await run(database, left) == 0


def test_the_broker_of_the_session_serves(kafka_server: KafkaServer, topic_prefix: str) -> None:
    assert is_ready(f"kafka://{kafka_server.bootstrap.split(',')[0]}")
    assert topic_prefix


async def run(dsn: str, query: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(query) or 0)
    finally:
        await connection.close()
