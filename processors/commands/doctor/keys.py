"""Keys and secrets: whether what lies encrypted can be opened, what ends soon, what is too open;
and ids that are shared by too many to join anybody."""

from collections.abc import Sequence
from typing import Final

import sql
from processors.commands import vaults
from processors.commands.doctor.finding import Finding, Patient
from processors.commands.keys import ID_LENGTH
from processors.engine.postgres import Connection, Row
from processors.engine.sealing import Sealer
from processors.engine.settings import Incomplete

QUERIES: Final = sql.load("doctor")
PART: Final = "keys"


async def look(patient: Patient) -> list[Finding]:
    """All of them; opens every secret, and shows none."""
    assert patient.db is not None
    async with patient.db.connection() as conn:
        found = [*await _vault(conn), _seal()]
        found += [_ending(row) for row in await conn.fetch(QUERIES["ending_keys"])]
        found.append(_open(await conn.fetch(QUERIES["open_browser_keys"])))
        found.append(_shared(await conn.fetch(QUERIES["quarantined_ids"])))
    return found


async def _vault(conn: Connection) -> list[Finding]:
    try:
        tables = await vaults.opened(conn)
    except Incomplete as error:
        return [Finding("critical", PART, str(error), "source .attributary/env, or set it")]
    found = []
    for table in tables:
        if table.unreadable:
            text = f"{table.unreadable} secrets of {table.table} are under a key that is not there"
            do = "put that key into ATTRIBUTARY_VAULT_KEY, after the others; else set them anew"
            found.append(Finding("critical", PART, text, do))
        if table.rotated:
            text = f"{table.rotated} secrets of {table.table} are under an old key"
            found.append(Finding("note", PART, text, "attributary vault rotate"))
    return found or [Finding("ok", PART, "the vault's key opens every secret")]


def _seal() -> Finding:
    try:
        Sealer.from_environment()
    except Incomplete as error:
        return Finding("critical", PART, str(error), "source .attributary/env, or set it")
    return Finding("ok", PART, "the key that seals clear values is there")


def _ending(row: Row) -> Finding:
    text = f"a {row['kind']} key of {row['tenant_id']} ends at {row['expires_at']:%Y-%m-%d %H:%M}"
    do = f"attributary key rotate {row['tenant_id']} {row['key_sha256'][:ID_LENGTH]}"
    return Finding("warning", PART, text, do)


def _open(rows: Sequence[Row]) -> Finding:
    """A key that any page may use is no fault: the shop's own page may be anywhere."""
    told = ", ".join(f"{row['tenant_id']} {row['key_sha256'][:ID_LENGTH]}" for row in rows)
    do = "attributary key set TENANT KEY --origin https://..." if rows else ""
    text = f"browser keys that any page may use (key set --origin): {told or 'none'}"
    return Finding("note", PART, text, do)


def _shared(rows: Sequence[Row]) -> Finding:
    """Ids in quarantine are no fault, but their number tells of one in what a shop sends."""
    told = ", ".join(f"{row['tenant_id']} {row['n']}" for row in rows)
    return Finding("note", "identity", f"ids shared by too many to join anybody: {told or 'none'}")
