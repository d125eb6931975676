"""What an explanation of an order consists of, and how ids lead from one to another."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Two ids that one record carried together."""

    a: str
    b: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExplainedTouch:
    """A touch that counts in some window; `credit` is None where it is too old for the asked one.

    `chain` leads from an id of the order to the id that the touch belongs to.
    """

    touchpoint_id: str
    occurred_at: datetime
    age: timedelta
    type: str
    channel: str
    platform: str
    campaign: str
    from_window: str
    credit: Decimal | None
    revenue: Decimal | None
    revenue_reporting: Decimal | None
    chain: tuple[Joint, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One order."""

    order: Mapping[str, Any]
    model: str
    window: str
    is_fallback: bool
    ids: tuple[str, ...]
    quarantined: tuple[str, ...]
    refunds: tuple[Mapping[str, Any], ...]
    touches: tuple[ExplainedTouch, ...]
    touches_after_order: int
    touches_out_of_reach: int
    deliveries: tuple[Mapping[str, Any], ...]


def chains_from(ids: Sequence[str], joints: Iterable[Joint]) -> dict[str, tuple[Joint, ...]]:
    """The shortest chain of joints from any of the ids to each id that can be reached."""
    neighbours: dict[str, list[Joint]] = {}
    for joint in joints:
        neighbours.setdefault(joint.a, []).append(joint)
        flipped = Joint(a=joint.b, b=joint.a, reason=joint.reason)
        neighbours.setdefault(joint.b, []).append(flipped)
    chains: dict[str, tuple[Joint, ...]] = dict.fromkeys(ids, ())
    queue = deque(ids)
    while queue:
        here = queue.popleft()
        for joint in neighbours.get(here, ()):
            if joint.b not in chains:
                chains[joint.b] = (*chains[here], joint)
                queue.append(joint.b)
    return chains
