"""Tables are filled many times faster without their indexes, which are built when all is in, and
without their triggers, which look things up by those."""

from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg

_INDEXES: Final = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition,
    c.conname AS key, pg_get_constraintdef(c.oid) AS key_definition
FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid
WHERE i.indrelid = $1::text::regclass
"""


async def without_indexes(
    conn: "asyncpg.Connection[asyncpg.Record]", table: str
) -> Callable[[], Awaitable[None]]:
    """Take the table's indexes and triggers away; returns what brings them back."""
    await conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    indexes = await conn.fetch(_INDEXES, table)
    for index in indexes:
        await conn.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {index['key']}"
            if index["key"]
            else f"DROP INDEX {index['name']}"
        )

    async def build() -> None:
        for index in indexes:
            await conn.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {index['key']} {index['key_definition']}"
                if index["key"]
                else index["definition"]
            )
        await conn.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return build
