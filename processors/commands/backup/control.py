"""The control tables as one file: what is on no topic. Secrets stay encrypted, keys hashed, as they
are in the database; the keys that open them (ATTRIBUTARY_VAULT_KEY, ATTRIBUTARY_SEAL_KEY) and the
logins of analysts are not in it."""

import json
from pathlib import Path
from typing import Final

import cramjam

from processors.commands.backup.manifest import Control
from processors.commands.backup.segments import content, put
from processors.commands.rebuild import CONTROL
from processors.engine.postgres import Connection

FILE: Final = "control.json.zst"


async def take(conn: Connection, folder: Path) -> Control:
    """Write all rows as they are in one snapshot, which the caller's transaction is."""
    tables = {}
    for table in CONTROL:
        rows = await conn.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} AS t")  # noqa: S608
        tables[table] = [json.loads(row["row"]) for row in rows]
    data = bytes(cramjam.zstd.compress(json.dumps(tables).encode()))
    rows_of = {table: len(rows) for table, rows in tables.items()}
    return Control(file=FILE, rows=rows_of, sha256=put(folder / FILE, data))


def read(folder: Path, control: Control) -> dict[str, list[dict[str, object]]]:
    """The rows of each table.

    Raises:
        Damaged: when the file is not what was written.
    """
    data = content(folder / control.file, sha256=control.sha256)
    found: dict[str, list[dict[str, object]]] = json.loads(bytes(cramjam.zstd.decompress(data)))
    return found


async def put_back(conn: Connection, tables: dict[str, list[dict[str, object]]]) -> None:
    """Insert what is not there yet; columns that are newer than the backup have their defaults."""
    for table in CONTROL:
        for row in tables.get(table, ()):
            names = ", ".join(row)
            insert = (
                f"INSERT INTO {table} ({names})"  # noqa: S608 (names of a file of ours)
                f" SELECT {names} FROM jsonb_populate_record(NULL::{table}, $1::jsonb)"
                " ON CONFLICT DO NOTHING"
            )
            await conn.execute(insert, json.dumps(row))
