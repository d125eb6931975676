"""Every named query is SQL that the migrated schema understands."""

import asyncpg
import pytest

import sql
from tests.sql.test_writers import QUERIES


@pytest.mark.parametrize("name", QUERIES)
async def test_every_query_of_a_file_can_be_prepared(database: str, name: str) -> None:
    found = sql.load(name)
    assert found
    conn = await asyncpg.connect(database)
    try:
        refused = {}
        for query, text in found.items():
            try:
                await conn.prepare(text)
            except asyncpg.PostgresError as error:
                refused[query] = str(error)
        assert refused == {}
    finally:
        await conn.close()


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_has_a_name_and_ends_without_a_semicolon(name: str) -> None:
    for query, text in sql.load(name).items():
        assert query.isidentifier()
        assert text, query
        assert not text.endswith(";"), query
