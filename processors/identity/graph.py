"""The identity graph, pure: components by merging what is seen together, shared ids left out.

The person is the smallest id of its component. An id with more distinct neighbours than the cap
is quarantined: it joins nobody and is a person of its own. Both are functions of the whole edge
set, so they do not depend on the order in which edges came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """What the cache says of one id."""

    person: str
    quarantined: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """Two ids seen together; `linked` is false while an operator's unlink stands."""

    a: str
    b: str
    linked: bool


def resolve(members: Iterable[str], edges: Iterable[Edge], cap: int) -> dict[str, Link]:
    """The link of every member, from all edges that touch one.

    Members must be whole components of the present cache. An edge to an id outside counts as a
    neighbour and connects nothing: that id is quarantined, or its own merge is still to come.
    """
    parent = {member: member for member in members}
    neighbours: dict[str, set[str]] = {member: set() for member in parent}
    edges = list(edges)
    for edge in edges:
        if edge.a in neighbours:
            neighbours[edge.a].add(edge.b)
        if edge.b in neighbours:
            neighbours[edge.b].add(edge.a)
    shared = {member for member, seen in neighbours.items() if len(seen) > cap}
    for edge in edges:
        inside = edge.a in parent and edge.b in parent
        if inside and edge.linked and edge.a not in shared and edge.b not in shared:
            low, high = sorted((_root(parent, edge.a), _root(parent, edge.b)))
            parent[high] = low
    return {member: Link(_root(parent, member), member in shared) for member in parent}


def unite(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The people that become another one when each of these pairs of people is one.

    For edges that neither quarantine nor cut anything: then components only grow together, and
    no member of them has to be looked at.
    """
    parent: dict[str, str] = {}
    for a, b in pairs:
        roots = _root(parent, parent.setdefault(a, a)), _root(parent, parent.setdefault(b, b))
        low, high = sorted(roots)
        parent[high] = low
    return {person: _root(parent, person) for person in parent if _root(parent, person) != person}


def _root(parent: dict[str, str], node: str) -> str:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def moved(before: Mapping[str, Link], after: Mapping[str, Link]) -> tuple[set[str], set[str]]:
    """(ids whose link changed, ids from which every changed component can be reached).

    The second has each id that moved, and the person of each component, old or new, whose
    members changed: those that stayed behind lost touches, too.
    """
    changed = {node for node, link in after.items() if before.get(node) != link}
    reach = set(changed)
    for node in changed:
        reach.add(after[node].person)
        if node in before:
            reach.add(before[node].person)
    return changed, reach & after.keys()
