"""The channel rules in force for a batch, held until its facts are committed.

Writers of touches share a lock of their tenants' rules, a change of rules takes it alone. So once
a change is committed, every touch of older rules is committed too, for the pass over them to see,
and every later one is resolved by the new rules. What touches a pass also locks comes after this
lock, so the two wait for each other in one order only.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from processors.domain.channel_document import rule_set
from processors.domain.channel_rules import RuleSet
from processors.engine.postgres import Connection
from processors.engine.processor import Item
from processors.identity.commands import RULES_KEY
from processors.identity.store import QUERIES
from schemas.command import Command, SetSetting
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint

Rules: TypeAlias = Mapping[str, RuleSet]
"""By tenant; a tenant that is missing has the defaults."""


async def in_force(conn: Connection, batch: Sequence[Item]) -> Rules:
    """The rules of the tenants whose touches the batch brings; first thing in its transaction."""
    alone: dict[str, bool] = {}
    for item in batch:
        match item.value:
            case Touchpoint(tenant_id=tenant) | PixelEvent(tenant_id=tenant):
                alone.setdefault(tenant, False)
            case Command(tenant_id=tenant, body=SetSetting(key=key)) if key == RULES_KEY:
                alone[tenant] = True
    return await locked(conn, alone)


async def locked(conn: Connection, alone: Mapping[str, bool]) -> Rules:
    """The rules of these tenants, which nobody else changes until the transaction ends; whoever
    is to change them is alone. Locks are taken in the order of the tenants, so never in a circle.
    """
    names = sorted(alone)
    if not names:
        return {}
    await conn.execute(QUERIES["lock_rules"], names, [alone[name] for name in names])
    # A later statement: it sees what was committed before the lock was given.
    rows = await conn.fetch(QUERIES["read_rules"], names)
    return {row["tenant_id"]: rule_set(row["value"]) for row in rows}
