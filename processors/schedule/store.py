"""The scheduler's rows: runs of jobs, and what jobs read of tenants, orders and cursors."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import sql
from processors.engine.postgres import Connection, Database, Row
from processors.engine.vault import CannotDecrypt, Vault
from processors.schedule.handle import Due, Run

QUERIES = sql.load("schedule")
CHUNK: Final = 500

Detail = dict[str, Any]


async def latest_runs(conn: Connection, names: Sequence[str]) -> dict[str, Run]:
    """The latest run of each of the jobs by the clock: a step into the key each, whatever the
    table has grown to."""
    rows = await conn.fetch(QUERIES["latest_runs"], list(names))
    return {
        row["name"]: Run(row["scheduled_for"], row["attempt"], row["outcome"], row["finished_at"])
        for row in rows
    }


async def shown_runs(conn: Connection) -> dict[str, Row]:
    """The run of each job that began last, by hand or by the clock."""
    return {row["name"]: row for row in await conn.fetch(QUERIES["shown_runs"])}


async def claim(conn: Connection, name: str, due: Due, *, manual: bool, now: int) -> bool:
    """Begin the run; False when another process has."""
    outcome = "registered" if due.registers else "running"
    args = (name, due.scheduled_for, due.attempt, manual, now, outcome)
    return await conn.fetchval(QUERIES["claim_run"], *args) is not None


async def finish(
    conn: Connection, name: str, due: Due, *, now: int, outcome: str, detail: Detail
) -> None:
    """End the run, unless a later leader has given it up."""
    text = json.dumps(detail, default=str)
    args = (name, due.scheduled_for, due.attempt, now, outcome, text)
    await conn.execute(QUERIES["finish_run"], *args)


async def abandon(conn: Connection, *, now: int, but: Sequence[str]) -> list[str]:
    """Give up the runs of leaders that are gone; returns the names of their jobs."""
    rows = await conn.fetch(QUERIES["abandon_runs"], now, list(but))
    return [row["name"] for row in rows]


async def tenants(db: Database, only: str | None) -> list[str]:
    """Every tenant, or the one."""
    async with db.connection() as conn:
        return [row["tenant_id"] for row in await conn.fetch(QUERIES["tenants"], only)]


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant's account at a source; `secret` signs the webhooks of its shop."""

    tenant: str
    shop: str | None
    credentials: dict[str, str] = field(repr=False)
    secret: str | None = field(repr=False)


async def accounts(db: Database, vault: Vault, platform: str, only: str | None) -> list[Account]:
    """The tenants' accounts; one whose secrets were encrypted under an unknown key has none."""
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["connections"], platform, only)
    found = []
    for row in rows:
        said = _open(vault, row["credentials_encrypted"])
        credentials = json.loads(said) if said else {}
        secret = _open(vault, row["secret_encrypted"])
        found.append(Account(row["tenant_id"], row["account"], credentials, secret))
    return found


def _open(vault: Vault, token: str | None) -> str | None:
    try:
        return vault.decrypt(token) if token else None
    except CannotDecrypt:
        return None


async def switched_on(db: Database, key: str) -> set[str]:
    """Tenants whose setting of that name is true; without a setting it is false."""
    async with db.connection() as conn:
        return {row["tenant_id"] for row in await conn.fetch(QUERIES["switched_on"], key)}


async def conversions(db: Database, tenant: str, order_ids: Sequence[str]) -> dict[str, Row]:
    """Our rows of a page of the shop's orders, by order id."""
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["conversions_of_orders"], tenant, list(order_ids))
    return {row["order_id"]: row for row in rows}


async def put_match_quality(
    db: Database,
    tenant: str,
    platform: str,
    account_id: str,
    *,
    score: Decimal | None,
    events: Mapping[str, Any],
    now: int,
) -> None:
    """What the platform said of the account; it replaces what it said before."""
    args = (tenant, platform, account_id, score, json.dumps(events), now)
    async with db.connection() as conn:
        await conn.execute(QUERIES["put_match_quality"], *args)


async def unattributed(db: Database, tenant: str, *, since: int) -> AsyncIterator[list[Row]]:
    """Orders since then that no touch has earned, in chunks."""
    last = ""
    while True:
        async with db.connection() as conn:
            rows = await conn.fetch(QUERIES["unattributed_orders"], tenant, since, last, CHUNK)
        if not rows:
            return
        yield rows
        last = rows[-1]["conversion_id"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a survey tool was read, and when the latest days were last read again."""

    last_id: str
    reread_at: int


async def survey_cursor(db: Database, tenant: str, provider: str) -> Cursor | None:
    """Where the last reading ended."""
    async with db.connection() as conn:
        row = await conn.fetchrow(QUERIES["survey_cursor"], tenant, provider)
    return None if row is None else Cursor(row["last_id"], row["reread_at"])


async def put_survey_cursor(db: Database, tenant: str, provider: str, cursor: Cursor) -> None:
    """Remember where this reading ended."""
    async with db.connection() as conn:
        args = (tenant, provider, cursor.last_id, cursor.reread_at)
        await conn.execute(QUERIES["put_survey_cursor"], *args)
