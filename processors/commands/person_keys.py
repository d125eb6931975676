"""The keys of people, as an operator's commands need them: to open what was sealed, and to see to
it that nobody does any more."""

from collections.abc import Sequence

import sql
from processors.engine.postgres import Connection, Database
from processors.engine.sealing import Name, names_of

QUERIES = sql.load("sealing")


async def keys_of(db: Database, tenant: str, sealed: str | None) -> dict[Name, bytes]:
    """The keys of people that a sealed text needs, as far as there are any."""
    names = names_of(sealed or "")
    if not names:
        return {}
    columns = map(list, zip(*names, strict=True))
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["keys_named"], [tenant] * len(names), *columns)
    return {(row["subject"], row["key_id"]): row["key"] for row in rows}


async def shred(conn: Connection, tenant: str, subjects: Sequence[str], until: int) -> None:
    """Delete the keys of these people that were made until then (epoch milliseconds)."""
    await conn.execute(QUERIES["shred"], tenant, subjects, until)
