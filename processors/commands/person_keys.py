"""The keys of people, as an operator's command needs them to open what was sealed."""

import sql
from processors.engine.postgres import Database
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
