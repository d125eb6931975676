"""`suppress add`, `remove`, `list`: people who are taken out of delivery and credit.

It changes results, so it is a command of the log. What they do is still taken and answered.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sql
from processors.commands.nodes import node_of
from processors.commands.operator import Refused, database, must_exist, produce
from processors.commands.tenants import command_of
from schemas.command import Suppress

QUERIES: Final = sql.load("operator")
_AT_ONCE: Final = 500
"""Ids that one command names: a record of the log stays small."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An id that is suppressed, and since when."""

    id: str
    since: datetime


def read(ids: Sequence[str]) -> list[str]:
    """The ids, where one is `@FILE` the lines of that file.

    Raises:
        Refused: for a file that cannot be read.
    """
    found: list[str] = []
    for text in ids:
        if not text.startswith("@"):
            found.append(text)
            continue
        try:
            lines = Path(text[1:]).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{text[1:]} cannot be read: {error}") from None
        found += [line for line in lines if line.strip()]
    return found


async def suppress(
    tenant: str, ids: Sequence[str], *, suppressed: bool = True, reason: str = ""
) -> list[str]:
    """Suppress the people who have these ids (kind:value), or release the ids; returns them as
    they are kept, emails and phones hashed.

    Raises:
        Refused: for an id that cannot be one; then none is suppressed.
    """
    nodes = sorted({node_of(text) for text in read(ids)})
    if not nodes:
        raise Refused("give an id: kind:value")
    parts = [nodes[start : start + _AT_ONCE] for start in range(0, len(nodes), _AT_ONCE)]
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        for part in parts:
            detail = json.dumps({"ids": part, "reason": reason})
            action = "suppress" if suppressed else "release"
            await conn.execute(QUERIES["audit"], tenant, action, detail)
    bodies = [Suppress(ids=tuple(p), suppressed=suppressed, reason=reason) for p in parts]
    await produce([command_of(tenant, body) for body in bodies])
    return nodes


async def listed(tenant: str) -> list[Suppressed]:
    """The ids that are suppressed, the latest first."""
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        rows = await conn.fetch(QUERIES["suppressed_ids"], tenant)
    return [Suppressed(row["id"], row["since"]) for row in rows]
