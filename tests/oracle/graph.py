"""Who is whom: connected components of the ids that were seen together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from tests.oracle.log import Log, events, is_real
from tests.oracle.nodes import nodes
from tests.oracle.words import Row

Edge = frozenset[str]


@dataclass(frozen=True)
class Graph:
    """`person` has every node that was seen; `anyone` has its component were nothing ever cut."""

    person: dict[str, str]
    quarantined: frozenset[str]
    anyone: dict[str, str]

    def owner(self, node: str) -> str | None:
        """The person of a node; a quarantined or unknown one speaks for nobody."""
        return None if node in self.quarantined else self.person.get(node)

    def people(self, ids: Iterable[str]) -> set[str]:
        """Everybody who has one of the ids; one that joins nobody is somebody of its own."""
        return {self.person[node] for node in ids if node in self.person}


def build(log: Log, *, unlinked: set[Edge], cap: int) -> Graph:
    """The graph of one tenant."""
    groups = [nodes(order) for order in log["orders.v1"] if is_real(order)]
    groups += [nodes(touch) for touch in log["touchpoints.v1"]]
    groups += [nodes(event) for event in events(log)]
    seen = {node for group in groups for node in group}
    edges = {frozenset(pair) for group in groups for pair in combinations(group, 2)}

    neighbours: dict[str, set[str]] = defaultdict(set)
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    quarantined = frozenset(node for node in seen if len(neighbours[node]) > cap)
    kept = {edge for edge in edges if edge not in unlinked and not edge & quarantined}
    return Graph(
        person=components(seen, kept), quarantined=quarantined, anyone=components(seen, edges)
    )


def components(seen: Iterable[str], edges: Iterable[Edge]) -> dict[str, str]:
    """Each node to the smallest node that can be reached from it."""
    beside: dict[str, list[str]] = defaultdict(list)
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    found: dict[str, str] = {}
    for smallest in sorted(seen):
        waiting = [] if smallest in found else [smallest]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = smallest
                waiting += beside[node]
    return found


def links(tenant: str, graph: Graph) -> list[Row]:
    """The rows of identity_links."""
    return [
        (tenant, *node.split(":", 1), person, node in graph.quarantined)
        for node, person in graph.person.items()
    ]
