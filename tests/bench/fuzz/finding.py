"""What one way of the fuzz did, and what went wrong, with what it takes to see it again."""

import resource
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

_KEPT: Final = 40


@dataclass
class Findings:
    """The first few, and the count; hangs are counted apart as well."""

    count: int = 0
    hangs: int = 0
    kept: list[str] = field(default_factory=list)

    def note(self, what: str, where: str, raw: bytes, headers: dict[str, str]) -> None:
        """One more."""
        self.count += 1
        if len(self.kept) < _KEPT:
            self.kept.append(f"{what} at {where}: {raw[:400]!r} of {len(raw)} {str(headers)[:400]}")

    def hang(self, where: str, raw: bytes, headers: dict[str, str]) -> None:
        """One more, that did not end in time."""
        self.hangs += 1
        self.note("hang", where, raw, headers)


@dataclass
class Told:
    """Inputs, answers by status (0 is none), and what it cost: the slowest, and how far the peak of
    the memory rose above what it was once everything had been done (`warm`)."""

    inputs: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest_ms: int = 0
    warm_mb: int = 0

    def note(self, status: int, seconds: float) -> None:
        """One answer."""
        self.inputs += 1
        self.statuses[status] += 1
        self.slowest_ms = max(self.slowest_ms, round(seconds * 1_000))

    def warm(self) -> None:
        """From here on memory should not grow. Only the first call counts."""
        self.warm_mb = self.warm_mb or peak_mb()

    def row(self) -> dict[str, Any]:
        """As a shard tells it."""
        return {**vars(self), "grown_mb": peak_mb() - self.warm_mb if self.warm_mb else 0}


def peak_mb() -> int:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
