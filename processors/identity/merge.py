"""The second transaction: components of what the batch joined, under a lock a tenant.

Short: no touches and no conversions in it. What moved is left in the outbox `identity_dirty`, so
a crash after it cannot forget a conversion.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from processors.engine.postgres import Connection, Database
from processors.identity.graph import Edge, Link, moved, resolve, unite
from processors.identity.handle import Edge as EdgeKey
from processors.identity.handle import Facts
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
        for tenant in tenants:
            await conn.execute(QUERIES["lock_tenant"], tenant)
        # While the lock was waited for, somebody may have been taken out of the graph.
        open_edges = await _unsettled(conn, open_edges)
        fresh: dict[str, list[Pair]] = defaultdict(list)
        for tenant, a, b in open_edges:
            fresh[tenant].append((a, b))
        caps = await _caps(conn, tenants)
        for tenant in tenants:
            cap = caps.get(tenant, DEFAULT_CAP)
            only_grows = tenant not in seeds and tenant not in capped
            if only_grows and await _grow(conn, tenant, fresh[tenant], cap=cap, pause=pause):
                continue
            names = seeds[tenant].union(*fresh[tenant])
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
    conn: Connection, tenant: str, edges: Sequence[Pair], *, cap: int, pause: Pause
) -> bool:
    """Let the components of these edges become one where that is all that they do; false, and
    nothing is done, when an id comes over the cap. So an id of thousands costs a batch what it
    joins, not what was joined before."""
    ends = sorted({node for edge in edges for node in edge})
    people: dict[str, str] = {}
    for row in await conn.fetch(QUERIES["edge_ends"], tenant, ends, cap + 1):
        if row["quarantined"] != (row["neighbours"] > cap):
            return False
        if not row["quarantined"]:
            people[row["node"]] = row["person_id"]
    rows = await conn.fetch(QUERIES["cut_edges"], tenant, *columns(edges, 2))
    cut = {(row["a"], row["b"]) for row in rows}
    pairs = [edge for edge in edges if edge not in cut and people.keys() >= {*edge}]
    changed = unite((people[a], people[b]) for a, b in pairs)
    await pause("resolved")
    if changed:
        moves = columns(sorted(changed.items()), 2)
        gone = [row["node"] for row in await conn.fetch(QUERIES["move_people"], tenant, *moves)]
        reach = sorted({*gone, *changed.values()})
        await conn.execute(QUERIES["insert_dirty"], *columns(((tenant, n) for n in reach), 2))
    return True


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
