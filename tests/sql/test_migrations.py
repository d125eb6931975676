"""Migrations go forward only, once each, whoever runs them, on every Postgres that we support."""

import asyncio
import re

import asyncpg
import pytest

import sql
from sql import concurrently
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


BODY = re.compile(r"CREATE FUNCTION .*?\$\$.*?\$\$", re.DOTALL)
"""What a function does when it is called is not done by the migration."""
LARGE = (
    "attribution_touchpoints|identity_nodes|identity_edges|conversions|conversion_nodes"
    "|order_versions|pixel_events|credit_rows|credit_applied|journeys|journey_cells|summary_cells"
    "|dedupe_keys|deliveries|daily_spend|delivery_consent_log"
)
LOCKING = re.compile(rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\w+ ON (?:ONLY )?({LARGE})\b")
SINCE = 37
"""From this migration on; what came before met no large table."""


def locking(text: str) -> list[str]:
    """The large tables that writers cannot write to while a migration builds an index."""
    return [table for table in LOCKING.findall(text) if f"CREATE TABLE {table} (" not in text]


def test_an_index_of_a_large_table_is_built_while_others_write() -> None:
    late = [(n, text) for n, text in sql.migrations() if int(n[:4]) >= SINCE]
    assert late
    assert {n: tables for n, text in late if (tables := locking(text))} == {}
    assert locking("CREATE UNIQUE INDEX one ON conversions (tenant_id)") == ["conversions"]
    assert locking("CREATE INDEX CONCURRENTLY one ON conversions (tenant_id)") == []


def test_what_runs_outside_a_transaction_can_be_said_twice() -> None:
    for name, text in sql.migrations():
        concurrent = "CONCURRENTLY" in text
        assert concurrently.is_marked(text) == concurrent, name
        if concurrent:
            concurrently.statements(text)
    with pytest.raises(ValueError, match="said twice"):
        concurrently.statements("-- no transaction\nALTER TABLE x ADD y int;\n")


UNIQUE = """-- no transaction
-- One order, one name.
CREATE UNIQUE INDEX CONCURRENTLY first_try ON consumed_offsets (consumer_group);
CREATE INDEX CONCURRENTLY second_try ON consumed_offsets
    (topic);
"""


async def test_an_index_that_was_left_half_built_is_built_again_and_one_that_stands_is_left(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = sql.migrations()
    monkeypatch.setattr(sql, "migrations", lambda: [*known, ("9999_pre_index.sql", UNIQUE)])
    conn = await asyncpg.connect(database)
    state = (
        "SELECT indexrelid::regclass::text, indexrelid::bigint, indisvalid FROM pg_index"
        " WHERE indexrelid::regclass::text LIKE '%_try' ORDER BY 1"
    )
    try:
        await conn.execute(
            "INSERT INTO consumed_offsets (consumer_group, topic, partition, base_offset,"
            " next_offset) VALUES ('one', 't', 0, 0, 0), ('one', 't', 1, 0, 0)"
        )
        with pytest.raises(asyncpg.UniqueViolationError):
            await sql.migrate(conn)
        assert [row[2] for row in await conn.fetch(state)] == [False]
        await conn.execute("UPDATE consumed_offsets SET consumer_group = 'two' WHERE partition = 1")
        assert await sql.migrate(conn) == ["9999_pre_index.sql"]
        built = [tuple(row) for row in await conn.fetch(state)]
        assert [(row[0], row[2]) for row in built] == [("first_try", True), ("second_try", True)]
        await conn.execute("DELETE FROM schema_migrations WHERE name = '9999_pre_index.sql'")
        assert await sql.migrate(conn) == ["9999_pre_index.sql"]
        assert [tuple(row) for row in await conn.fetch(state)] == built
    finally:
        await conn.close()


async def test_a_migration_waits_for_a_lock_without_holding_up_those_who_come_after_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, added = sql.migrations(), "ALTER TABLE tenants ADD COLUMN nickname text;"
    monkeypatch.setattr(sql, "migrations", lambda: [*known, ("9999_pre_column.sql", added)])
    conn, other, third = [await asyncpg.connect(database) for _ in range(3)]
    try:
        reading = other.transaction()
        await reading.start()
        await other.fetch("SELECT * FROM tenants")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await sql.migrate(conn, lock_seconds=0.05, attempts=2)
        running = asyncio.create_task(sql.migrate(conn, lock_seconds=0.05))
        for _ in range(3):
            # Each would wait for the reader, too, if the migration queued before it for ever.
            await asyncio.wait_for(third.fetch("SELECT * FROM tenants"), 5)
        assert not running.done()
        await reading.rollback()
        assert await asyncio.wait_for(running, 20) == ["9999_pre_column.sql"]
    finally:
        for own in (conn, other, third):
            await own.close()


def test_names_count_up_and_say_on_which_side_of_the_roll_out_they_belong() -> None:
    found = [NAME.fullmatch(name) for name, _ in sql.migrations()]
    assert all(found)
    assert [int(match[1]) for match in found if match] == list(range(1, len(found) + 1))


def test_what_runs_before_the_roll_out_takes_nothing_away() -> None:
    now = [(n, BODY.sub("", text)) for n, text in sql.migrations() if "_pre_" in n]
    taking = [n for n, text in now if DESTRUCTIVE.search(text)]
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
