"""The stack of a drill while it runs, as `fault.Field` has it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from signal import Signals
from time import monotonic
from typing import Final

from deploy.drills.fault import Layout, Links
from deploy.drills.links import ProxyLinks
from deploy.local.folder import StackFolder
from deploy.local.plan import Plan, read_plan, write_plan
from deploy.local.readiness import is_ready
from deploy.local.service import Service
from deploy.local.statefile import Condition, Row, State, read_state

COMMAND_SECONDS: Final = 1_800.0
_READY_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.1
_TURN: Final = "ATTRIBUTARY_DRILLS_TURN"
"""A variable that nobody reads: a service whose environment differs is started anew."""


class StackField:
    """Both supervisors of a drill."""

    def __init__(
        self,
        folder: Path,
        *,
        layout: Layout,
        servers: StackFolder,
        workers: StackFolder,
        links: ProxyLinks,
        environment: dict[str, str],
    ) -> None:
        self.folder = folder
        self.layout = layout
        self.servers = servers
        self.workers = workers
        self.links: Links = links
        self.environment = environment
        self.rng = Random(0)  # noqa: S311  (each strike gets its own)
        self._turns = 0
        self._halted: dict[str, Service] = {}

    @property
    def dsn(self) -> str:
        """The operator's address of the database, past the proxy."""
        return self.environment["DATABASE_URL"]

    @property
    def bootstrap(self) -> str:
        """The broker, past the proxy."""
        return self.environment["KAFKA_BOOTSTRAP_SERVERS"]

    def rows(self) -> list[Row]:
        """Every process that is to run."""
        wanted = {*self.layout.servers, *self.layout.ours}
        states = [self._state(folder) for folder in (self.servers, self.workers)]
        return [row for state in states for row in state.rows if row.name in wanted]

    def row(self, name: str) -> Row:
        """What its supervisor says of a process."""
        return next(row for row in self._state(self._folder_of(name)).rows if row.name == name)

    def pid(self, name: str) -> int:
        """The pid of a process.

        Raises:
            LookupError: when it does not run.
        """
        pid = self.row(name).pid
        if pid is None:
            raise LookupError(f"{name} does not run")
        return pid

    def signal(self, name: str, number: Signals) -> int:
        """Send a signal to a process; returns its pid."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def environment_of(self, name: str) -> Mapping[str, str]:
        """What the process was started with beside the supervisor's own environment."""
        plan = self._plan(name)
        return {**plan.environment, **_named(plan, name).env}

    async def restart(
        self,
        name: str,
        *,
        environment: Mapping[str, str | None] | None = None,
        argv: Sequence[str] | None = None,
    ) -> None:
        """Stop a process as an operator does and start it again, so and from then on."""
        before = self.row(name).pid
        plan = self._plan(name)
        service = self._halted.pop(name, None) or _named(plan, name)
        self._turns += 1
        env = {**service.env, _TURN: str(self._turns)}
        for variable, value in (environment or {}).items():
            env.pop(variable, None)
            env |= {} if value is None else {variable: value}
        changed = replace(service, env=env, argv=tuple(argv or service.argv))
        names = [each.name for each in plan.services]
        services = [changed if each.name == name else each for each in plan.services]
        if name not in names:
            services.append(changed)
        self._follow(name, replace(plan, services=tuple(services)))

        def back() -> bool:
            row = self.row(name)
            return row.pid not in (None, before) and row.condition is Condition.READY

        await eventually(back, what=f"{name} is back", seconds=_READY_SECONDS)

    async def halt(self, name: str) -> None:
        """Stop a process, and leave it stopped until `restart`."""
        plan = self._plan(name)
        self._halted[name] = replace(_named(plan, name), after=())
        left = tuple(
            replace(each, after=tuple(other for other in each.after if other != name))
            for each in plan.services
            if each.name != name
        )
        self._follow(name, replace(plan, services=left))

        def stopped() -> bool:
            row = self.row(name)
            return row.pid is None and row.condition is Condition.STOPPED

        await eventually(stopped, what=f"{name} has stopped", seconds=_READY_SECONDS)

    async def until_ready(self, *names: str, seconds: float = _READY_SECONDS) -> None:
        """Wait until these processes are ready; all, when none is named.

        Raises:
            TimeoutError: naming those that are not.
        """
        deadline = monotonic() + seconds
        while missing := await self.not_ready(*names):
            if monotonic() > deadline:
                raise TimeoutError(f"not ready within {seconds:.0f} s: {', '.join(missing)}")
            await asyncio.sleep(_POLL_SECONDS)

    async def not_ready(self, *names: str) -> list[str]:
        """Those that do not answer now; the supervisors' own look is seconds old."""
        rows = [row for row in self.rows() if not names or row.name in names]
        answers = await asyncio.gather(*(asyncio.to_thread(_is_ready, row) for row in rows))
        return [row.name for row, ready in zip(rows, answers, strict=True) if not ready]

    async def command(self, *arguments: str, check: bool = True) -> str:
        """The command line as the operator; returns what it says.

        Raises:
            RuntimeError: when it fails and `check` is set.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "processors", *arguments),
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                out, err = await process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        if check and process.returncode:
            raise RuntimeError(f"{' '.join(arguments)}:\n{out.decode()}{err.decode()}")
        return out.decode()

    def _folder_of(self, name: str) -> StackFolder:
        return self.servers if name in self.layout.servers else self.workers

    def _state(self, folder: StackFolder) -> State:
        state = read_state(folder.state)
        if state is None:
            raise LookupError(f"nothing runs in {folder.path}")
        return state

    def _plan(self, name: str) -> Plan:
        return read_plan(self._folder_of(name).plan)

    def _follow(self, name: str, plan: Plan) -> None:
        folder = self._folder_of(name)
        write_plan(folder.plan, plan)
        os.kill(self._state(folder).pid, signal.SIGHUP)


def _named(plan: Plan, name: str) -> Service:
    return next(service for service in plan.services if service.name == name)


def _is_ready(row: Row) -> bool:
    if row.pid is None:
        return False
    addresses = [row.ready_url, *row.serves.values()]
    return all(is_ready(address) for address in addresses if address is not None)


async def eventually(condition: Callable[[], bool], *, what: str, seconds: float) -> None:
    """Poll until it holds.

    Raises:
        TimeoutError: saying what did not come to pass.
    """
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(_POLL_SECONDS)
