"""The consuming groups in the order of the flow, as the topic catalogue tells it.

A group stands after every group that writes one of its inputs, so one look in this order, each
at end offsets read after the groups before it were done, sees a drained flow and nothing less.
"""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from schemas.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Group:
    """A consuming group and the topics that it reads."""

    name: str
    topics: tuple[str, ...]


def _in_order() -> tuple[Group, ...]:
    names = sorted({name for row in TOPICS.values() for name in row.consumers})
    before = {
        name: {
            writer
            for row in TOPICS.values()
            if name in row.consumers
            for writer in row.producers
            if writer in names and writer != name
        }
        for name in names
    }
    return tuple(
        Group(name, tuple(row.name for row in TOPICS.values() if name in row.consumers))
        for name in TopologicalSorter(before).static_order()
    )


GROUPS: Final = _in_order()
"""Every group, upstream first."""
