"""The pass over a tenant's touches after its channel rules changed.

A row of `channel_rule_passes` stands from the change until every touch is resolved by the new
rules and every conversion that has a changed one was pointed to. Chunks move a cursor; a crash
anywhere goes on from it. Touches that arrive meanwhile are resolved by the new rules (rules.py),
so nothing behind the cursor is ever of older ones.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.channel_rules import RuleSet
from processors.domain.channels import resolve
from processors.domain.default_channels import DEFAULTS
from processors.domain.urls import host
from processors.engine.postgres import Connection, Database
from processors.identity.rules import locked
from processors.identity.store import QUERIES, columns

CHUNK: Final = 2_000
"""Touches a transaction: some ten milliseconds, in which an order of the tenant waits at most."""


async def tenants(db: Database) -> list[str]:
    """Those whose touches are to be resolved again."""
    async with db.connection() as conn:
        return [row["tenant_id"] for row in await conn.fetch(QUERIES["passes"])]


async def resolve_chunk(db: Database, tenant: str, most: int = CHUNK) -> bool:
    """Resolve the next touches, and leave what changed in the outbox; ends the pass when there
    are none and the outbox is empty, so that somebody is bound to empty it.

    Returns:
        False when the pass is over, or another replica is at it.
    """
    async with db.transaction() as conn:
        rules = (await locked(conn, {tenant: False})).get(tenant, DEFAULTS)
        after = await conn.fetchval(QUERIES["lock_pass"], tenant)
        if after is None:
            return False
        rows = await conn.fetch(
            QUERIES["touches_of_other_rules"], tenant, after, rules.version, most
        )
        if not rows:
            return await conn.fetchval(QUERIES["end_pass"], tenant) is None
        resolved = [(row["touchpoint_id"], *_resolve(dict(row.items()), rules)) for row in rows]
        await conn.execute(QUERIES["resolve_touches"], tenant, rules.version, *columns(resolved, 3))
        await _leave(conn, tenant, _changed(rows, resolved))
        await conn.execute(QUERIES["advance_pass"], tenant, rows[-1]["touchpoint_id"])
        return True


def _resolve(row: Mapping[str, Any], rules: RuleSet) -> tuple[str, str]:
    touch = {**row, "channel": row["sent_channel"], "platform": row["sent_platform"]}
    return resolve(touch, own_host=host(row["url"]) if row["url"] else None, rules=rules)


def _changed(rows: list[Any], resolved: list[tuple[str, str, str]]) -> set[str]:
    """The anchors of touches that belong elsewhere now."""
    return {
        row["anchor"]
        for row, (_, *now) in zip(rows, resolved, strict=True)
        if now != [row["channel"], row["platform"]]
    }


async def _leave(conn: Connection, tenant: str, anchors: set[str]) -> None:
    if anchors:
        outbox = [(tenant, anchor) for anchor in sorted(anchors)]
        await conn.execute(QUERIES["insert_dirty"], *columns(outbox, 2))
