"""The first transaction of a batch: facts in, each table's rows in the order of their keys, so
that writers that meet wait instead of deadlocking. Nothing is looked up here: looking inside the
inserting transaction is write skew (protocol.md)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sql
from processors.engine.outcome import DUPLICATE
from processors.engine.postgres import Connection
from processors.identity import offline, promotions
from processors.identity.commands import CAP_KEY, RULES_KEY, SHOWN_ONLY
from processors.identity.handle import Facts, Node
from processors.identity.rows import Key

QUERIES = sql.load("identity")
RANK: Final = ("occurred_at", "anchor", "content_hash", "received_at")


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as one list a column, for unnest."""
    found = list(rows)
    return [list(column) for column in zip(*found, strict=True)] if found else [[]] * width


def literals(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Rows as one array literal a column."""
    return [_literal(column) for column in zip(*rows, strict=True)]


def _literal(column: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else _element(value) for value in column]) + "}"


def _element(value: object) -> str:
    if not isinstance(value, str):
        return str(value)
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


async def write(conn: Connection, facts: Facts, known: set[Node]) -> None:
    """Insert the facts and tell each item what became of it. `known` nodes are in the table."""
    dirty = await _touches(conn, facts)
    await _events(conn, facts)
    new_nodes = sorted(facts.nodes - known)
    if new_nodes:
        await conn.execute(QUERIES["insert_nodes"], *columns(new_nodes, 2))
    if facts.edges:
        edges = sorted((*edge, reason) for edge, reason in facts.edges.items())
        await conn.execute(QUERIES["insert_edges"], *columns(edges, 4))
    await _orders(conn, facts)
    if facts.commands:
        dirty |= await _commands(conn, facts)
    if dirty:
        await conn.execute(QUERIES["insert_dirty"], *columns(sorted(dirty), 2))


async def _touches(conn: Connection, facts: Facts) -> set[Node]:
    """Insert, and settle conflicts by the register's rule; returns the anchors of replaced rows.

    A conflicting row may be replaced by another writer between our insert and our lock: then it
    is neither inserted nor found, and the loop inserts again.
    """
    dirty: set[Node] = set()
    waiting = dict(sorted(facts.touches.items()))
    while waiting:
        args = literals(waiting.values())
        for row in await conn.fetch(QUERIES["insert_touchpoints"], *args):
            del waiting[row["tenant_id"], row["touchpoint_id"]]
        if not waiting:
            break
        replace: list[Key] = []
        for row in await conn.fetch(QUERIES["lock_touchpoints"], *columns(waiting, 2)):
            key = (row["tenant_id"], row["touchpoint_id"])
            touch = waiting[key]
            if touch.rank < tuple(row[name] for name in RANK):
                replace.append(key)
                dirty |= {(key[0], row["anchor"]), (key[0], touch.anchor)}
            else:
                del waiting[key]
                if key in facts.touch_items:
                    facts.outcomes[facts.touch_items[key]] = DUPLICATE
        if replace:
            await conn.execute(QUERIES["delete_touchpoints"], *columns(replace, 2))
    return dirty


async def _events(conn: Connection, facts: Facts) -> None:
    if not facts.events:
        return
    rows = [facts.events[key] for key in sorted(facts.events)]
    kept = {
        (row["tenant_id"], row["event_id"])
        for row in await conn.fetch(QUERIES["upsert_events"], *columns(rows, 17))
    }
    for key, index in facts.event_items.items():
        if key not in kept:
            facts.outcomes[index] = DUPLICATE
    if facts.surveys:
        answers = [facts.surveys[key] for key in sorted(facts.surveys)]
        await conn.execute(QUERIES["upsert_surveys"], *columns(answers, 12))


async def _orders(conn: Connection, facts: Facts) -> None:
    if not facts.versions:
        return
    rows = [facts.versions[key] for key in sorted(facts.versions)]
    inserted = {
        (row["tenant_id"], row["conversion_id"], row["content_hash"])
        for row in await conn.fetch(QUERIES["upsert_versions"], *columns(rows, 6))
        if row["inserted"]
    }
    for key, index in facts.version_items.items():
        if key not in inserted:
            facts.outcomes[index] = DUPLICATE
    await offline.write(conn, facts.offline)
    if facts.carried:
        await conn.execute(QUERIES["insert_conversion_nodes"], *columns(sorted(facts.carried), 3))
    if facts.refunds:
        refunds = sorted((*key, amount) for key, amount in facts.refunds.items())
        await conn.execute(QUERIES["upsert_refunds"], *columns(refunds, 4))


async def _commands(conn: Connection, facts: Facts) -> set[Node]:
    """Rates and most settings touch every conversion of their tenant, consent its person's, which
    are looked for later; unlinks and the cap are the graph's, which is recomputed next; channel
    rules begin a pass."""
    commands = facts.commands
    stood: set[tuple[str, ...]] = set()
    for query, table in (
        ("upsert_settings", commands.settings),
        ("upsert_rates", commands.rates),
        ("upsert_unlinks", commands.unlinks),
        ("upsert_consents", commands.consents),
        ("upsert_influencers", commands.influencers),
    ):
        if table:
            rows = sorted((*subject, value, *stamp) for subject, (value, stamp) in table.items())
            stood |= {
                tuple(row.values()) for row in await conn.fetch(QUERIES[query], *columns(rows, 0))
            }
    stood |= await offline.write_reports(conn, commands.batches)
    stood |= await promotions.write(conn, commands.models)
    told = dict.fromkeys(commands.items.values(), False)
    for subject, index in commands.items.items():
        told[index] = told[index] or subject in stood
    for index, applied in told.items():
        if not applied:
            facts.outcomes[index] = DUPLICATE
    if changed := sorted(subject[0] for subject in stood if subject[1:] == (RULES_KEY,)):
        await conn.execute(QUERIES["begin_passes"], changed)
    settings = (s for s in commands.settings if s[1] != RULES_KEY and s[1] not in SHOWN_ONLY)
    return {(subject[0], "*") for subject in (*commands.rates, *settings)}


def recapped(facts: Facts) -> set[str]:
    """Tenants whose fan-in cap was set in the batch."""
    return {subject[0] for subject in facts.commands.settings if subject[1] == CAP_KEY}
