"""Keys of people that were made while Postgres was away: on disk before anything is sealed by them.

A line each, fsync'd. They stay until they are in the table, so a crash anywhere brings some in
again, which changes nothing; a torn last line was never used.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from processors.engine.sealing import PersonKey


class Made(NamedTuple):
    """A key, whose it is, and when the record came that needed it, epoch milliseconds."""

    tenant: str
    key: PersonKey
    made_at: int


class KeyJournal:
    """One file, beside the spool of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, made: Sequence[Made]) -> None:
        """Write and fsync. Blocks.

        Raises:
            OSError: and none of it is to be used.
        """
        lines = [json.dumps([m.tenant, m.key.subject, m.key.key.hex(), m.made_at]) for m in made]
        is_new = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            os.fchmod(file.fileno(), 0o600)
            # The line before may be torn, of a write that failed: it must not take this one along.
            file.write("".join(f"\n{line}" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            handle = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def read(self) -> list[Made]:
        """All that waits. Blocks."""
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_text().splitlines():
            try:
                tenant, subject, key, made_at = json.loads(line)
            except ValueError:
                continue
            found.append(Made(tenant, PersonKey(subject, bytes.fromhex(key)), made_at))
        return found

    def forget(self) -> None:
        """All of it is in the table. Blocks."""
        self._path.unlink(missing_ok=True)
