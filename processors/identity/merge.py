"""The second transaction: components of what the batch joined, under a lock a tenant.

Short: no touches and no conversions in it, and as many statements for a hundred tenants as for
one. What moved is left in the outbox `identity_dirty`, so a crash after it cannot forget a
conversion.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from processors.engine.postgres import Connection, Database
from processors.identity.graph import Edge, Link, moved, resolve, unite
from processors.identity.handle import Edge as EdgeKey
from processors.identity.handle import Facts, Node
from processors.identity.store import QUERIES, columns, recapped

DEFAULT_CAP = 100

Pause = Callable[[str], Awaitable[None]]
Pair = tuple[str, str]


async def merge(db: Database, facts: Facts, settled: set[EdgeKey], pause: Pause) -> None:
    """Recompute the components that unsettled edges, unlinks or a new cap may have changed.

    `pause` is called between reading a component and writing it.
    """
    edges = sorted(facts.edges.keys() - settled)
    seeds: dict[str, set[str]] = defaultdict(set)
    for tenant, a, b in facts.commands.unlinks:
        seeds[tenant] |= {a, b}
    capped = recapped(facts)
    if not edges and not seeds and not capped:
        return
    async with db.transaction() as conn:
        open_edges = await _unsettled(conn, edges)
        tenants = sorted({tenant for tenant, _, _ in open_edges} | seeds.keys() | capped)
        await conn.execute(QUERIES["lock_graphs"], tenants)
        # While the locks were waited for, somebody may have been taken out of the graph.
        open_edges = await _unsettled(conn, open_edges)
        fresh: dict[str, list[Pair]] = defaultdict(list)
        for tenant, a, b in open_edges:
            fresh[tenant].append((a, b))
        caps = await _caps(conn, tenants)
        growing = {t: pairs for t, pairs in fresh.items() if t not in seeds and t not in capped}
        rest = set(tenants) - await _grow(conn, growing, caps=caps, pause=pause)
        for tenant in sorted(rest):
            names = seeds[tenant].union(*fresh[tenant])
            cap = caps.get(tenant, DEFAULT_CAP)
            await recompute(conn, tenant, names, cap=cap, recapped=tenant in capped, pause=pause)
        if open_edges:
            await conn.execute(QUERIES["settle_edges"], *columns(open_edges, 3))


async def _unsettled(conn: Connection, edges: Sequence[EdgeKey]) -> list[EdgeKey]:
    rows = await conn.fetch(QUERIES["unsettled_edges"], *columns(edges, 3))
    return [(row["tenant_id"], row["a"], row["b"]) for row in rows]


async def _caps(conn: Connection, tenants: list[str]) -> dict[str, int]:
    rows = await conn.fetch(QUERIES["fan_in_caps"], tenants)
    return {row["tenant_id"]: row["identity_fan_in_cap"] for row in rows}


async def _grow(
    conn: Connection, fresh: Mapping[str, Sequence[Pair]], *, caps: Mapping[str, int], pause: Pause
) -> set[str]:
    """Let the components of these edges become one where that is all that they do, for all tenants
    at once; returns for which. Nothing is done for a tenant in which an id comes over the cap. So
    an id of thousands costs a batch what it joins, not what was joined before."""
    ends = sorted({(tenant, n) for tenant, pairs in fresh.items() for pair in pairs for n in pair})
    if not ends:
        return set()
    most = {tenant: caps.get(tenant, DEFAULT_CAP) for tenant in fresh}
    people: dict[Node, str] = {}
    grown = set(fresh)
    asked = [(tenant, node, most[tenant] + 1) for tenant, node in ends]
    for row in await conn.fetch(QUERIES["edge_ends"], *columns(asked, 3)):
        if row["quarantined"] != (row["neighbours"] > most[row["tenant_id"]]):
            grown.discard(row["tenant_id"])
        if not row["quarantined"]:
            people[row["tenant_id"], row["node"]] = row["person_id"]
    edges = sorted((tenant, a, b) for tenant in grown for a, b in fresh[tenant])
    rows = await conn.fetch(QUERIES["cut_edges"], *columns(edges, 3))
    cut = {(row["tenant_id"], row["a"], row["b"]) for row in rows}
    joined: dict[str, list[Pair]] = defaultdict(list)
    for tenant, a, b in edges:
        if (tenant, a, b) not in cut and people.keys() >= {(tenant, a), (tenant, b)}:
            joined[tenant].append((people[tenant, a], people[tenant, b]))
    moves = [(tenant, *move) for tenant in joined for move in unite(joined[tenant]).items()]
    await pause("resolved")
    if moves:
        gone = await conn.fetch(QUERIES["move_people"], *columns(sorted(moves), 3))
        reach = {(row["tenant_id"], row["node"]) for row in gone}
        reach |= {(tenant, person) for tenant, _, person in moves}
        await conn.execute(QUERIES["insert_dirty"], *columns(sorted(reach), 2))
    return grown


async def recompute(
    conn: Connection,
    tenant: str,
    seeds: Iterable[str],
    *,
    cap: int,
    recapped: bool,
    pause: Pause,
) -> None:
    """The components of the seeds and, when the cap is another one, of every id that comes over
    it or under it: the others stay as they are."""
    rows = await conn.fetch(QUERIES["component_members"], tenant, sorted(seeds))
    if recapped:
        rows += await conn.fetch(QUERIES["recapped_members"], tenant, cap)
    before = {row["node"]: Link(row["person_id"], row["quarantined"]) for row in rows}
    found = await conn.fetch(QUERIES["component_edges"], tenant, sorted(before))
    after = resolve(before, (Edge(r["a"], r["b"], r["linked"]) for r in found), cap)
    changed, reach = moved(before, after)
    await pause("resolved")
    if changed:
        links = sorted((n, after[n].person, after[n].quarantined) for n in changed)
        await conn.execute(QUERIES["update_links"], tenant, *columns(links, 3))
        await conn.execute(
            QUERIES["insert_dirty"], *columns(((tenant, n) for n in sorted(reach)), 2)
        )
