"""Puts dead letters back on their topic: the same key, bytes, timestamp and trace, once.

What was put back is remembered in `dead_letter_replays` after the brokers acked it; a crash in
between puts it back twice, which every consumer absorbs.
"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.kafka import Producer, Raw
from processors.engine.postgres import Database
from processors.engine.processor import Message
from processors.engine.progress import QUERIES
from schemas.dead_letter import DeadLetter
from schemas.topics import TOPICS

CHUNK: Final = 500

Found = tuple[DeadLetter, str | None]
"""A letter and its trace."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters of a topic; `since` and `until` are epoch ms of the record, `only` are
    (partition, offset, group) of records."""

    topic: str
    reason: str | None = None
    tenant: str | None = None
    group: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    again: bool = False
    only: frozenset[tuple[int, int, str]] | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether a dead letter is meant (`limit` and `again` aside)."""
        return (
            (self.reason is None or letter.reason == self.reason)
            and (self.tenant is None or _original(letter).tenant == self.tenant)
            and (self.group is None or letter.group == self.group)
            and (self.only is None or (letter.partition, letter.offset, letter.group) in self.only)
            and (self.since is None or letter.timestamp >= self.since)
            and (self.until is None or letter.timestamp < self.until)
        )


@dataclass(slots=True)
class Report:
    """`matched` of `seen` were selected; `skipped` of these had been put back before."""

    seen: int = 0
    matched: int = 0
    skipped: int = 0
    replayed: int = 0


async def replay(
    selection: Selection,
    *,
    cluster: Cluster,
    producer: Producer,
    db: Database,
    dry_run: bool = False,
    per_second: float = 1_000.0,
) -> Report:
    """Put the selected dead letters back, at most `per_second`; with `dry_run` only count them."""
    report = Report()
    chunk: list[Found] = []
    size = max(1, min(CHUNK, int(per_second)))
    done = await _replayed(db, selection.topic)
    async for found in _letters(selection, cluster=cluster, done=done, report=report):
        chunk.append(found)
        if len(chunk) >= size:
            await _put_back(chunk, producer=producer, db=db, dry_run=dry_run)
            report.replayed += 0 if dry_run else len(chunk)
            chunk = []
            await asyncio.sleep(0 if dry_run else size / per_second)
    if chunk:
        await _put_back(chunk, producer=producer, db=db, dry_run=dry_run)
        report.replayed += 0 if dry_run else len(chunk)
    return report


async def _letters(
    selection: Selection,
    *,
    cluster: Cluster,
    done: set[tuple[int, int, str]],
    report: Report,
) -> AsyncIterator[Found]:
    """The selected letters, each record once however often it was refused by the same group."""
    met: set[tuple[int, int, str]] = set()
    async for message in cluster.read_topic(TOPICS[selection.topic].dead_letters):
        report.seen += 1
        letter = decode(message).value
        if not isinstance(letter, DeadLetter) or not selection.takes(letter):
            continue
        identity = (letter.partition, letter.offset, letter.group)
        if identity in met:
            continue
        met.add(identity)
        report.matched += 1
        if identity in done and not selection.again:
            report.skipped += 1
            continue
        yield letter, message.traceparent
        if selection.limit is not None and report.matched - report.skipped >= selection.limit:
            return


async def _replayed(db: Database, topic: str) -> set[tuple[int, int, str]]:
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["replayed"], topic)
    return {(row["partition"], row["record_offset"], row["consumer_group"]) for row in rows}


async def _put_back(found: list[Found], *, producer: Producer, db: Database, dry_run: bool) -> None:
    if dry_run:
        return
    letters = [letter for letter, _ in found]
    originals = [(_original(letter), traceparent) for letter, traceparent in found]
    await producer.send_raw(
        [
            Raw(m.topic, m.key, m.value, m.timestamp, m.partition, traceparent)
            for m, traceparent in originals
        ]
    )
    async with db.transaction() as conn:
        await conn.execute(
            QUERIES["note_replays"],
            letters[0].topic,
            [letter.partition for letter in letters],
            [letter.offset for letter in letters],
            [letter.group for letter in letters],
        )


def _original(letter: DeadLetter) -> Message:
    return Message(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        timestamp=letter.timestamp,
        key=None if letter.key is None else b64decode(letter.key),
        value=None if letter.value is None else b64decode(letter.value),
    )
