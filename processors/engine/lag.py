"""How far each consuming group is behind, asked of the brokers from outside any group, so it is
known also of a group whose workers are gone."""

from dataclasses import dataclass

from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS, committed


@dataclass(frozen=True, slots=True)
class Behind:
    """One partition; `committed` is None when the group never committed it, `lag` in records."""

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


async def behind(cluster: Cluster) -> list[Behind]:
    """Every partition of every group, in the order of the flow; the brokers are asked once.

    Raises:
        KafkaError: when they do not answer.
    """
    rows: list[Behind] = []
    for group in GROUPS:
        reached_by = await committed(cluster, group)
        begins = await cluster.begin_offsets(group.topics)
        ends = await cluster.end_offsets(group.topics)
        for (topic, partition), end in sorted(ends.items()):
            place = (topic, partition)
            reached = max(reached_by.get(place, 0), begins[place])
            rows.append(
                Behind(group.name, topic, partition, reached_by.get(place), end, end - reached)
            )
    return rows


def by_group(rows: list[Behind]) -> dict[str, int]:
    """Records that each group has yet to do."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.group] = found.get(row.group, 0) + row.lag
    return found
