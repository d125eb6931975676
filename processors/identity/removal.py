"""Takes people out of the tables, in the transaction that writes a batch's facts.

Facts that their records made go: touches, events, answers, decisions about consent. Of orders the
money is left. What is left of the graph is what the facts that stay say of it: ids and edges have
no list of the records that carried them, so those near the person are made again from what still
carries them. Nobody else writes facts of the tenant meanwhile (`enter`), and the links are settled
at once, since a crash between two transactions would forget whose they were.

Of two contents of one event id, both received after an erasure, only the one that stands keeps its
ids joined; nothing else here depends on the order in which records come.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from processors.domain.ids import touchpoint_id
from processors.engine.outcome import Dead
from processors.engine.postgres import Connection
from processors.engine.processor import Item
from processors.identity.erasure import NOBODY, Gone, erasures, order_of, screen, stripped, wanted
from processors.identity.merge import DEFAULT_CAP, Pause, recompute
from processors.identity.store import QUERIES, columns
from schemas.envelope import Frozen
from schemas.joining import joining_nodes
from schemas.order import Order
from schemas.pixel_event import PixelEvent

Turns = dict[str, int]
SHARED: Final = 5_000
"""Ids beside one that make it everybody's: it stays, and nobody reads what all of them did."""


@dataclass(slots=True)
class Entered:
    """What a batch has of erased people, whether its tenants had to be had alone for it, and how
    often people were taken out of each of them."""

    gone: Gone
    alone: set[str]
    turns: Turns


async def enter(conn: Connection, batch: Sequence[Item], alone: set[str]) -> Entered:
    """First thing in the transaction: share the tenants of the batch with other writers of facts,
    or have those alone from which somebody is to be taken out, and see what was erased before.
    The caller begins again with the returned `alone` if it is more than the given one."""
    own = {item.value.tenant_id for item in batch if _is_of_tenant(item)}  # type: ignore[union-attr]
    names = sorted(own)
    if not names:
        return Entered(NOBODY, set(), {})
    await conn.execute(QUERIES["lock_erasures"], names, [name in alone for name in names])
    if alone:
        await conn.execute(QUERIES["lock_graphs"], sorted(alone))
    # Later statements: they see what was committed before the locks were given.
    turns = {
        row["tenant_id"]: row["turn"] for row in await conn.fetch(QUERIES["erasure_turns"], names)
    }
    tenants = turns.keys() | {tenant for tenant, _ in erasures(batch)}
    if not tenants:
        return Entered(NOBODY, set(), turns)
    subjects, records = wanted(batch, tenants)
    subjects |= erasures(batch).keys()
    ids = await conn.fetch(QUERIES["erased_ids"], *columns(sorted(subjects), 2))
    spent = await conn.fetch(QUERIES["erased_records"], *columns(sorted(records), 2))
    gone = screen(
        batch,
        tenants,
        {(row["tenant_id"], row["subject"]): row["erased_at"] for row in ids},
        {(row["tenant_id"], row["record_id"]): row["occurred_at"] for row in spent},
    )
    return Entered(gone, gone.tenants, turns)


def _is_of_tenant(item: Item) -> bool:
    return isinstance(item.value, Frozen) and not isinstance(item.value, Dead)


async def remove(conn: Connection, gone: Gone, pause: Pause) -> None:
    """Take out what the batch brought to light, tenant by tenant, before its facts are written:
    then whoever enters again knows every record that is spent."""
    marks: set[tuple[str, str]] = set()
    for tenant in sorted(gone.tenants):
        removal = _Removal(conn, tenant, gone)
        await removal.run(pause)
        marks |= {(tenant, conversion) for conversion in removal.marks}
    # In one statement, in the order of everybody's: writers of marks then never wait in a circle.
    await conn.execute(QUERIES["mark_due"], *columns(sorted(marks), 2))


@dataclass(slots=True)
class _Fact:
    """A row that carries ids."""

    record_id: str
    event_id: str
    occurred_at: int
    received_at: int
    nodes: tuple[str, ...]
    event: PixelEvent | None = None


