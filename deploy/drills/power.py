"""What a power cut takes: the bytes of a spool that no fsync had brought to the disk.

SIGKILL takes nothing, since the kernel still has the pages. So a gateway of a drill runs with a
`sitecustomize` (in `deploy/drills/fsynced/`) that notes beside each synced file how long it was
then, and the cut shortens every file to what was noted.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.drills.fault import Field
from deploy.local.jars import PROJECT

NOTES: Final = "ATTRIBUTARY_DRILLS_SYNCED"
_SITE: Final = PROJECT / "deploy" / "drills" / "fsynced"


def costume(folder: Path) -> dict[str, str]:
    """What a gateway wears so that its syncs are noted in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return {NOTES: str(folder), "PYTHONPATH": str(_SITE)}


@dataclass(frozen=True)
class Spool:
    """The spool of one gateway, and the notes on it."""

    files: Path
    notes: Path

    def holds(self) -> bool:
        """Whether there is something in it."""
        return any(path.stat().st_size for path in self.files.glob("*.spool"))


def spool_of(field: Field, name: str) -> Spool:
    """Of a gateway of the stack."""
    told = field.environment_of(name)
    return Spool(Path(told["ATTRIBUTARY_GATEWAY_SPOOL_DIR"]), Path(told[NOTES]))


def cut(spool: Spool) -> int:
    """Shorten each file to what was synced; returns how many bytes went."""
    lost = 0
    for path in spool.files.glob("*.spool"):
        inode = path.stat().st_ino
        note = spool.notes / str(inode)
        synced = int(note.read_text() or 0) if note.exists() else 0
        size = path.stat().st_size
        if size > synced:
            os.truncate(path, synced)
            lost += size - synced
    return lost
