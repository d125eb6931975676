"""What the doctor finds, and what it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from processors.engine.cluster import Cluster
from processors.engine.postgres import Database

Severity = Literal["ok", "note", "warning", "critical"]
"""`note`: worth knowing and no fault; `warning`: will hurt, or hurts one tenant; `critical`:
records wait, are refused or are missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `do` is a command where one mends it, `since` when it began."""

    severity: Severity
    part: str
    text: str
    do: str = ""
    since: datetime | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether somebody has to act."""
        return self.severity in ("warning", "critical")

    def as_json(self) -> dict[str, Any]:
        """As a JSON object; `since` is ISO 8601 or null."""
        return {
            "severity": self.severity,
            "part": self.part,
            "text": self.text,
            "do": self.do,
            "since": self.since and self.since.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A process of the stack on this machine, as its supervisor knows it; `tail` is the end of its
    log. `supervised` is false when the supervisor itself is gone."""

    name: str
    condition: str
    restarts: int
    last_exit: int | None
    started_at: str | None
    ready_url: str | None
    log: str
    tail: tuple[str, ...]
    supervised: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Everything that a part may look at; what does not answer is None."""

    db: Database | None
    cluster: Cluster | None
    gateways: Sequence[str]
    services: Sequence[Service]
    now: int
    """Epoch milliseconds of this machine."""