@dataclass(slots=True)
class _Removal:
    """One tenant's."""

    conn: Connection
    tenant: str
    gone: Gone
    until: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)

    async def run(self, pause: Pause) -> None:
        ids = {subject: at for (own, subject), at in self.gone.ids.items() if own == self.tenant}
        for (own, name), (at, event_id) in self.gone.records.items():
            if own == self.tenant:
                self._spend(name, at, event_id)
        await self._execute("next_turn")
        loose: set[str] = set()
        if ids:
            args = columns(sorted(ids.items()), 2)
            await self._execute("insert_erased_ids", *args)
            for row in await self._fetch("nodes_of_subjects", *args):
                self.until[row["node"]] = row["erased_at"]
            await self._execute("forget_consents", *args)
            for row in await self._fetch("forget_unlinks", *args):
                loose |= {row["a"], row["b"]}
        for fact in await self._facts(self.until):
            if self._is_erased(fact.nodes, fact.received_at):
                self._spend(fact.record_id, fact.occurred_at, fact.event_id)
        await self._find_orders()
        near = await self._delete()
        await self._execute("insert_erased_records", *columns(sorted(self.spent.items()), 2))
        await self._settle_graph(near | self.until.keys() | loose, pause)

    async def _find_orders(self) -> None:
        """Those of which any version is erased."""
        near = [row["conversion_id"] for row in await self._fetch("orders_of", [*self.until])]
        for version in await self._versions(near):
            order = Order.model_validate_json(version["snapshot"])
            if self._is_erased(joining_nodes(order), order.received_at):
                self._spend(version["conversion_id"], 0, None)

    async def _delete(self) -> set[str]:
        """Delete facts and strip orders; returns the ids that they carried."""
        touched: set[str] = set()
        again = [fact for fact in await self._facts(()) if self._goes(fact)]
        for fact in again:
            if fact.event and fact.event.source != "survey" and (order := order_of(fact.event)):
                self._spend(order, 0, None)
        answers = await self._fetch("answers_of", sorted(self.orders))
        events = {fact.event_id: fact.event for fact in again if fact.event}
        for row in answers:
            event = PixelEvent.model_validate_json(row["event"])
            if order_of(event) in self.orders:
                events[event.event_id] = event
        touches = [fact.record_id for fact in again if fact.event is None]
        for fact in again:
            touched |= {*fact.nodes}
        own = [self.tenant] * len(touches)
        await self.conn.execute(QUERIES["delete_touchpoints"], own, touches)
        await self._execute("delete_events", [*events])
        hashes = [e.content_hash for e in events.values() if e.source == "survey"]
        await self._execute("delete_answers", sorted(self.orders), hashes)
        names = sorted(self.orders)
        rows = []
        for version in await self._versions(names):
            was = Order.model_validate_json(version["snapshot"])
            touched |= {*joining_nodes(was)}
            text = stripped(was).model_dump_json(exclude_none=True)
            rows.append((version["conversion_id"], was.content_hash, text))
        await self._execute("strip_versions", *columns(rows, 3))
        await self._execute("delete_conversion_nodes", names)
        self.marks |= self.orders
        return touched

    async def _settle_graph(self, near: set[str], pause: Pause) -> None:
        """Ids and edges that no fact carries any more go, and the people of the others are found
        again."""
        around = near | await self._neighbours(near)
        shared = await self._fetch("quarantined_of", sorted(around), SHARED)
        everybodys = {row["node"] for row in shared if row["neighbours"] == SHARED}
        doubtful = around - (everybodys - self.until.keys())
        members = await self._fetch("component_members", sorted(around))
        people = {row["node"] for row in members}
        rows = await self._fetch("orders_of", sorted(people | around))
        self.marks |= {row["conversion_id"] for row in rows}
        nodes, edges = await self._carried(doubtful)
        stale = [
            (row["a"], row["b"])
            for row in await self._fetch("edges_of", sorted(doubtful))
            if (row["a"], row["b"]) not in edges
        ]
        await self._execute("delete_edges", *columns(sorted(stale), 2))
        lost = doubtful - nodes
        await self._execute("delete_nodes", sorted(lost))
        left = sorted((people | around) - lost)
        caps = await self.conn.fetch(QUERIES["fan_in_caps"], [self.tenant])
        cap = caps[0]["identity_fan_in_cap"] if caps else DEFAULT_CAP
        await recompute(self.conn, self.tenant, left, cap=cap, recapped=bool(shared), pause=pause)
        await self.conn.execute(
            QUERIES["insert_dirty"], *columns(((self.tenant, n) for n in left), 2)
        )

    async def _carried(self, nodes: set[str]) -> tuple[set[str], set[tuple[str, str]]]:
        """Of these ids those that any fact still carries, and the pairs that it carries."""
        seen: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        groups: list[Iterable[str]] = [fact.nodes for fact in await self._facts(nodes)]
        near = [row["conversion_id"] for row in await self._fetch("orders_of", sorted(nodes))]
        for version in await self._versions(near):
            groups.append(joining_nodes(Order.model_validate_json(version["snapshot"])))
        for group in groups:
            names = sorted(set(group))
            seen.update(names)
            pairs.update(combinations(names, 2))
        return seen & nodes, pairs

    async def _facts(self, nodes: Collection[str]) -> list[_Fact]:
        """Touches and events that carry one of the ids; of none, those that are spent. What carries
        an id hangs on it or on another that was seen with it."""
        anchors = sorted({*nodes} | await self._neighbours(nodes))
        records, names = ([], []) if nodes else (sorted(self.spent), sorted(self.events))
        found = [
            _Fact(r["touchpoint_id"], r["event_id"], r["occurred_at"], r["received_at"],
                  tuple(r["nodes"]))
            for r in await self._fetch("touches_of", anchors, records)
        ]  # fmt: skip
        for row in await self._fetch("events_of", anchors, names):
            event = PixelEvent.model_validate_json(row["event"])
            name = touchpoint_id(self.tenant, event.event_id)
            carried = () if event.source == "survey" else tuple(joining_nodes(event))
            found.append(
                _Fact(name, event.event_id, event.occurred_at, event.received_at, carried, event)
            )
        return [fact for fact in found if not nodes or not {*fact.nodes}.isdisjoint(nodes)]

    async def _neighbours(self, nodes: Collection[str]) -> set[str]:
        if not nodes:
            return set()
        return {row["node"] for row in await self._fetch("neighbours", sorted(nodes))}

    async def _versions(self, conversions: Sequence[str]) -> list[Any]:
        own = [self.tenant] * len(conversions)
        return await self.conn.fetch(QUERIES["read_versions"], own, list(conversions))

    def _is_erased(self, nodes: Iterable[str], received_at: int) -> bool:
        return any(self.until.get(node, -1) >= received_at for node in nodes)

    def _spend(self, name: str, at: int, event_id: str | None) -> None:
        self.spent[name] = min(at, self.spent.get(name, at))
        if event_id is None:
            self.orders.add(name)
        else:
            self.events.add(event_id)

    def _goes(self, fact: _Fact) -> bool:
        return fact.occurred_at >= self.spent[fact.record_id]

    async def _fetch(self, query: str, *args: Any) -> list[Any]:
        return await self.conn.fetch(QUERIES[query], self.tenant, *args)

    async def _execute(self, query: str, *args: Any) -> None:
        await self.conn.execute(QUERIES[query], self.tenant, *args)
