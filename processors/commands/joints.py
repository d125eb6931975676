"""Which ids one person is made of: what joined two of them, and what was cut and why."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import sql
from processors.engine.postgres import Connection

QUERIES: Final = sql.load("operations")
CUT_SHOWN: Final = 1_000
"""A shared id may have been seen with any number of others."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Two ids that one record carried together; the record, and what became of it.

    `state` is joined, unlinked, quarantined_a, quarantined_b or pending, of `a` as it stands here.
    """

    a: str
    b: str
    topic: str
    event_id: str
    state: str = "joined"
    other_person_id: str = ""

    def flipped(self) -> "Joint":
        """The same, seen from the other id."""
        swapped = {"quarantined_a": "quarantined_b", "quarantined_b": "quarantined_a"}
        return Joint(
            a=self.b,
            b=self.a,
            topic=self.topic,
            event_id=self.event_id,
            state=swapped.get(self.state, self.state),
            other_person_id=self.other_person_id,
        )

    @property
    def quarantined(self) -> str | None:
        """The shared id because of which it joins nobody."""
        return {"quarantined_a": self.a, "quarantined_b": self.b}.get(self.state)


@dataclass(frozen=True, kw_only=True)
class Joints:
    """What a person's ids were seen with. `cut` is what does not join, `cut_total` how much of
    it there is."""

    joined: tuple[Joint, ...]
    cut: tuple[Joint, ...]
    cut_total: int


async def joints_of(conn: Connection, tenant: str, person: str) -> Joints:
    """All that holds the person together, and the first of what is cut."""
    joined = await conn.fetch(QUERIES["person_joints"], tenant, person)
    cut = await conn.fetch(QUERIES["person_cuts"], tenant, person, CUT_SHOWN)
    return Joints(
        joined=tuple(Joint(**dict(row.items())) for row in joined),
        cut=tuple(
            Joint(**{name: value for name, value in row.items() if name != "total"}) for row in cut
        ),
        cut_total=cut[0]["total"] if cut else 0,
    )


def chains_from(ids: Sequence[str], joints: Iterable[Joint]) -> dict[str, tuple[Joint, ...]]:
    """The shortest chain of joints from any of the ids to each id that can be reached."""
    neighbours: dict[str, list[Joint]] = {}
    for joint in joints:
        neighbours.setdefault(joint.a, []).append(joint)
        neighbours.setdefault(joint.b, []).append(joint.flipped())
    chains: dict[str, tuple[Joint, ...]] = dict.fromkeys(ids, ())
    queue = deque(ids)
    while queue:
        here = queue.popleft()
        for joint in neighbours.get(here, ()):
            if joint.b not in chains:
                chains[joint.b] = (*chains[here], joint)
                queue.append(joint.b)
    return chains
