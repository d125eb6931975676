"""Taking a backup, while everything runs: the topics in the order of `manifest.KEPT`, then the
control tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sql
from processors.commands.backup import control, segments
from processors.commands.backup.manifest import KEPT, Manifest, Partition, Segment, load
from processors.commands.refusal import Refused
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database
from processors.engine.processor import Message

SEGMENT_BYTES: Final = 32 << 20
"""Of keys and values, before they are compressed."""

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """Records written now, and records that the backup has."""

    written: int
    records: int
    control: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"written": self.written, "records": self.records, "control": self.control}


async def take(
    folder: Path,
    *,
    cluster: Cluster,
    db: Database,
    watch: Watch | None = None,
    segment_bytes: int = SEGMENT_BYTES,
) -> Taken:
    """Add to the folder what it has not yet; `watch` is told records done and to be done.

    Raises:
        Refused: when the topics are not those that the folder was taken of.
    """
    manifest = load(folder) or Manifest()
    ends = await cluster.end_offsets(KEPT)
    begins = await cluster.begin_offsets(KEPT)
    for (topic, partition), begin in begins.items():
        parts = manifest.topics.setdefault(topic, {})
        part = parts.setdefault(partition, Partition(begin=begin, next=begin))
        if ends[topic, partition] < part.next:
            raise Refused(
                f"{topic}/{partition} ends before what {folder} has of it: it is another cluster's;"
                " take the backup into another folder"
            )
    total = sum(end - manifest.topics[t][p].next for (t, p), end in ends.items())
    done = 0
    for topic in KEPT:
        writer = _Writer(folder, manifest, topic, segment_bytes=segment_bytes)
        since = {partition: part.next for partition, part in manifest.topics[topic].items()}
        async for message in cluster.read_topic(topic, since=since):
            writer.add(message)
            done += 1
            if watch is not None and not done % 1_000:
                watch(done, total)
        writer.flush_all()
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        manifest.control = await control.take(conn, folder)
    manifest.migration = [name for name, _ in sql.migrations()][-1]
    manifest.taken_at = datetime.fromtimestamp(wall_clock() // 1_000, UTC).isoformat()
    manifest.save(folder)
    return Taken(done, manifest.records, manifest.control.rows)


class _Writer:
    """Gathers the records of each partition of a topic into files."""

    def __init__(self, folder: Path, manifest: Manifest, topic: str, *, segment_bytes: int) -> None:
        self._folder = folder
        self._manifest = manifest
        self._topic = topic
        self._limit = segment_bytes
        self._held: dict[int, list[Message]] = {}
        self._bytes: dict[int, int] = {}

    def add(self, message: Message) -> None:
        """Keep one; a file is written when there is enough."""
        partition = message.partition
        self._held.setdefault(partition, []).append(message)
        size = len(message.key or b"") + len(message.value or b"")
        self._bytes[partition] = self._bytes.get(partition, 0) + size
        if self._bytes[partition] >= self._limit:
            self._flush(partition)

    def flush_all(self) -> None:
        """Write what is left."""
        for partition in sorted(self._held):
            self._flush(partition)

    def _flush(self, partition: int) -> None:
        records = self._held.pop(partition, [])
        self._bytes[partition] = 0
        if not records:
            return
        first, last = records[0].offset, records[-1].offset
        name = f"topics/{self._topic}/{partition}-{first:020}.zst"
        digest = segments.write(self._folder / name, records)
        part = self._manifest.topics[self._topic][partition]
        part.segments.append(
            Segment(file=name, first=first, last=last, records=len(records), sha256=digest)
        )
        part.next = last + 1
        self._manifest.save(self._folder)
