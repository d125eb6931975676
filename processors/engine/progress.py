"""Where a group stands, and what became of each record, kept with the effects they describe.

`record` runs inside the transaction that has a batch's effects. A record below the stored offset
was counted by an earlier attempt and is not counted again, so the counts are exact whatever was
repeated. Counts are kept by partition, so replicas never wait for each other here.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import sql
from processors.engine.outcome import Outcome, label
from processors.engine.postgres import Connection
from processors.engine.processor import Item

QUERIES = sql.load("engine")

Place = tuple[str, int]
Key = tuple[str, int, str, date, str, str]


class Progress:
    """The offsets and the counts of one consumer group."""

    def __init__(self, group: str) -> None:
        self._group = group

    async def record(
        self, conn: Connection, batch: Sequence[Item], outcomes: Sequence[Outcome]
    ) -> None:
        """Count what was not counted before and move the offsets, in the caller's transaction.

        Raises:
            ValueError: if there is not one final outcome for each item.
        """
        if not batch:
            return
        _, after = _span(batch)
        places = sorted(after)
        counts = _count(batch, outcomes, await self.reached(conn, batch))
        keys = sorted(counts)
        await conn.execute(
            QUERIES["record_progress"],
            self._group,
            [topic for topic, _ in places],
            [partition for _, partition in places],
            [after[place] for place in places],
            [key[0] for key in keys],
            [key[1] for key in keys],
            [key[2] for key in keys],
            [key[3] for key in keys],
            [key[4] for key in keys],
            [key[5] for key in keys],
            [counts[key] for key in keys],
        )

    async def reached(self, conn: Connection, batch: Sequence[Item]) -> dict[Place, int]:
        """The stored offsets of the batch's partitions, locked until the caller's transaction ends:
        whoever asks first keeps another worker of these partitions waiting, so that what he reads
        afterwards has all that the other did. Records below them were handled before."""
        first, _ = _span(batch)
        places = sorted(first)
        known = await self._lock(conn, places)
        if len(known) < len(places):
            await conn.execute(
                QUERIES["claim_offsets"],
                self._group,
                [topic for topic, _ in places],
                [partition for _, partition in places],
                [first[place] for place in places],
            )
            known = await self._lock(conn, places)
        return known

    async def _lock(self, conn: Connection, places: Sequence[Place]) -> dict[Place, int]:
        rows = await conn.fetch(
            QUERIES["lock_offsets"],
            self._group,
            [topic for topic, _ in places],
            [partition for _, partition in places],
        )
        return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def _span(batch: Sequence[Item]) -> tuple[dict[Place, int], dict[Place, int]]:
    """The first offset of each partition in the batch, and the one after its last."""
    first: dict[Place, int] = {}
    after: dict[Place, int] = {}
    for item in batch:
        place, offset = (item.message.topic, item.message.partition), item.message.offset
        first[place] = min(first.get(place, offset), offset)
        after[place] = max(after.get(place, 0), offset + 1)
    return first, after


def _count(
    batch: Sequence[Item], outcomes: Sequence[Outcome], known: dict[Place, int]
) -> Counter[tuple[str, int, str, date, str, str]]:
    counts: Counter[tuple[str, int, str, date, str, str]] = Counter()
    for item, outcome in zip(batch, outcomes, strict=True):
        message = item.message
        if message.offset >= known[message.topic, message.partition]:
            place = (message.topic, message.partition)
            counts[*place, message.tenant, message.day, *label(outcome)] += 1
    return counts
