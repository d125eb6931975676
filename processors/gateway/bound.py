"""Transactions that see one tenant: a role under row-level security, told whose rows they are.

The gateway's own role sees no results. Here it takes a role that has what an analyst has, or may
keep what is saved on pages, and names the tenant of the key; policies of the database do the rest,
so that a condition that somebody forgets shows nothing of anybody else.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import sql
from processors.engine.postgres import Connection, Database, is_cancelled, is_transient
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("analytics")
Role = Literal["attributary_reader", "attributary_editor"]

_MOST_WAITING: Final = 32


class Bound:
    """A few connections under one role, opened when first asked for."""

    def __init__(self, settings: GatewaySettings, role: Role, *, at_once: int) -> None:
        self._settings = settings
        self._role: Final = role
        self._at_once = at_once
        self._slots = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._database: Database | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def transaction(
        self, tenant: str, *, seconds: float, readonly: bool
    ) -> AsyncIterator[Connection]:
        """One transaction that sees this tenant alone; no statement of it may take longer.

        Raises:
            Problem: 503 when too many ask at once or Postgres cannot be asked, 504 for a statement
                that took too long.
        """
        if self._waiting >= _MOST_WAITING:
            raise Problem(503, "busy", "too many questions at once", retry_after_seconds=2)
        self._waiting += 1
        try:
            async with self._slots:
                db = await self._open()
                async with db.transaction(readonly=readonly) as conn:
                    await conn.fetchrow(QUERIES["bind"], tenant, str(int(seconds * 1_000)))
                    yield conn
        except Exception as error:
            if is_cancelled(error):
                detail = f"this took more than {seconds:g} s: ask for fewer days, or add filters"
                raise Problem(504, "too_slow", detail) from None
            if not is_transient(error):
                raise
            log.warning("not answered", extra={"reason": type(error).__name__})
            detail = "Postgres cannot be asked now"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Close the connections."""
        if self._database is not None:
            await self._database.close()

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await Database.connect(
                    self._settings.database_url.get_secret_value(),
                    role=self._role,
                    max_size=self._at_once,
                    application_name="attributary gateway pages",
                )
            return self._database
