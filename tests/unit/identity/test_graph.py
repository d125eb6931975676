"""People from ids: in whatever order and portions edges come, the links are those of the whole."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from processors.identity.graph import Edge, Link, moved, resolve, unite

NODES = [f"visitor:{n}" for n in range(7)] + ["customer:1", "customer:2", "email:x"]
Pair = tuple[str, str]

pairs = (
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: (min(pair), max(pair)))
)
caps = st.sampled_from([1, 2, 3, 5, 100])


def whole(edges: Iterable[Pair], cut: Iterable[Pair], cap: int) -> dict[str, Link]:
    gone = set(cut)
    return resolve(NODES, [Edge(a, b, (a, b) not in gone) for a, b in edges], cap)


class Cache:
    """The cache as the merge step keeps it: people become one where edges do no more than that,
    else whole components are read and written again; with every edge that is known by then."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.links = {node: Link(node, False) for node in NODES}
        self.edges: set[Pair] = set()
        self.cut: set[Pair] = set()

    def merge(self, joined: Iterable[Pair]) -> None:
        if not self.grow(joined):
            self.recompute(joined)

    def grow(self, joined: Iterable[Pair]) -> bool:
        ends = {node for pair in joined for node in pair}
        for node in ends:
            beside = {pair for pair in self.edges if node in pair}
            if (len(beside) > self.cap) != self.links[node].quarantined:
                return False
        changed = unite(
            (self.links[a].person, self.links[b].person)
            for a, b in joined
            if (a, b) not in self.cut
            and not self.links[a].quarantined
            and not self.links[b].quarantined
        )
        for node, link in self.links.items():
            if not link.quarantined:
                self.links[node] = Link(changed.get(link.person, link.person), False)
        return True

    def recompute(self, joined: Iterable[Pair]) -> None:
        persons = {
            self.links[node].person
            for pair in joined
            for node in pair
            if not self.links[node].quarantined
        }
        members = {n: link for n, link in self.links.items() if link.person in persons}
        near = [
            Edge(a, b, (a, b) not in self.cut)
            for a, b in self.edges
            if a in members or b in members
        ]
        self.links |= resolve(members, near, self.cap)


def test_the_person_is_the_smallest_id_of_those_seen_together() -> None:
    edges = [Edge("visitor:1", "visitor:2", True), Edge("email:x", "visitor:2", True)]
    links = resolve(["visitor:1", "visitor:2", "email:x", "visitor:9"], edges, 100)
    assert {node: link.person for node, link in links.items()} == {
        "visitor:1": "email:x",
        "visitor:2": "email:x",
        "email:x": "email:x",
        "visitor:9": "visitor:9",
    }
    assert not any(link.quarantined for link in links.values())


def test_an_id_with_more_neighbours_than_the_cap_joins_nobody() -> None:
    shared = [Edge("email:x", f"visitor:{n}", True) for n in range(3)]
    at_cap = resolve(["email:x", *(f"visitor:{n}" for n in range(3))], shared, 3)
    assert {link.person for link in at_cap.values()} == {"email:x"}
    over = resolve(["email:x", *(f"visitor:{n}" for n in range(3))], shared, 2)
    assert over["email:x"] == Link("email:x", True)
    assert over["visitor:1"] == Link("visitor:1", False)


def test_an_edge_that_is_cut_still_counts_as_a_neighbour() -> None:
    edges = [Edge("email:x", "visitor:1", False), Edge("email:x", "visitor:2", True)]
    links = resolve(["email:x", "visitor:1", "visitor:2"], edges, 1)
    assert links["email:x"].quarantined
    links = resolve(["email:x", "visitor:1", "visitor:2"], edges, 2)
    assert links["visitor:1"].person == "visitor:1"
    assert links["visitor:2"].person == "email:x"


def test_the_same_edge_twice_is_one_neighbour() -> None:
    edges = [Edge("email:x", "visitor:1", True)] * 5
    assert not resolve(["email:x", "visitor:1"], edges, 1)["email:x"].quarantined


