"""`vault rotate`: everything that lies encrypted in the database, under the newest key.

Put a new key before the old ones in ATTRIBUTARY_VAULT_KEY, start every process again, rotate, and
take the old key away when nothing is left under it. A value that is set meanwhile is not touched:
it is under the newest key already. Logins' tokens and sign-ins under way, which are under a vault
key too and stored nowhere, end by themselves, within twelve hours and ten minutes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sql
from processors.commands.operator import database
from processors.engine.postgres import Connection, Row
from processors.engine.vault import CannotDecrypt, Vault
from processors.platforms.connecting import store
from processors.schedule.alerts import store as alerts

QUERIES: Final = sql.load("operator")
ALL: Final = "*"
"""In the audit log, for what is of no single tenant."""


@dataclass(slots=True)
class Rotated:
    """How many values of one table were put under the newest key, were there already, were set by
    somebody else meanwhile, or are under a key that is not configured."""

    table: str
    rotated: int = 0
    current: int = 0
    changed: int = 0
    unreadable: int = 0

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


async def rotate(*, dry_run: bool = False) -> list[Rotated]:
    """Each table's share; a dry run changes nothing."""
    async with database() as db, db.connection() as conn:
        tables = await _all(conn, dry_run=dry_run)
        if not dry_run:
            detail = json.dumps({one.table: one.rotated for one in tables})
            await conn.execute(QUERIES["audit"], ALL, "vault_rotate", detail)
    return tables


async def opened(conn: Connection) -> list[Rotated]:
    """Open everything, and change nothing: how each table's values would fare.

    Raises:
        Incomplete: without a key.
    """
    return await _all(conn, dry_run=True)


async def _all(conn: Connection, *, dry_run: bool) -> list[Rotated]:
    vault, own = Vault.from_environment(), store.QUERIES
    return [
        await _rotate(conn, vault, "platform_connections", own, store.RESEALED, dry_run),
        await _rotate(
            conn, vault, "webhook_sources", QUERIES, ("sealed_webhooks", "reseal_webhook"), dry_run
        ),
        await _rotate(conn, vault, "api_keys", QUERIES, ("sealed_keys", "reseal_key"), dry_run),
        await _rotate(conn, vault, "pixel_alert_configs", alerts.QUERIES, alerts.RESEALED, dry_run),
    ]


async def _rotate(
    conn: Connection,
    vault: Vault,
    table: str,
    queries: dict[str, str],
    names: tuple[str, str],
    dry_run: bool,
) -> Rotated:
    read, write = names
    told = Rotated(table)
    for row in await conn.fetch(queries[read]):
        key, values = _split(row)
        if all(value is None or vault.is_current(value) for value in values):
            told.current += 1
            continue
        try:
            again = [None if value is None else vault.rotate(value) for value in values]
        except CannotDecrypt:
            told.unreadable += 1
            continue
        pairs = [one for pair in zip(values, again, strict=True) for one in pair]
        if dry_run or await conn.fetchval(queries[write], *key, *pairs) is not None:
            told.rotated += 1
        else:
            told.changed += 1
    return told


def _split(row: Row) -> tuple[list[str], list[str | None]]:
    """What names the row, and its encrypted values."""
    named = dict(row.items())
    key = [value for name, value in named.items() if not name.startswith("sealed")]
    return key, [value for name, value in named.items() if name.startswith("sealed")]


def render(tables: Sequence[Rotated]) -> str:
    """A line a table."""
    return "\n".join(
        f"{one.table}: {one.rotated} rotated, {one.current} were current, {one.changed} changed "
        f"meanwhile, {one.unreadable} under a key that is not there"
        for one in tables
    )
