"""What runs where, as one file: the supervisor writes it, everybody else only reads it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from deploy.local.files import write_atomically
from deploy.local.process import is_running


class Condition(StrEnum):
    """Where a service stands."""

    WAITING = "waiting"  # for the services that it comes after
    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"  # was ready, does not answer at the moment
    BACKOFF = "backoff"  # it died and is about to be started again
    DONE = "done"  # a job that succeeded
    FAILED = "failed"  # a job that did not
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One service as it is now."""

    name: str
    condition: Condition
    pid: int | None
    started: str | None  # mark of the process, see process.identity
    started_at: str | None
    port: int | None
    ready_url: str | None
    restarts: int
    last_exit: int | None
    command: tuple[str, ...]
    log: str
    serves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class State:
    """The supervisor and its services."""

    pid: int
    started: str
    replicas: int
    rows: tuple[Row, ...]

    def is_up(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return is_running(self.pid, self.started)


def write_state(path: Path, state: State) -> None:
    """Replace the file in one step."""
    write_atomically(path, json.dumps(asdict(state), indent=2))


def read_state(path: Path) -> State | None:
    """Read the file; None when nothing was started here."""
    if not path.exists():
        return None
    document = json.loads(path.read_text())
    rows = tuple(
        Row(**{**row, "condition": Condition(row["condition"]), "command": tuple(row["command"])})
        for row in document.pop("rows")
    )
    return State(**document, rows=rows)
