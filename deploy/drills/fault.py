"""What a fault is, and what it may do to a running stack.

A fault is a kind ("kill-worker") that strikes a target ("identity-1") for some seconds. It makes
the trouble and takes it away again: when `strike` returns, nothing stands in the way of recovery,
and what was stopped is running or being started. The drill then measures until all is ready and
every group with a lag moves on, and holds that against `bound_seconds`.

A new kind is a class of this shape in a module of `deploy/drills/faults/`, and its place in
`deploy.drills.faults.ALL`. Schedules draw targets and durations by the seed alone, so both must not
depend on what runs: `targets` is asked with the layout, not with the stack.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from signal import Signals
from typing import Protocol

from deploy.local.folder import StackFolder
from deploy.local.statefile import Row


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The names of the processes of a drill, which do not change while it runs: `workers` are the
    replicas that consume ("identity-0"), `gateways` and `others` (schedule, simulators) the rest
    of ours, `servers` are "kafka" and "postgres"."""

    workers: tuple[str, ...]
    gateways: tuple[str, ...]
    others: tuple[str, ...]
    servers: tuple[str, ...] = ("kafka", "postgres")

    @property
    def ours(self) -> tuple[str, ...]:
        """Every process that is not a server."""
        return (*self.gateways, *self.workers, *self.others)

    @property
    def processors(self) -> list[str]:
        """Those that consume, by name, whatever their replicas."""
        return sorted({worker.partition("-")[0] for worker in self.workers})

    def replicas(self, processor: str) -> list[str]:
        """The workers of one processor."""
        return [worker for worker in self.workers if worker.partition("-")[0] == processor]


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a strike leaves behind on purpose. `dead` are the records that must end as dead
    letters, by (topic, partition, offset); `notes` are for the table."""

    dead: frozenset[tuple[str, int, int]] = frozenset()
    notes: tuple[str, ...] = ()


NOTHING = Left()


class Links(Protocol):
    """The fault proxy: every process has its own way to the broker and to the database.

    `server` is "kafka" or "postgres". What is cut stays cut until `mend`.
    """

    async def reset(self, process: str, server: str) -> None:
        """Every connection ends with RST, and so does every new one."""

    async def hole(self, process: str, server: str) -> None:
        """Bytes vanish both ways; connections stay open, new ones are accepted and hear nothing."""

    async def deafen(self, process: str, server: str) -> None:
        """One direction: what the process sends arrives, what the server answers vanishes."""

    async def slow(self, process: str, server: str, *, seconds: float) -> None:
        """Each chunk arrives that much later."""

    async def mend(self, process: str, server: str) -> None:
        """As if nothing had been. Connections that lost bytes are closed with RST."""

    async def point(self, server: str, *, host: str, port: int) -> None:
        """From now on the server is there (a failover), for every process. Connections to the old
        place are closed."""


class Field(Protocol):
    """The running stack, as faults see it."""

    layout: Layout
    folder: Path
    """Of the drill; whatever a fault writes goes below it."""
    servers: StackFolder
    workers: StackFolder
    links: Links
    environment: dict[str, str]
    """The operator's: DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS (both past the proxy), GATEWAY_URL,
    every platform's base URL. A failover writes the new DATABASE_URL here: drain, conserve and
    verdict read it."""
    rng: Random
    """Of this strike, seeded."""

    @property
    def dsn(self) -> str:
        """The operator's address of the database, past the proxy."""

    @property
    def bootstrap(self) -> str:
        """The broker, past the proxy."""

    def row(self, name: str) -> Row:
        """What its supervisor says of a process: pid, condition, restarts, command, log."""

    def pid(self, name: str) -> int:
        """The pid of a process; waits for nothing.

        Raises:
            LookupError: when it does not run.
        """

    def signal(self, name: str, number: Signals) -> int:
        """Send a signal to a process; returns its pid. Its supervisor starts it again when it
        ends."""

    def environment_of(self, name: str) -> Mapping[str, str]:
        """What the process was started with beside the supervisor's own environment."""

    async def restart(
        self,
        name: str,
        *,
        environment: Mapping[str, str | None] | None = None,
        argv: Sequence[str] | None = None,
    ) -> None:
        """Stop a process as an operator does and start it again, with these variables instead of
        its own (None takes one away), and from then on; returns when it is ready."""

    async def halt(self, name: str) -> None:
        """Stop a process, and leave it stopped until `restart`."""

    async def until_ready(self, *names: str, seconds: float = 90.0) -> None:
        """Wait until these processes (all, when none is named) are ready.

        Raises:
            TimeoutError: naming those that are not.
        """

    async def command(self, *arguments: str, check: bool = True) -> str:
        """The command line (`attributary ...`) as the operator; returns what it says.

        Raises:
            RuntimeError: when it fails and `check` is set.
        """


class Fault(Protocol):
    """One kind of trouble. The first three may be plain attributes."""

    @property
    def name(self) -> str:
        """Of the kind; lower case with dashes."""

    @property
    def bound_seconds(self) -> float:
        """Within which all must have recovered after the strike."""

    @property
    def seconds(self) -> tuple[float, float]:
        """The shortest and the longest strike."""

    def targets(self, layout: Layout) -> Sequence[str]:
        """What it can strike; never empty."""

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """Make it, hold it for that long, take it away."""


Prepare = Callable[[Path], Awaitable[None]]
"""What a kind needs before the stack starts (a small file system for the spool, say): called with
the drill's folder, in which `servers/` and `workers/` are the folders of the two stacks. A kind
that needs it has a method `prepare` of this shape; one that must tidy up has `clear`."""


@dataclass(frozen=True, kw_only=True)
class Struck:
    """A strike as it went: seconds that it took, and that all needed to recover (None: it did not,
    within its bound); `wrong` is what went wrong while striking."""

    fault: str
    target: str
    at: int
    seconds: float
    recovered: float | None
    left: Left = field(default=NOTHING)
    wrong: str | None = None
