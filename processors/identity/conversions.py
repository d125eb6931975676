"""The third transaction: a fresh look, after facts and links are committed, for every conversion
whose inputs the batch may have changed. Each is folded again, whole, and gets a new revision.

While the log runs far ahead of this process, and where a change reaches very many, only the
batch's own orders are folded now; the others are marked in `conversions_due` and looked at later,
once for all changes until then (restatement.py, with the reason why nothing is lost).
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from processors.engine.postgres import Connection, Database
from processors.identity.consent import events_again
from processors.identity.fold import Fold, Version, fold, person_of
from processors.identity.graph import Link
from processors.identity.handle import Facts, Node
from processors.identity.store import QUERIES, columns
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.topics import anchor_of

Conversion = tuple[str, str]

MOST_AT_ONCE: Final = 1_000
"""Conversions that one look folds besides the batch's own orders: a transaction of a second."""

_MARKED_WHOLE: Final = {
    "all_conversions": "mark_tenants_due",
    "conversions_of_spans": "mark_spans_due",
}
"""Queries that may reach a tenant's every conversion, and what marks more than so many of them
without reading them."""


@dataclass(frozen=True, slots=True)
class Look:
    """Affected conversions with their new revisions, the outbox rows that were read, earlier
    events whose consent may be another now, the links of all events' anchors, and how many
    conversions were only marked."""

    revisions: dict[Conversion, int]
    dirty: list[int]
    again: list[PixelEvent]
    persons: dict[Node, str]
    later: int


async def look(db: Database, facts: Facts, *, behind: bool = False) -> Look:
    """Find, bump, fold and store; touches that precede their orders cost one indexed read."""
    async with db.transaction() as conn:
        return await look_in(conn, facts, behind=behind)


async def look_in(conn: Connection, facts: Facts, *, behind: bool = False) -> Look:
    """The look, inside a transaction that began after facts and links were committed."""
    rows = await conn.fetch(QUERIES["read_dirty"])
    decided = {(tenant, name) for tenant, name, _ in facts.commands.consents}
    changed = {(r["tenant_id"], r["node"]) for r in rows} | decided
    affected = await _affected(conn, facts, changed)
    # Marks before revisions, here as in the restatement: writers then never wait in a circle.
    later = affected - facts.orders if behind or len(affected) > MOST_AT_ONCE else set()
    if later:
        await conn.execute(QUERIES["mark_due"], *columns(sorted(later), 2))
    revisions = await fold_again(conn, affected - later)
    again = await events_again(conn, facts, changed)
    for event in facts.stitch:
        again.pop((event.tenant_id, event.event_id), None)
    anchors = {(e.tenant_id, anchor_of(e)) for e in (*facts.stitch, *again.values())}
    persons = await _persons(conn, anchors)
    return Look(revisions, [r["seq"] for r in rows], list(again.values()), persons, len(later))


async def fold_again(conn: Connection, affected: set[Conversion]) -> dict[Conversion, int]:
    """Bump, fold and store; the new revision of each. Bumping takes the locks, so whoever folds
    after another one sees what that one saw."""
    if not affected:
        return {}
    bumped = await conn.fetch(QUERIES["bump_revisions"], *columns(sorted(affected), 2))
    return await _refold(conn, {(r["tenant_id"], r["conversion_id"]): r["rev"] for r in bumped})


async def _affected(conn: Connection, facts: Facts, dirty: set[Node]) -> set[Conversion]:
    affected = set(facts.orders)
    queries: list[tuple[str, list[Any]]] = []
    if facts.anchors:
        touches = [(*anchor, first) for anchor, first in facts.anchors.items()]
        queries.append(("reached_by_touches", columns(touches, 3)))
    if facts.commands.asked:
        queries.append(("asked_conversions", columns(sorted(facts.commands.asked), 2)))
    if facts.commands.spans:
        spans = columns(sorted(facts.commands.spans), 3)
        queries.append(("conversions_of_spans", [*spans, MOST_AT_ONCE + 1]))
    whole = sorted({tenant for tenant, name in dirty if name == "*"})
    nodes = sorted((tenant, name) for tenant, name in dirty if name != "*")
    if nodes:
        queries.append(("reached_by_nodes", columns(nodes, 2)))
    if whole:
        queries.append(("all_conversions", [whole, MOST_AT_ONCE + 1]))
    for name, args in queries:
        rows = await conn.fetch(QUERIES[name], *args)
        if name in _MARKED_WHOLE and len(rows) > MOST_AT_ONCE:
            await conn.execute(QUERIES[_MARKED_WHOLE[name]], *args[:-1])
        else:
            affected |= {(row["tenant_id"], row["conversion_id"]) for row in rows}
    return affected


async def _refold(conn: Connection, revisions: dict[Conversion, int]) -> dict[Conversion, int]:
    """Store what the snapshots make now; returns the revisions of those that are conversions."""
    keys = columns(sorted(revisions), 2)
    versions: dict[Conversion, list[Version]] = defaultdict(list)
    for row in await conn.fetch(QUERIES["read_versions"], *keys):
        order = Order.model_validate_json(row["snapshot"])
        version = Version(row["version_at"], order)
        versions[row["tenant_id"], row["conversion_id"]].append(version)
    refunds: dict[Conversion, dict[str, int]] = defaultdict(dict)
    for row in await conn.fetch(QUERIES["read_refunds"], *keys):
        refunds[row["tenant_id"], row["conversion_id"]][row["refund_id"]] = row["amount"]
    tenants = sorted({tenant for tenant, _ in revisions})
    counting = {
        row["tenant_id"] for row in await conn.fetch(QUERIES["pixel_order_tenants"], tenants)
    }
    folds = {
        key: fold(versions[key], refunds[key], pixel_counts=key[0] in counting)
        for key in sorted(versions)
    }
    found = {key: made for key, made in folds.items() if made is not None}
    await _store(conn, found)
    kept = set(found)
    if gone := [key for key, made in folds.items() if made is None]:
        forgotten = await conn.fetch(QUERIES["forget_conversions"], *columns(gone, 2))
        kept |= {(row["tenant_id"], row["conversion_id"]) for row in forgotten}
    return {key: rev for key, rev in revisions.items() if key in kept}


async def _store(conn: Connection, folds: dict[Conversion, Fold]) -> None:
    if not folds:
        return
    wanted = sorted({(tenant, n) for (tenant, _), made in folds.items() for n in made.nodes})
    links: dict[str, dict[str, Link]] = defaultdict(dict)
    for row in await conn.fetch(QUERIES["links"], *columns(wanted, 2)):
        links[row["tenant_id"]][row["node"]] = Link(row["person_id"], row["quarantined"])
    rows = [
        (
            tenant,
            conversion,
            made.order.source,
            made.order.order_id,
            made.order.identifiers.customer_id,
            made.order.visitor_id,
            made.order.checkout_id,
            person_of(made.nodes, links[tenant]),
            made.order.currency,
            made.order.gross,
            made.refunded,
            made.net,
            made.converted_at,
            made.status,
            made.state,
            made.deliverable,
            made.order.model_dump_json(exclude_none=True),
        )
        for (tenant, conversion), made in folds.items()
    ]
    await conn.execute(QUERIES["upsert_conversions"], *columns(rows, 17))


async def _persons(conn: Connection, anchors: set[Node]) -> dict[Node, str]:
    if not anchors:
        return {}
    rows = await conn.fetch(QUERIES["links"], *columns(sorted(anchors), 2))
    return {
        (row["tenant_id"], row["node"]): row["person_id"] for row in rows if not row["quarantined"]
    }
