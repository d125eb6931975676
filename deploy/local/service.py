"""One row of the stack: what to run, where it listens, how to see that it is ready."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process to keep running, or, with `once`, a job that has to succeed one time."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    ready_url: str | None = None
    after: tuple[str, ...] = ()
    stop_signal: int = int(signal.SIGTERM)
    once: bool = False
