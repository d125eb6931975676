"""What a backup has: `manifest.json`, replaced in one step after each file, so that a backup that
is cut off goes on where it stopped, and the next one takes only what has come since."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from processors.commands.backup.segments import put
from processors.commands.refusal import Refused
from schemas.topics import DEAD_LETTERS, SOURCES

KEPT: Final = (*SOURCES, *DEAD_LETTERS, "delivery_outcomes.v1")
"""In the order in which they are taken. Outcomes come last: those of every event that the log has
by then may be among them, or it would be delivered again."""


class Segment(BaseModel):
    """A file: offsets of its first and last record, how many there are, SHA-256 in hex."""

    file: str
    first: int
    last: int
    records: int
    sha256: str


class Partition(BaseModel):
    """Records from `begin` up to, not including, `next`, as offsets of the broker."""

    begin: int
    next: int
    segments: list[Segment] = []


class Control(BaseModel):
    """The control tables: rows by table, and the file."""

    file: str
    rows: dict[str, int]
    sha256: str


class Manifest(BaseModel):
    """Everything that a backup has. `taken_at` is ISO 8601."""

    format: int = 1
    migration: str = ""
    taken_at: str = ""
    topics: dict[str, dict[int, Partition]] = {}
    control: Control | None = None

    @property
    def records(self) -> int:
        """Of all topics."""
        parts = [part for parts in self.topics.values() for part in parts.values()]
        return sum(segment.records for part in parts for segment in part.segments)

    def save(self, folder: Path) -> None:
        """Replace the one in the folder."""
        put(folder / "manifest.json", self.model_dump_json(indent=1).encode())


def load(folder: Path) -> Manifest | None:
    """Of the folder; None when it has none.

    Raises:
        Refused: when it cannot be read.
    """
    path = folder / "manifest.json"
    if not path.exists():
        return None
    try:
        found = Manifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise Refused(f"{path} cannot be read: take the backup into another folder") from None
    if found.format != 1:
        raise Refused(f"{path} is of another release (format {found.format})")
    return found


def needed(folder: Path) -> Manifest:
    """Of a folder that has to have one.

    Raises:
        Refused: when it has none.
    """
    found = load(folder)
    if found is None:
        raise Refused(f"{folder} has no backup: attributary backup {folder}")
    return found
