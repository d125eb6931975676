"""Tenants' accounts at a platform, read again every few seconds, so that a changed token counts
without a restart. Credentials are opened in memory only."""

import logging

import orjson

from processors.engine.clock import Clock
from processors.engine.postgres import Database
from processors.engine.vault import CannotDecrypt, Vault
from processors.fanout.store import QUERIES
from processors.platforms.base import Account
from processors.platforms.connecting.renewal import Renewal
from schemas.delivery import Platform

log = logging.getLogger(__name__)


class Accounts:
    """The accounts of one platform."""

    def __init__(
        self, platform: Platform, db: Database, *, vault: Vault, clock: Clock, fresh_ms: int
    ) -> None:
        self._platform = platform
        self._db = db
        self._vault = vault
        self._clock = clock
        self._fresh_ms = fresh_ms
        self._read_at_ms: int | None = None
        self._renewal = Renewal(db, vault, platform)
        self._opened: dict[tuple[str, str, str], Account | None] = {}
        self._accounts: dict[str, Account] = {}

    async def current(self) -> dict[str, Account]:
        """Tenant -> account, of the connections that are switched on and can be opened."""
        now_ms = self._clock()
        if self._read_at_ms is None or now_ms - self._read_at_ms >= self._fresh_ms:
            await self._read()
            self._read_at_ms = now_ms
        return self._accounts

    async def _read(self) -> None:
        async with self._db.connection() as conn:
            rows = await conn.fetch(QUERIES["connections"], self._platform)
        opened = {}
        for row in rows:
            key = (row["tenant_id"], row["account_id"], row["credentials_encrypted"])
            opened[key] = self._opened[key] if key in self._opened else self._open(*key)
        self._opened = opened
        self._accounts = {key[0]: account for key, account in opened.items() if account}

    def _open(self, tenant_id: str, account_id: str, encrypted: str) -> Account | None:
        """None for credentials that cannot be read: they cost their own tenant alone."""
        try:
            credentials = orjson.loads(self._vault.decrypt(encrypted))
        except (CannotDecrypt, orjson.JSONDecodeError):
            credentials = None
        if not isinstance(credentials, dict):
            log.error(
                "credentials cannot be opened",
                extra={"tenant_id": tenant_id, "platform": self._platform},
            )
            return None
        texts = {k: str(v) for k, v in credentials.items()}
        return Account(tenant_id, account_id, texts, self._renewal)
