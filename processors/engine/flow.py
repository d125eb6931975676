"""The consuming groups in the order of the flow, as the topic catalogue tells it.

A group stands after every group that writes one of its inputs, so one look in this order, each
at end offsets read after the groups before it were done, sees a drained flow and nothing less.
"""

import asyncio
from dataclasses import dataclass
from graphlib import TopologicalSorter
from time import monotonic
from typing import Final

from processors.engine.cluster import Cluster
from processors.engine.kafka import is_transient
from processors.engine.pulse import Place
from schemas.topics import TOPICS

_COORDINATOR_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.2


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


async def committed(cluster: Cluster, group: Group) -> dict[Place, int]:
    """What the group has committed; a broker that is still looking for the group's coordinator,
    as a young one does, is asked again.

    Raises:
        KafkaError: when it does not find one.
    """
    deadline = monotonic() + _COORDINATOR_SECONDS
    while True:
        try:
            return await cluster.committed(group.name)
        except Exception as error:
            if not is_transient(error) or monotonic() > deadline:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
