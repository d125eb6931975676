"""What holds for every table, view and function: described, guarded, and as the snapshot says."""

import asyncpg
import pytest

from tests.sql.snapshot import PATH, snapshot

UNDESCRIBED = {
    "tables and views": """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
            AND obj_description(oid, 'pg_class') IS NULL""",
    "columns": """
        SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
            AND NOT relispartition AND attnum > 0 AND NOT attisdropped
            AND col_description(c.oid, attnum) IS NULL""",
    "functions": """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL""",
}
UNGUARDED = """
SELECT relname FROM pg_class AS c
JOIN pg_attribute ON attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND NOT (
        relrowsecurity AND relforcerowsecurity
        AND ARRAY['analyst', 'operator', 'processor']::name[] <@ ARRAY(
            SELECT polname FROM pg_policy WHERE polrelid = c.oid
        )
    )"""
OPEN_POLICIES = """
SELECT tablename || '.' || policyname FROM pg_policies
WHERE schemaname = 'public' AND (
    'public' = ANY (roles)
    OR policyname = 'analyst' AND (cmd <> 'SELECT' OR qual NOT LIKE '%attributary_tenant()%')
)"""
OWNERS_EYES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
    AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"""
NO_TENANT = """
SELECT relname FROM pg_class AS c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') AND NOT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id'
)"""
TENANT_NOT_FIRST = """
SELECT indexrelid::regclass::text FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE i.indisunique AND a.attnum = ANY (i.indkey) AND i.indkey[0] <> a.attnum
    AND c.relname <> 'outcome_counts'"""
KEYS_WITH_TIME = """
SELECT p.partrelid::regclass::text FROM pg_partitioned_table AS p
JOIN pg_index AS i ON i.indrelid = p.partrelid
WHERE p.partstrat = 'r' AND i.indisunique"""
CLOCKS = """
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'"""
FLOATS = """
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('real', 'double precision', 'money')"""


async def names(dsn: str, query: str) -> list[str]:
    """The first column."""
    conn = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await conn.fetch(query)]
    finally:
        await conn.close()


def test_the_migrations_make_what_the_snapshot_says(database: str) -> None:
    assert snapshot(database) == PATH.read_text(), "run: python -m tests.sql.snapshot"


@pytest.mark.parametrize("kind", list(UNDESCRIBED))
async def test_everything_is_described(database: str, kind: str) -> None:
    assert await names(database, UNDESCRIBED[kind]) == []


async def test_every_table_with_a_tenant_has_forced_row_level_security(database: str) -> None:
    assert await names(database, UNGUARDED) == []


async def test_no_policy_is_for_everyone_and_analysts_see_their_tenant_alone(database: str) -> None:
    assert await names(database, OPEN_POLICIES) == []


async def test_every_view_looks_with_the_eyes_of_its_reader(database: str) -> None:
    assert await names(database, OWNERS_EYES) == []


async def test_every_view_tells_the_tenant(database: str) -> None:
    assert await names(database, NO_TENANT) == []


async def test_the_tenant_leads_every_key_that_has_one(database: str) -> None:
    assert await names(database, TENANT_NOT_FIRST) == []


async def test_no_unique_key_contains_the_time_of_a_partitioned_log(database: str) -> None:
    assert await names(database, KEYS_WITH_TIME) == []


async def test_times_have_a_zone_and_no_number_is_a_float(database: str) -> None:
    assert await names(database, CLOCKS) == []
    assert await names(database, FLOATS) == []


async def test_every_view_says_how_it_is_asked(database: str) -> None:
    """A view's comment has an example, and the example works."""
    conn = await asyncpg.connect(database)
    try:
        rows = await conn.fetch(
            "SELECT relname, obj_description(oid, 'pg_class') AS comment FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
        )
        assert rows
        for row in rows:
            _, found, example = row["comment"].partition("Example: ")
            assert found, row["relname"]
            await conn.fetch(example.rstrip(".;"))
    finally:
        await conn.close()
