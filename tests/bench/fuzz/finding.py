"""What went wrong, with what it takes to see it again."""

from dataclasses import dataclass, field
from typing import Final

_KEPT: Final = 20


@dataclass
class Findings:
    """The first few, and the count."""

    count: int = 0
    kept: list[str] = field(default_factory=list)

    def note(self, what: str, where: str, raw: bytes, headers: dict[str, str]) -> None:
        """One more."""
        self.count += 1
        if len(self.kept) < _KEPT:
            self.kept.append(f"{what} at {where}: {raw[:2_000]!r} {headers}")
