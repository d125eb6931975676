"""`erase ID`: a person is taken out of everything that we hold.

The ids that are joined to the one that is named (their component of the identity graph) are erased
together, up to now: a record that is received later, of whoever has such an id then, begins anew.
What was parted from them by an unlink, or by being shared by too many, is somebody else.

In this order, so that it can be repeated wherever it broke off:

1. Their keys are deleted, with a row of `person_erasures` (who asked, when, hashes of the ids).
   From then on nobody opens what was sealed for them: email, phone, name and address in the log,
   the dead letters, the spools, `order_versions`, `pixel_events`, `deliveries`, and bodies in the
   quarantine and of unknown webhooks that name them.
2. One command goes into the log. It has hashes of the ids alone.
3. Identity applies it: touches, events, answers, links and decisions about consent go; orders keep
   the money, the lines and their number, lose everything else, and are credited to nobody.
4. Deliveries that wait are cancelled, payloads of the others are stripped; the ledger's event ids
   stay, so that nothing is told twice.

What each store holds afterwards:

- Tables: nothing that names them. Hashes of their ids (`erased_ids`, `person_erasures`), of their
  records (`erased_records`, `dedupe_keys`, the ledger and its attempts, with digests of requests),
  the order with its number, and sums that they are part of.
- The log (touchpoints, pixel events, orders, commands) and `stitched_events.v1`, `deliveries.*` and
  dead letters until their time is up: the sealed part is noise. In the clear stay, as the gateway
  wrote them, visitor and customer ids, click ids, hashes of email, phone, name and address, user
  agent, URL, and the IP address as far as the tenant's `ip_policy` keeps it. No consumer shows them
  any more: the drop is by rule `erased`, in a replay and a rebuild, too. Who has the log and the
  email still finds its hash in it. A topic can be compacted away, or given a retention.
- Spools hold such records until they are in the log; quarantined refusals have a preview without
  personal details. Gateways keep keys in memory for `control_refresh_seconds` at most.
- Backups have what they had, keys included: let them end before the time that the law gives.
- Platforms that were told of somebody hold what they were told; they have forms of their own.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import sql
from processors.commands.nodes import candidates
from processors.commands.operator import Refused, database, must_exist, produce
from processors.commands.person_keys import shred
from processors.commands.tenants import command_of
from processors.domain.ids import subject_id
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection, Database
from schemas.command import Command, Erase

QUERIES: Final = sql.load("erasure")
OPERATIONS: Final = sql.load("operations")
MOST: Final = 5_000
"""Ids that one command names; somebody with more is erased by several."""
_POLL_SECONDS: Final = 0.2


@dataclass(slots=True)
class Erasure:
    """What was done: `is_finished` is false while identity has not applied the command, or a
    delivery is being sent; the next call goes on."""

    tenant_id: str
    erasure_id: str
    erased_at: int
    subjects: list[str]
    is_finished: bool = False
    counts: dict[str, int] = field(default_factory=dict)


async def erase(
    text: str, *, tenant: str, reason: str = "", seconds: float = 60.0
) -> list[Erasure]:
    """Erase whoever has the id, and finish what earlier calls have begun; nothing when nobody has
    it. Waits so long for the processors.

    Raises:
        Refused: for an id that cannot be one, that is of several people, or that many share.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    async with database() as db:
        async with db.connection() as conn:
            await must_exist(conn, tenant)
            nodes = await _nodes(conn, tenant, text)
        for start in range(0, len(nodes), MOST):
            await _begin(db, tenant, nodes[start : start + MOST], reason)
        async with db.connection() as conn:
            rows = await conn.fetch(QUERIES["unfinished"], tenant)
        found = [
            Erasure(r["tenant_id"], r["erasure_id"], r["erased_at"], list(r["subjects"]))
            for r in rows
        ]
        for one in found:
            await _finish(db, one, deadline)
    return found


async def _nodes(conn: Connection, tenant: str, text: str) -> list[str]:
    """All ids of the person."""
    asked = candidates(text)
    rows = await conn.fetch(OPERATIONS["ids_named"], tenant, asked)
    people = {row["person_id"] for row in rows}
    if len(people) > 1:
        raise Refused(f"{text} is of several people: {', '.join(row['node'] for row in rows)}")
    if not people:
        subjects = [subject_id(tenant, node) for node in asked]
        known = await conn.fetchval(QUERIES["known"], tenant, subjects, asked)
        return asked if known else []
    own = await conn.fetch(OPERATIONS["person_ids"], tenant, people.pop())
    if any(row["quarantined"] and row["node"] in asked for row in own):
        raise Refused(f"{text} is shared by too many to be one person's: name another of their ids")
    return [row["node"] for row in own]


async def _begin(db: Database, tenant: str, nodes: Sequence[str], reason: str) -> None:
    """Shred, note, command."""
    subjects = sorted(subject_id(tenant, node) for node in nodes)
    emit = command_of(tenant, Erase(erased_at=wall_clock(), subjects=tuple(subjects)))
    assert isinstance(emit.record, Command)
    assert isinstance(emit.record.body, Erase)
    at, name = emit.record.body.erased_at, emit.record.command_id
    async with db.transaction() as conn:
        gone = await conn.fetchrow(QUERIES["mentions"], tenant, list(nodes))
        counts = {"ids": len(subjects), **(dict(gone.items()) if gone else {})}
        await conn.execute(QUERIES["begin"], tenant, name, at, reason, subjects, json.dumps(counts))
        await shred(conn, tenant, subjects, at)
    await produce([emit])


async def _finish(db: Database, one: Erasure, deadline: float) -> None:
    """Wait for identity, then take out what no record of the log makes again."""
    loop = asyncio.get_running_loop()
    while not await _is_applied(db, one):
        if loop.time() > deadline:
            return
        await asyncio.sleep(_POLL_SECONDS)
    async with db.transaction() as conn:
        await conn.execute(QUERIES["wait_for_writers"])
    totals = {"deliveries_stripped": 0, "deliveries_cancelled": 0}
    while True:
        async with db.transaction() as conn:
            # A key that a gateway made for a record which was on its way.
            await shred(conn, one.tenant_id, one.subjects, one.erased_at)
            args = (one.tenant_id, one.subjects, one.erased_at)
            row = await conn.fetchrow(QUERIES["deliveries"], *args)
        assert row is not None
        totals["deliveries_stripped"] += row["stripped"]
        totals["deliveries_cancelled"] += row["cancelled"]
        if not row["under_way"]:
            break
        if loop.time() > deadline:
            return
        await asyncio.sleep(_POLL_SECONDS)
    async with db.transaction() as conn:
        await conn.execute(QUERIES["finish"], one.tenant_id, one.erasure_id, json.dumps(totals))
    one.is_finished, one.counts = True, totals


async def _is_applied(db: Database, one: Erasure) -> bool:
    async with db.connection() as conn:
        args = (one.tenant_id, one.subjects, one.erased_at)
        done: int = await conn.fetchval(QUERIES["is_applied"], *args)
    return done == len(one.subjects)


def as_json(found: Sequence[Erasure]) -> list[dict[str, Any]]:
    """For a program."""
    return [asdict(one) for one in found]


def render(found: Sequence[Erasure]) -> str:
    """A line each."""
    lines = []
    for one in found:
        state = "done" if one.is_finished else "begun; the keys are gone, run it again to finish"
        lines.append(
            f"{one.tenant_id}: erasure {one.erasure_id} of {len(one.subjects)} ids: {state}"
        )
    return "\n".join(lines)
