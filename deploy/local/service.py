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
    serves: Mapping[str, str] = field(default_factory=dict)
    """Of a process that is several servers: name -> address, in the form of `ready_url`."""
    after: tuple[str, ...] = ()
    stop_signal: int = int(signal.SIGTERM)
    once: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """What has to be ready before the service is."""
        own = () if self.ready_url is None else (self.ready_url,)
        return (*own, *self.serves.values())
