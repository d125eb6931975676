"""The rows of readings: which accounts there are, how far they are read, and what was known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import sql
from processors.engine.postgres import Database
from processors.engine.vault import CannotDecrypt
from processors.platforms.base import Account
from processors.platforms.connecting import store as connecting
from processors.platforms.connecting.renewal import Renewal
from processors.platforms.registry import CONNECTORS
from processors.platforms.spend_registry import SpendSource
from processors.platforms.spending import Level
from processors.schedule.spend.promised import Promised
from processors.schedule.tools import Tools

QUERIES: Final = sql.load("spend")


@dataclass(frozen=True, slots=True)
class Place:
    """An ad account and what is read of it; what its rows are found by."""

    tenant: str
    platform: str
    account_id: str
    level: Level

    @property
    def key(self) -> tuple[str, str, str, Level]:
        """The columns, in their order."""
        return self.tenant, self.platform, self.account_id, self.level


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a place was read; times in epoch milliseconds."""

    read_to: date | None = None
    restated_at: int | None = None
    last_success_at: int | None = None
    paused_until: int | None = None


@dataclass(frozen=True, slots=True)
class Backfill:
    """How far a range that was asked for is read."""

    read_to: date | None = None
    figures: int = 0

    def next_date(self, since: date) -> date:
        """Where it goes on; `since` where it has not begun."""
        return since if self.read_to is None else self.read_to + timedelta(days=1)


async def accounts(tools: Tools, source: SpendSource, tenant: str | None) -> list[Account]:
    """The connections that are switched on and name an ad account, of all tenants or one; what
    cannot be opened has no credentials."""
    name = source.reader.connection
    async with tools.db.connection() as conn:
        rows = await conn.fetch(QUERIES["accounts"], name, tenant, name in CONNECTORS)
    found = []
    for row in rows:
        try:
            credentials = connecting.opened(tools.vault, row["credentials_encrypted"])
        except (CannotDecrypt, ValueError, AttributeError):
            credentials = {}
        renewal = Renewal(tools.db, tools.vault, name)
        account = Account(row["tenant_id"], row["account_id"], credentials, renewal)
        if own := source.account_id(account):
            told = (account.tenant_id, source.reader.platform, own)
            found.append(replace(account, reports=Promised(tools.db, tools.clock, *told)))
    return found


async def reading(db: Database, place: Place) -> Reading:
    """What is known of it."""
    async with db.connection() as conn:
        row = await conn.fetchrow(QUERIES["reading"], *place.key)
    return Reading() if row is None else Reading(**row)


async def local_date(db: Database, tenant: str, now: int) -> date | None:
    """The date in the tenant's time zone; None without the tenant."""
    async with db.connection() as conn:
        found: date | None = await conn.fetchval(QUERIES["local_date"], tenant, now)
    return found


async def note_read_to(db: Database, place: Place, connection: str, read_to: date) -> None:
    """Everything up to this date was taken."""
    async with db.connection() as conn:
        await conn.execute(QUERIES["note_read_to"], *place.key, connection, read_to)


async def note_success(
    db: Database, place: Place, connection: str, *, now: int, restated: bool
) -> None:
    """A reading came to its end; `restated`: of all days that may still change."""
    async with db.transaction() as conn:
        await conn.execute(QUERIES["note_success"], *place.key, now, restated)
        await connecting.spend_was_read(conn, place.tenant, connection, now=now)


async def note_error(
    db: Database,
    place: Place,
    connection: str,
    *,
    why: str,
    now: int,
    refused: bool,
    paused_until: int | None,
) -> None:
    """A reading did not; who refuses us is told of in the connection's health."""
    async with db.transaction() as conn:
        args = (*place.key, connection, why, now, refused, paused_until)
        await conn.execute(QUERIES["note_error"], *args)
        if refused:
            await connecting.spend_was_refused(conn, place.tenant, connection, why=why, now=now)


async def before(db: Database, place: Place, since: date, until: date) -> list[Mapping[str, Any]]:
    """The figures that are not nothing."""
    query = QUERIES["campaigns_known" if place.level == "campaign" else "ads_known"]
    args = (place.tenant, place.platform, place.account_id, since, until)
    async with db.connection() as conn:
        return [dict(row) for row in await conn.fetch(query, *args)]


async def backfill(db: Database, place: Place, since: date, until: date) -> Backfill:
    """What an earlier run has done of the range."""
    async with db.connection() as conn:
        row = await conn.fetchrow(QUERIES["backfill"], *place.key, since, until)
    return Backfill() if row is None else Backfill(**row)


async def note_backfill(
    db: Database, place: Place, since: date, until: date, reached: Backfill, *, now: int
) -> None:
    """Remember it."""
    args = (*place.key, since, until, reached.read_to, reached.figures, now)
    async with db.connection() as conn:
        await conn.execute(QUERIES["note_backfill"], *args)


async def refusal(db: Database, tenant: str, connection: str) -> str | None:
    """Why an account of the connection does not tell what its ads cost, if it refuses to."""
    async with db.connection() as conn:
        found: str | None = await conn.fetchval(QUERIES["refusal"], tenant, connection)
    return found
