"""A refresh token that the vendor replaces is replaced where it is stored, one process at a time.

The row is held while the next is bought: whoever comes second finds the new token, and the access
token that came with it, and buys nothing. A transaction that cannot be committed loses the new
token for all but the process that bought it; `Tokens` keeps that and stores it at its next turn.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from processors.engine.postgres import Connection, Database
from processors.engine.vault import Vault
from processors.platforms.base import Account
from processors.platforms.connecting import store
from processors.platforms.connecting.store import QUERIES


class Renewal:
    """How the credentials of a platform's accounts are renewed."""

    def __init__(self, db: Database, vault: Vault, platform: str) -> None:
        self._db = db
        self._vault = vault
        self._platform = platform

    @asynccontextmanager
    async def held(self, account: Account) -> AsyncIterator["_Held"]:
        """The account as it is stored now; nobody else renews it meanwhile."""
        async with self._db.transaction() as conn:
            stored = await store.hold(conn, self._vault, account.tenant_id, self._platform)
            now = account if stored is None else replace(account, credentials=stored.credentials)
            yield _Held(conn, self._vault, self._platform, now)


class _Held:
    """An account that is being renewed."""

    def __init__(self, conn: Connection, vault: Vault, platform: str, account: Account) -> None:
        self._conn = conn
        self._vault = vault
        self._platform = platform
        self.account = account

    async def keep(self, parts: Mapping[str, str]) -> None:
        """Store these among its credentials."""
        credentials = {**self.account.credentials, **parts}
        args = (self.account.tenant_id, self._platform, store.sealed(self._vault, credentials))
        await self._conn.execute(QUERIES["renew_connection"], *args)
