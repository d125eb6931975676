"""Migrations go forward only, once each, whoever runs them, on every Postgres that we support."""

import asyncio
import re

import asyncpg
import pytest

import sql
from tests.sql.servers import empty_database, other_programs, running
from tests.sql.snapshot import PATH, snapshot
from tests.sql.test_writers import QUERIES
from tests.support.servers import PostgresServer

NAME = re.compile(r"(\d{4})_(pre|post)_[a-z_]+\.sql")
DESTRUCTIVE = re.compile(r"\b(DROP TABLE|DROP COLUMN|DROP SCHEMA|TRUNCATE)\b")


async def migrate(dsn: str) -> list[str]:
    """Run the migrations; returns what was applied."""
    conn = await asyncpg.connect(dsn)
    try:
        return await sql.migrate(conn)
    finally:
        await conn.close()


def test_names_count_up_and_say_on_which_side_of_the_roll_out_they_belong() -> None:
    found = [NAME.fullmatch(name) for name, _ in sql.migrations()]
    assert all(found)
    assert [int(match[1]) for match in found if match] == list(range(1, len(found) + 1))


def test_what_runs_before_the_roll_out_takes_nothing_away() -> None:
    taking = [n for n, text in sql.migrations() if "_pre_" in n and DESTRUCTIVE.search(text)]
    assert taking == []


async def test_an_empty_database_gets_everything_in_order_and_the_next_run_does_nothing(
    postgres_server: PostgresServer,
) -> None:
    everything = [name for name, _ in sql.migrations()] + [name for name, _ in sql.views()]
    async with empty_database(postgres_server.dsn) as dsn:
        assert await migrate(dsn) == everything
        assert await migrate(dsn) == []


async def test_two_runners_at_once_apply_each_migration_once(
    postgres_server: PostgresServer,
) -> None:
    async with empty_database(postgres_server.dsn) as dsn:
        one, other, third = await asyncio.gather(migrate(dsn), migrate(dsn), migrate(dsn))
        assert sorted([len(one), len(other), len(third)])[:2] == [0, 0]
        assert one or other or third
        assert snapshot(dsn) == PATH.read_text()


async def test_databases_of_one_server_can_be_migrated_at_the_same_time(
    postgres_server: PostgresServer,
) -> None:
    async with (
        empty_database(postgres_server.dsn) as one,
        empty_database(postgres_server.dsn) as other,
    ):
        assert all(await asyncio.gather(migrate(one), migrate(other)))


async def test_an_edited_migration_is_refused_by_name_and_nothing_is_applied(
    database: str,
) -> None:
    edited, _ = sql.migrations()[0]
    conn = await asyncpg.connect(database)
    try:
        await conn.execute("UPDATE schema_migrations SET checksum = 'x' WHERE name = $1", edited)
        await conn.execute("DELETE FROM schema_migrations WHERE name = 'views'")
        with pytest.raises(ValueError, match=f"{edited} was edited"):
            await sql.migrate(conn)
        assert (
            await conn.fetchval("SELECT count(*) FROM schema_migrations WHERE name = 'views'") == 0
        )
    finally:
        await conn.close()


async def test_a_changed_view_makes_all_views_again_and_leaves_the_same_schema(
    database: str,
) -> None:
    conn = await asyncpg.connect(database)
    try:
        await conn.execute("UPDATE schema_migrations SET checksum = 'x' WHERE name = 'views'")
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('kept')")
        assert await sql.migrate(conn) == [name for name, _ in sql.views()]
        assert await conn.fetchval("SELECT count(*) FROM tenants") == 1
    finally:
        await conn.close()
    assert snapshot(database) == PATH.read_text()


async def test_a_migration_that_fails_leaves_nothing(postgres_server: PostgresServer) -> None:
    async with empty_database(postgres_server.dsn) as dsn:
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute("CREATE TABLE summary_cells ()")
            with pytest.raises(asyncpg.DuplicateTableError):
                await sql.migrate(conn)
            tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            assert [row["tablename"] for row in tables] == ["summary_cells"]
        finally:
            await conn.close()


async def test_the_other_versions_of_postgres_here_get_the_same_schema_and_take_every_query() -> (
    None
):
    for programs in other_programs():
        with running(programs) as server:
            async with empty_database(server) as dsn:
                await migrate(dsn)
                assert snapshot(dsn) == PATH.read_text()
                conn = await asyncpg.connect(dsn)
                try:
                    for name in QUERIES:
                        for text in sql.load(name).values():
                            await conn.prepare(text)
                finally:
                    await conn.close()
