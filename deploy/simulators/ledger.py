"""What a simulator accepted: in memory, and in an append-only file that a restart reads again."""

import json
from collections.abc import Hashable
from dataclasses import dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any, Final

import orjson


@dataclass(slots=True)
class Accepted:
    """One event as the platform counts it."""

    account: str
    event_name: str
    id: str
    value: float | None = None
    currency: str | None = None
    times_accepted: int = 0
    duplicates: int = 0
    first_at: float = 0.0
    last_counted_at: float = 0.0
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One event of one accepted request."""

    key: tuple[str, ...]
    account: str
    event_name: str
    id: str
    value: float | None
    currency: str | None
    payload: dict[str, Any]


_RECEIPT: Final = tuple(own.name for own in fields(Receipt))


class Ledger:
    """Counts receipts; the same key again within the window is a duplicate."""

    def __init__(self, path: Path | None) -> None:
        self._entries: dict[Hashable, Accepted] = {}
        self.stats: dict[str, int] = {}
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._read(path)

    def take(self, receipts: list[Receipt], *, at: float, window_seconds: float) -> None:
        """Count an accepted request; it is on file when this returns."""
        if self._path is not None:
            with self._path.open("ab") as file:
                for receipt in receipts:
                    row = {name: getattr(receipt, name) for name in _RECEIPT}
                    row |= {"at": at, "window_seconds": window_seconds}
                    file.write(orjson.dumps(row) + b"\n")
        for receipt in receipts:
            self._count(receipt, at=at, window_seconds=window_seconds)

    def note(self, what: str, n: int = 1) -> None:
        """Add to a statistic."""
        self.stats[what] = self.stats.get(what, 0) + n

    def accepted(self) -> list[Accepted]:
        """Every event that was accepted, in the order of the first receipt."""
        return list(self._entries.values())

    def totals(self) -> dict[str, int]:
        """What happened so far."""
        entries = self._entries.values()
        return {
            **self.stats,
            "events": len(entries),
            "counted": sum(entry.times_accepted for entry in entries),
            "duplicates": sum(entry.duplicates for entry in entries),
        }

    def _count(self, receipt: Receipt, *, at: float, window_seconds: float) -> None:
        entry = self._entries.get(receipt.key)
        if entry is None:
            entry = self._entries[receipt.key] = Accepted(
                receipt.account,
                receipt.event_name,
                receipt.id,
                receipt.value,
                receipt.currency,
                first_at=at,
                payload=receipt.payload,
            )
        elif at - entry.last_counted_at <= window_seconds:
            entry.duplicates += 1
            return
        entry.times_accepted += 1
        entry.last_counted_at = at

    def _read(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text and not text.endswith("\n"):
            # A process that was killed while it wrote; what follows starts on a line of its own.
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            at, window_seconds = row.pop("at"), row.pop("window_seconds")
            if window_seconds is None:  # JSON has no word for ever
                window_seconds = inf
            row["key"] = tuple(row["key"])
            self._count(Receipt(**row), at=at, window_seconds=window_seconds)
