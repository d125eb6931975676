"""A login of a tenant's analyst, under row-level security as everybody is who asks."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg


@asynccontextmanager
async def analyst_of(dsn: str, tenant: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Yield the connection of a login that is dropped afterwards."""
    operator = await asyncpg.connect(dsn)
    login, word = f"bench_{secrets.token_hex(6)}", secrets.token_hex(12)
    try:
        await operator.execute(
            f"CREATE ROLE {login} LOGIN PASSWORD '{word}' IN ROLE attributary_analyst"
        )
        await operator.execute("INSERT INTO analysts VALUES ($1, $2)", login, tenant)
        parts = urlsplit(dsn)
        address = f"{login}:{word}@{parts.hostname}:{parts.port}"
        analyst = await asyncpg.connect(urlunsplit(parts._replace(netloc=address)))
        try:
            yield analyst
        finally:
            await analyst.close()
    finally:
        await operator.execute(f"DROP OWNED BY {login}")
        await operator.execute(f"DROP ROLE {login}")
        await operator.close()
