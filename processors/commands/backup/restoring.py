"""Putting a backup into an empty cluster and an empty database, at the same partitions and, where a
partition began at offset 0 and had no gap, at the same offsets. Then `rebuild` makes the rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import sql
from processors.commands.backup import control, segments
from processors.commands.backup.manifest import Manifest, Partition, needed
from processors.commands.backup.verifying import verify
from processors.commands.rebuild import QUERIES
from processors.commands.refusal import Refused
from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer, Raw
from processors.engine.postgres import Database
from processors.engine.processor import Message
from processors.engine.pulse import Place

CHUNK: Final = 2_000

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """Records put back, control rows by table, and partitions whose offsets differ."""

    records: int
    control: dict[str, int]
    moved: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "records": self.records, "control": self.control, "offsets_differ": list(self.moved),
        }  # fmt: skip


async def restore(
    folder: Path,
    *,
    cluster: Cluster,
    producer: Producer,
    db: Database,
    resume: bool = False,
    watch: Watch | None = None,
) -> Restored:
    """Put everything back.

    Args:
        resume: go on with a restore that was cut off: of each partition what is there is skipped.

    Raises:
        Refused: when the backup is damaged, or the cluster or the database has something already.
    """
    manifest, found = needed(folder), verify(folder)
    if found.faults:
        raise Refused(f"{folder} is damaged: {'; '.join(found.faults)}")
    assert manifest.control is not None
    tables = control.read(folder, manifest.control)
    async with db.connection() as conn:
        await sql.migrate(conn)  # type: ignore[arg-type]
        if await conn.fetchval(QUERIES["is_used"]):
            raise Refused("this database has results: restore into an empty one")
    await cluster.create_topics()
    there = await _there(cluster, manifest, resume=resume)
    done = 0
    for topic, parts in manifest.topics.items():
        for number, part in sorted(parts.items()):
            records = _records(folder, topic, number, part, skip=there[topic, number])
            while rows := [_raw(record) for record in islice(records, CHUNK)]:
                await producer.send_raw(rows)
                done += len(rows)
                if watch is not None:
                    watch(done, manifest.records)
    async with db.transaction() as conn:
        await control.put_back(conn, tables)
    return Restored(done, manifest.control.rows, found.moved)


async def _there(cluster: Cluster, manifest: Manifest, *, resume: bool) -> dict[Place, int]:
    """How many records each partition has already."""
    begins = await cluster.begin_offsets(manifest.topics)
    ends = await cluster.end_offsets(manifest.topics)
    if any(ends.values()) and not resume:
        raise Refused("this cluster's topics have records: restore into an empty one, or --resume")
    if any(begins.values()):
        raise Refused("this cluster's topics do not begin at 0: restore into an empty one")
    for topic, parts in manifest.topics.items():
        for number, part in parts.items():
            if (topic, number) not in ends:
                raise Refused(f"{topic} has no partition {number} here: create it with more")
            if ends[topic, number] > sum(segment.records for segment in part.segments):
                raise Refused(f"{topic}/{number} has more records here than the backup")
    return ends


def _records(
    folder: Path, topic: str, number: int, part: Partition, *, skip: int
) -> Iterator[Message]:
    """Those of one partition, in order, but for the first so many."""
    for segment in part.segments:
        if skip >= segment.records:
            skip -= segment.records
            continue
        path = folder / segment.file
        found = segments.read(path, topic, number, sha256=segment.sha256)
        yield from islice(found, skip, None)
        skip = 0


def _raw(record: Message) -> Raw:
    return Raw(record.topic, record.key, record.value, record.timestamp, record.partition)
