"""`maintenance/conservation`: counts what has come to the topics since the last run, and compares.

A topic is read in stretches of some ten thousand records, each one transaction: the snapshot of
the group's counts, what was read, and where to go on. So each record is read once (once more for a
group that was behind when it was), a run that is cut off loses one stretch, and two runs at once
do not count twice: the second meets the first one's offsets and is refused by Postgres. A run
reads `conservation_records` at most and the next one goes on; until it has come level with a group
the ledger says `counting`. Of days older than `conservation_days` only those are compared again
that records still come for; `attributary conserve` compares everything.
"""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from processors.engine import kafka
from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS, committed
from processors.engine.pulse import Place
from processors.schedule.conservation import store
from processors.schedule.conservation.tallying import Standing
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools
from schemas.topics import SOURCES, TOPICS

GAUGE: Final = "attributary_conservation_gap_records"
_STRETCH: Final = 20_000
_SHOWN: Final = 20


@dataclass(slots=True)
class Reading:
    """What a run may still read, and how far it has come."""

    left: int
    read: int = 0
    behind: int = 0


async def check(tools: Tools, tenant: str | None) -> Detail:
    """Count all topics, which have no parts by tenant, set the gauge, and return what is missing of
    all tenants, or of the one.

    Raises:
        Failed: when the brokers do not answer.
    """
    reading = Reading(left=tools.settings.conservation_records)
    try:
        async with tools.cluster() as cluster:
            for topic, row in TOPICS.items():
                if row.consumers:
                    await _topic(tools, cluster, topic, reading)
    except Exception as error:
        if not kafka.is_transient(error):
            raise
        raise Failed("the brokers do not answer", {"read": reading.read}) from error
    async with tools.db.connection() as conn:
        wrong = [dict(row) for row in await store.wrong(conn)]
    for group in GROUPS:
        missing = sum(w["gap"] + w["surplus"] for w in wrong if w["consumer_group"] == group.name)
        tools.metrics.gauge(GAUGE, missing, group=group.name)
    wrong = [line for line in wrong if tenant in (None, line["tenant_id"])]
    return {
        "read": reading.read,
        "not_counted_yet": reading.behind,
        "wrong": len(wrong),
        "lines": wrong[:_SHOWN],
    }


async def _topic(tools: Tools, cluster: Cluster, topic: str, reading: Reading) -> None:
    """Count one topic until its end, or until the run has read enough."""
    firsts = await _firsts(cluster, topic)
    while True:
        left = await _stretch(tools, cluster, topic, reading, firsts=firsts)
        if not left or reading.left <= 0:
            reading.behind += left
            return


async def _stretch(
    tools: Tools, cluster: Cluster, topic: str, reading: Reading, *, firsts: dict[Place, int]
) -> int:
    """One transaction; returns how many offsets of the topic are still ahead."""
    now = tools.clock()
    today = datetime.fromtimestamp(now / 1_000, UTC).date()
    since = today - timedelta(days=tools.settings.conservation_days)
    async with tools.db.transaction(isolation="repeatable_read") as conn:
        found = await store.standings(conn, topic, TOPICS[topic].consumers, firsts=firsts)
        # Asked for after the snapshot: no group can have counted what lies beyond.
        begins = await cluster.begin_offsets([topic])
        ends = await cluster.end_offsets([topic])
        for standing in found:
            place = (topic, standing.partition)
            standing.bound(begins[place], ends[place], today=today)
        await _read(cluster, topic, found, ends, reading)
        await store.put(conn, topic, found, since=since, now=now)
    return sum(max(0, ends[topic, s.partition] - s.start) for s in found)


async def _firsts(cluster: Cluster, topic: str) -> dict[Place, int]:
    """(group, partition) -> the first offset that the group will read of a new partition."""
    begins = await cluster.begin_offsets([topic])
    firsts: dict[Place, int] = {}
    for group in GROUPS:
        if topic in group.topics:
            moved = {} if topic in SOURCES else await committed(cluster, group)
            firsts |= {(group.name, p[1]): moved.get(p, begin) for p, begin in begins.items()}
    return firsts


async def _read(
    cluster: Cluster, topic: str, found: list[Standing], ends: dict[Place, int], reading: Reading
) -> None:
    of: dict[int, list[Standing]] = {}
    for standing in found:
        of.setdefault(standing.partition, []).append(standing)
    since = {partition: min(s.start for s in some) for partition, some in of.items()}
    reached, most = dict(since), min(_STRETCH, reading.left)
    taken = 0
    async with aclosing(cluster.read_topic(topic, since=since)) as messages:
        async for message in messages:
            if taken >= most:
                break
            taken += 1
            reached[message.partition] = message.offset + 1
            for standing in of[message.partition]:
                standing.add(message)
        else:
            # Offsets at the end may be without a record.
            reached = {
                partition: max(ends[topic, partition], at) for partition, at in reached.items()
            }
    reading.read += taken
    reading.left -= taken
    for partition, some in of.items():
        for standing in some:
            standing.arrive(reached[partition])
