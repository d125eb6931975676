"""The rows of connections: credentials as they are stored, opened and sealed in memory only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

import sql
from processors.engine.postgres import Connection, Database, Row
from processors.engine.vault import Vault

QUERIES: Final = sql.load("connections")
RESEALED: Final = ("sealed", "reseal")
"""The queries that read what is sealed, and put it under another key."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A connection as it stands."""

    account_id: str
    enabled: bool
    credentials: Mapping[str, str] = field(repr=False)


def opened(vault: Vault, sealed: str) -> dict[str, str]:
    """The credentials.

    Raises:
        CannotDecrypt: when no key fits.
    """
    found: Any = orjson.loads(vault.decrypt(sealed))
    return {name: str(value) for name, value in found.items()}


def sealed(vault: Vault, credentials: Mapping[str, str]) -> str:
    """As the table has them."""
    return vault.encrypt(orjson.dumps(dict(credentials)).decode())


async def find(conn: Connection, vault: Vault, tenant: str, platform: str) -> Stored | None:
    """The connection, without holding it."""
    row = await conn.fetchrow(QUERIES["connection"], tenant, platform)
    return None if row is None else _stored(vault, row)


async def hold(conn: Connection, vault: Vault, tenant: str, platform: str) -> Stored | None:
    """The connection, which nobody else changes until the transaction ends."""
    row = await conn.fetchrow(QUERIES["locked_connection"], tenant, platform)
    return None if row is None else _stored(vault, row)


async def put(conn: Connection, vault: Vault, tenant: str, platform: str, changed: Stored) -> None:
    """Change one that is held."""
    await conn.execute(QUERIES["change_connection"], tenant, platform, *_columns(vault, changed))


async def give(conn: Connection, vault: Vault, tenant: str, platform: str, told: Stored) -> None:
    """Put one as an operator tells it; one that has had an account stays on or off as it is."""
    await conn.execute(QUERIES["put_connection"], tenant, platform, *_columns(vault, told))


async def switch(conn: Connection, tenant: str, platform: str, *, on: bool) -> bool:
    """Switch one on or off, its credentials kept; false where there is no account to send to."""
    args = (tenant, platform, on)
    return await conn.fetchval(QUERIES["switch_connection"], *args) is not None


async def spend_was_refused(
    conn: Connection, tenant: str, platform: str, *, why: str, now: int
) -> None:
    """Tell of it in the connection's health."""
    await conn.execute(QUERIES["put_spend_refusal"], tenant, platform, f"spend: {why}", now)


async def spend_was_read(conn: Connection, tenant: str, platform: str, *, now: int) -> None:
    """What only the reading of spend had found is over."""
    await conn.execute(QUERIES["put_spend_success"], tenant, platform, "its spend was read", now)


@asynccontextmanager
async def held(
    db: Database, vault: Vault, tenant: str, platform: str
) -> AsyncIterator["tuple[Connection, Stored]"]:
    """The connection in a transaction of its own; an empty one is made where there is none."""
    async with db.transaction() as conn:
        nothing = sealed(vault, {})
        await conn.execute(QUERIES["begin_connection"], tenant, platform, nothing)
        found = await hold(conn, vault, tenant, platform)
        assert found is not None
        yield conn, found


def _columns(vault: Vault, told: Stored) -> tuple[str, str, str | None, bool]:
    """An ad account is kept beside the credentials, too, where analysts may see it."""
    found = sealed(vault, told.credentials)
    return told.account_id, found, told.credentials.get("ad_account_id"), told.enabled


def _stored(vault: Vault, row: Any) -> Stored:
    return Stored(row["account_id"], row["enabled"], opened(vault, row["credentials_encrypted"]))


async def connections_of(
    conn: Connection, tenant: str | None, platforms: Sequence[str]
) -> list[Row]:
    """The connections of these platforms, switched on or not, of every tenant or the one."""
    return await conn.fetch(QUERIES["to_check"], tenant, list(platforms))
