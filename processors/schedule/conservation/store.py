"""The rows of the ledger of conservation."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import sql
from processors.engine.postgres import Connection, Row
from processors.schedule.conservation.tallying import Standing
from schemas.topics import SOURCES

QUERIES: Final = sql.load("conservation")


async def standings(
    conn: Connection, topic: str, groups: Sequence[str], *, firsts: Mapping[tuple[str, int], int]
) -> list[Standing]:
    """Each group on each partition: how far it was counted, and how far its own counts reach.

    Args:
        firsts: (group, partition) -> the offset from which a group is followed that nothing is
            known of, if it has not said where it began.
    """
    rows = await conn.fetch(QUERIES["consumed_of"], topic)
    consumed = {(row["consumer_group"], row["partition"]): row for row in rows}
    rows = await conn.fetch(QUERIES["counted_of"], topic)
    counted = {(row["consumer_group"], row["partition"]): row for row in rows}
    return [
        _standing(place, counted.get(place), consumed.get(place), first, is_log=topic in SOURCES)
        for place, first in sorted(firsts.items())
        if place[0] in groups
    ]


def _standing(
    place: tuple[str, int], counted: Row | None, consumed: Row | None, first: int, *, is_log: bool
) -> Standing:
    group, partition = place
    reached = 0 if consumed is None else consumed["next_offset"]
    if counted is None:
        # Of the log from its first record on, so that a group that began later shows as a gap; of
        # what is derived from it where the group began, since `rebuild` lets it begin at the end.
        base = first if is_log or consumed is None else consumed["base_offset"]
        return Standing(
            group=group, partition=partition, base=base, next=base, end=base,
            target=max(base, reached), was_level=False,
        )  # fmt: skip
    return Standing(
        group=group, partition=partition, base=counted["base_offset"], next=counted["next_offset"],
        end=counted["end_offset"], target=max(counted["next_offset"], reached),
        was_level=counted["is_level"], expired_until=counted["expired_until"],
    )  # fmt: skip


async def put(
    conn: Connection, topic: str, found: Sequence[Standing], *, since: date, now: int
) -> None:
    """Write what was counted; where the count is level, also what the group says of the days since
    then and of those that were read (of all days where it was not level before)."""
    await conn.execute(
        QUERIES["put_offsets"],
        topic,
        [s.group for s in found],
        [s.partition for s in found],
        [s.base for s in found],
        [s.next for s in found],
        [max(s.end, s.next) for s in found],
        [s.is_level for s in found],
        [s.expired_until for s in found],
        now,
    )
    cells = [(s, *key) for s in found for key in sorted(s.received.keys() | s.reached.keys())]
    await conn.execute(
        QUERIES["add_received"],
        topic,
        [s.group for s, _, _ in cells],
        [s.partition for s, _, _ in cells],
        [tenant for _, tenant, _ in cells],
        [day for _, _, day in cells],
        [s.received[tenant, day] for s, tenant, day in cells],
        [s.reached[tenant, day] for s, tenant, day in cells],
    )
    for group in sorted({s.group for s in found}):
        level = [s for s in found if s.group == group and s.is_level]
        for was_level, days in ((True, since), (False, None)):
            some = [s for s in level if s.was_level == was_level]
            read = [(s.partition, *key) for s in some for key in s.reached]
            if some:
                await conn.execute(
                    QUERIES["settle"],
                    group,
                    topic,
                    [s.partition for s in some],
                    days,
                    [partition for partition, _, _ in read],
                    [tenant for _, tenant, _ in read],
                    [day for _, _, day in read],
                )


async def wrong(conn: Connection) -> list[Row]:
    """The lines of the ledger where something is missing or too much, newest day first."""
    return await conn.fetch(QUERIES["wrong"])
