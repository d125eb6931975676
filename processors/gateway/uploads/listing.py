"""`GET /api/v1/audit/offline-conversions/batches`: the uploads of the key's tenant.

Read through the gateway's own role, which sees no result tables: a function of the database gives
it this list and nothing else. A connection of its own, so that a long list holds no key up. Match
rates of great uploads take seconds: those that are not there in time are null, and told so.
"""

import asyncio
import logging
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import sql
from processors.engine.postgres import Database
from processors.gateway.query import first
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

PATH: Final = "/api/v1/audit/offline-conversions/batches"
QUERIES: Final = sql.load("gateway")

_DAYS: Final = (30, 3_650)
_LIMIT: Final = (100, 1_000)
_SECONDS: Final = 30.0
_RATES_SECONDS: Final = 10.0


class Listing:
    """Lists uploads."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._database: Database | None = None
        self._opening = asyncio.Lock()

    async def batches(self, tenant: str, query: bytes) -> dict[str, Any]:
        """The tenant's uploads, latest first; `days` (30) and `limit` (100) may be in the query.
        `match_rates` is complete, or partial when some were not there in time.

        Raises:
            Problem: 422 for a number that is none, 503 without Postgres.
        """
        days, limit = _whole(query, "days", *_DAYS), _whole(query, "limit", *_LIMIT)
        try:
            async with asyncio.timeout(_SECONDS):
                db = await self._open()
                async with db.connection() as conn:
                    rows = await conn.fetch(QUERIES["offline_batches"], tenant, days, limit)
                listed = [{n: _plain(value) for n, value in row.items()} for row in rows]
                complete = await self._rates(db, tenant, listed)
        except Exception as error:
            log.warning("uploads not listed", exc_info=error)
            detail = "Postgres cannot be asked now"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None
        return {"batches": listed, "match_rates": "complete" if complete else "partial"}

    async def _rates(self, db: Database, tenant: str, listed: list[dict[str, Any]]) -> bool:
        """Fill in match rates, latest first, while there is time; whether all are there."""
        for batch in listed:
            batch["match_rate_pct"] = None
        try:
            async with asyncio.timeout(_RATES_SECONDS), db.connection() as conn:
                for batch in listed:
                    rate = await conn.fetchval(
                        QUERIES["offline_match_rate"], tenant, batch["batch_id"]
                    )
                    batch["match_rate_pct"] = _plain(rate)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            await self._database.close()

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await Database.connect(
                    self._settings.database_url.get_secret_value(),
                    role=self._settings.role,
                    max_size=1,
                    application_name="attributary gateway uploads",
                )
            return self._database


def _whole(query: bytes, name: str, default: int, most: int) -> int:
    text = first(query, name.encode()) or str(default)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= most:
        raise Problem(422, "bad_option", f"{name} must be a whole number from 1 to {most}")
    return int(text[:9])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
