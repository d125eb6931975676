"""Reading a backup whole: every file is what was written, and has what the manifest says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processors.commands.backup import control, segments
from processors.commands.backup.manifest import Manifest, Partition, needed
from schemas.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Verified:
    """What is wrong, and what a restore would change: partitions whose offsets would differ."""

    records: int
    taken_at: str
    faults: tuple[str, ...]
    moved: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "sound": not self.faults, "records": self.records, "taken_at": self.taken_at,
            "faults": list(self.faults), "offsets_differ": list(self.moved),
        }  # fmt: skip


def verify(folder: Path) -> Verified:
    """Read everything.

    Raises:
        Refused: when the folder has no backup.
    """
    manifest = needed(folder)
    faults = list(_faults(folder, manifest))
    return Verified(manifest.records, manifest.taken_at, tuple(faults), tuple(_moved(manifest)))


def _faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    if manifest.control is None:
        yield "it was cut off before the control tables: take it again"
    else:
        try:
            control.read(folder, manifest.control)
        except segments.Damaged as error:
            yield str(error)
    for topic, parts in manifest.topics.items():
        for number, part in parts.items():
            yield from _faults_of(folder, topic, number, part)


def _faults_of(folder: Path, topic: str, number: int, part: Partition) -> Iterator[str]:
    after = part.begin
    for segment in part.segments:
        try:
            found = segments.read(folder / segment.file, topic, number, sha256=segment.sha256)
            offsets = [record.offset for record in found]
        except segments.Damaged as error:
            yield f"{topic}/{number}: {error}"
            continue
        if len(offsets) != segment.records or offsets != sorted(set(offsets)):
            yield f"{topic}/{number}: {segment.file} has other records than it should"
        if segment.first < after:
            yield f"{topic}/{number}: {segment.file} begins before the end of the file before"
        after = segment.last + 1


def _moved(manifest: Manifest) -> Iterator[str]:
    """A broker gives offsets from 0 on without gaps; only what was so before stays where it was."""
    for topic, parts in manifest.topics.items():
        compacted = topic in TOPICS and TOPICS[topic].cleanup == "compact"
        for number, part in sorted(parts.items()):
            records = sum(segment.records for segment in part.segments)
            if not compacted and records != part.next:
                yield f"{topic}/{number}"
