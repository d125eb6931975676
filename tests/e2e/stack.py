"""A whole stack in a folder of its own: servers under one supervisor, the rest under another.

That is what `make up` starts, once without processors and once on the servers of the first; so the
processors and simulators can be stopped, and started again on another database, while the servers
stay. A process is killed by the pid that its supervisor wrote down, and comes back by itself.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

import pytest
from rich.console import Console

from deploy.demo import acts, tenants
from deploy.demo.lines import Request
from deploy.demo.play import Access, Player
from deploy.demo.shops import SHOPS
from deploy.local.down import stop_all
from deploy.local.folder import StackFolder
from deploy.local.statefile import Condition, Row, read_state
from deploy.local.up import up
from processors.registry import PROCESSORS

SERVERS: Final = ("kafka", "postgres")
_BACK_SECONDS: Final = 90.0
_DRAIN_SECONDS: Final = 600.0
_POLL_SECONDS: Final = 0.1
# Platforms of our own need no restraint, and an outage is to be over in seconds.
_FANOUT: Final = {
    "ATTRIBUTARY_FANOUT_LEASE_SECONDS": "15",
    "ATTRIBUTARY_FANOUT_BUCKET_CAPACITY": "1000",
    "ATTRIBUTARY_FANOUT_BUCKET_PER_SECOND": "1000",
    "ATTRIBUTARY_FANOUT_BREAKER_RECOVERY_SECONDS": "2",
    "ATTRIBUTARY_FANOUT_PARK_FIRST_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_PARK_MAX_SECONDS": "5",
}


class Stack:
    """Owns both supervisors; `wrong` collects answers of the gateway that were not as expected."""

    def __init__(self, folder: Path, *, replicas: int = 1) -> None:
        self.servers = StackFolder(folder / "servers")
        self.workers = StackFolder(folder / "workers")
        self.replicas = replicas
        self.wrong: list[str] = []
        self.environment: dict[str, str] = {}
        self._accesses: Mapping[str, Access] = {}
        self._kept = folder / "demo.json"

    @property
    def bootstrap(self) -> str:
        """The broker."""
        return self.environment["KAFKA_BOOTSTRAP_SERVERS"]

    @property
    def dsn(self) -> str:
        """The operator's address of the database that the processors write to."""
        return self.environment["DATABASE_URL"]

    @property
    def processors(self) -> tuple[str, ...]:
        """The names of the processes that consume, every replica."""
        if self.replicas == 1:
            return tuple(PROCESSORS)
        return tuple(f"{name}-{n}" for name in PROCESSORS for n in range(self.replicas))

    def start(self) -> None:
        """Everything, and the demo's tenants."""
        with _environment({}):
            self.environment = dict(_up(self.servers, processors=(), replicas=1))
        self.start_processors()
        self._accesses = tenants.ensure(
            [shop.tenant for shop in SHOPS], environment=self._whole(), kept=self._kept
        )

    def start_processors(self, *, dsn: str | None = None) -> None:
        """Processors and simulators, on another database if one is given."""
        named = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": dsn or self.dsn,
        }
        with _environment(named | _FANOUT):
            self.environment |= _up(self.workers, processors=None, replicas=self.replicas)

    def stop_processors(self) -> None:
        """Processors and simulators, as an operator stops them."""
        _down(self.workers)

    def lose_servers(self) -> None:
        """The data of Kafka and Postgres is gone for good; both start empty."""
        _down(self.servers)
        for data in (self.servers.kafka, self.servers.postgres):
            shutil.rmtree(data)
        with _environment({}):
            self.environment |= _up(self.servers, processors=(), replicas=1)

    def stop(self) -> None:
        """Everything."""
        _down(self.workers)
        _down(self.servers)

    def run(self, *arguments: str, dsn: str | None = None) -> "subprocess.CompletedProcess[str]":
        """The command line, in a process of its own."""
        environment = self._whole() | ({"DATABASE_URL": dsn} if dsn else {})
        return subprocess.run(
            [sys.executable, "-m", "processors", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_DRAIN_SECONDS + 60,
            check=False,
        )

    def must(self, *arguments: str, dsn: str | None = None) -> str:
        """What the command line says; it must succeed."""
        done = self.run(*arguments, dsn=dsn)
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    async def drain(self) -> None:
        """Wait until nothing is on its way, deliveries included."""
        timeout = ("--timeout", str(_DRAIN_SECONDS))
        await asyncio.to_thread(self.must, "drain", *timeout, "--deliveries")

    async def play(self, requests: Sequence[Request]) -> "Player":
        """Through the gateway, as the demo does; returns the player with its counts."""
        player = Player(self.environment["GATEWAY_URL"], self._accesses)
        await player.play(requests)
        self.wrong += player.played.wrong
        return player

    async def until_known(self) -> None:
        """Wait until the gateway knows the tenants that were just made."""
        await acts.until_known(self.environment["GATEWAY_URL"], self._accesses)

    def row(self, name: str) -> Row:
        """What the supervisor says of a process."""
        state = read_state((self.servers if name in SERVERS else self.workers).state)
        assert state is not None, "the stack is down"
        return next(row for row in state.rows if row.name == name)

    def pids(self) -> dict[str, int]:
        """Every process that runs now."""
        found = {}
        for folder in (self.servers, self.workers):
            state = read_state(folder.state)
            for row in state.rows if state else ():
                if row.pid is not None:
                    found[row.name] = row.pid
        return found

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process; returns its pid."""
        pid = self.row(name).pid
        assert pid is not None, f"{name} does not run"
        os.kill(pid, number)
        return pid

    async def kill(self, name: str) -> None:
        """SIGKILL; returns when the supervisor has another one ready."""
        killed = self.signal(name, signal.SIGKILL)

        def back() -> bool:
            row = self.row(name)
            return row.pid not in (None, killed) and row.condition is Condition.READY

        await eventually(back, what=f"{name} is back")

    def _whole(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


async def eventually(
    condition: Callable[[], bool], *, what: str, seconds: float = _BACK_SECONDS
) -> None:
    """Poll until it holds."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(_POLL_SECONDS)


@contextmanager
def running(folder: Path, *, replicas: int = 1) -> Iterator[Stack]:
    """A stack for the block."""
    stack = Stack(folder, replicas=replicas)
    try:
        stack.start()
        asyncio.run(stack.until_known())
        yield stack
    finally:
        stack.stop()


@contextmanager
def _environment(named: Mapping[str, str]) -> Iterator[None]:
    """`up` takes servers that the environment names: those given here and no others."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"):
            patch.delenv(name, raising=False)
        for name, value in named.items():
            patch.setenv(name, value)
        yield


def _up(
    folder: StackFolder, *, processors: Sequence[str] | None, replicas: int
) -> Mapping[str, str]:
    quiet = Console(quiet=True)
    return up(folder=folder, processors=processors, replicas=replicas, console=quiet).environment


def _down(folder: StackFolder) -> None:
    """Stop it, and bury the supervisor, which is a child of this process."""
    state = read_state(folder.state)
    stop_all(folder)
    if state is not None:
        with suppress(ChildProcessError):
            os.waitpid(state.pid, 0)