def test_an_edge_to_an_id_outside_is_counted_and_connects_nothing() -> None:
    links = resolve(["visitor:1"], [Edge("customer:1", "visitor:1", True)], 100)
    assert links == {"visitor:1": Link("visitor:1", False)}
    assert resolve(["visitor:1"], [Edge("customer:1", "visitor:1", True)], 0)[
        "visitor:1"
    ].quarantined


@given(st.lists(pairs, max_size=14), st.lists(pairs, max_size=3), caps, st.randoms())
def test_the_order_of_the_edges_does_not_matter(
    edges: list[Pair], cut: list[Pair], cap: int, rng: object
) -> None:
    shuffled = sorted(edges, key=lambda _: rng.random())  # type: ignore[attr-defined]
    assert whole(edges, cut, cap) == whole(shuffled, cut, cap)


@given(st.lists(st.lists(pairs, max_size=4), max_size=8), caps)
def test_merging_batch_by_batch_gives_the_links_of_the_whole(
    batches: list[list[Pair]], cap: int
) -> None:
    cache = Cache(cap)
    for joined in batches:
        cache.edges |= set(joined)
        cache.merge(joined)
    assert cache.links == whole(cache.edges, [], cap)


@given(st.lists(st.lists(pairs, min_size=1, max_size=3), max_size=6), caps, st.randoms())
def test_merges_that_run_later_than_others_insert_give_the_links_of_the_whole(
    batches: list[list[Pair]], cap: int, rng: object
) -> None:
    """Replicas insert edges at any time before their own merge, which others may overtake."""
    cache = Cache(cap)
    steps = [(at, joined) for joined in batches for at in ("insert", "merge")]
    steps.sort(key=lambda _: rng.random())  # type: ignore[attr-defined]
    for at, joined in steps:
        cache.edges |= set(joined)
        if at == "merge":
            cache.merge(joined)
    assert cache.links == whole(cache.edges, [], cap)


@given(st.lists(pairs, max_size=12), st.lists(st.tuples(pairs, st.booleans()), max_size=6), caps)
def test_cutting_and_tying_again_gives_the_links_of_the_whole(
    edges: list[Pair], decisions: list[tuple[Pair, bool]], cap: int
) -> None:
    cache = Cache(cap)
    cache.edges |= set(edges)
    cache.merge(edges)
    for pair, linked in decisions:
        cache.cut = cache.cut - {pair} if linked else cache.cut | {pair}
        cache.recompute([pair])
    assert cache.links == whole(edges, cache.cut, cap)


@given(st.lists(pairs, max_size=14), caps, caps)
def test_from_what_moved_every_changed_component_can_be_reached(
    edges: list[Pair], before_cap: int, after_cap: int
) -> None:
    before, after = whole(edges, [], before_cap), whole(edges, [], after_cap)
    changed, reach = moved(before, after)
    assert changed == {node for node in NODES if before[node] != after[node]}
    reached = {after[node].person for node in reach}
    for node in NODES:
        together = {n for n in NODES if after[n].person == after[node].person}
        was = {n for n in NODES if before[n].person == before[node].person}
        if together != was or before[node] != after[node]:
            assert after[node].person in reached


@given(st.lists(pairs, max_size=10), st.lists(pairs, max_size=6), st.lists(pairs, max_size=4))
def test_edges_that_only_join_give_the_links_of_the_whole_beside_cut_ones(
    before: list[Pair], joined: list[Pair], cut: list[Pair]
) -> None:
    cache = Cache(100)
    cache.cut = set(cut)
    for portion in (before, joined):
        cache.edges |= set(portion)
        assert cache.grow(portion)
    assert cache.links == whole(cache.edges, cut, 100)


def test_people_that_become_one_become_the_smallest() -> None:
    pairs = [("visitor:3", "visitor:2"), ("visitor:2", "email:x"), ("visitor:9", "visitor:9")]
    assert unite(pairs) == {"visitor:3": "email:x", "visitor:2": "email:x"}


def test_nothing_moved_when_nothing_changed() -> None:
    links = whole([("visitor:1", "visitor:2")], [], 100)
    assert moved(links, links) == (set(), set())
