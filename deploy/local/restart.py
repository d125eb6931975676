"""Start one process of the stack again, by name; the others go on."""

import os
import signal
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.local.failure import LocalStackError, StartFailed
from deploy.local.files import last_lines
from deploy.local.folder import StackFolder
from deploy.local.plan import read_plan
from deploy.local.process import is_running, kill_group, wait_until
from deploy.local.statefile import Condition, Row, State, read_state
from deploy.local.supervised import GRACE_SECONDS

READY_SECONDS: Final = 60.0


def restart(
    name: str,
    *,
    folder: StackFolder | None = None,
    console: Console | None = None,
    ready_seconds: float = READY_SECONDS,
) -> tuple[str, ...]:
    """End the process, or all replicas of the processor, and wait until the supervisor has started
    each again and it is ready; returns their names.

    Raises:
        LocalStackError: when nothing runs here, nothing has that name, or it does not become ready.
    """
    folder, console = folder or StackFolder(), console or Console()
    rows = _named(name, _state(folder))
    for row in rows:
        console.print(f"ending {row.name}", markup=False)
        _end(row, folder)
    for row in rows:
        if not wait_until(lambda row=row: _is_back(folder, row), seconds=ready_seconds):  # type: ignore[misc]
            raise StartFailed(
                row.name,
                reason=f"is not ready after {ready_seconds:.0f} s",
                log_tail=last_lines(Path(row.log)),
                advice=f"The whole log: {row.log}. What it waits for: attributary doctor",
            )
        console.print(f"{row.name} is ready", markup=False)
    return tuple(row.name for row in rows)


def _state(folder: StackFolder) -> State:
    state = read_state(folder.state)
    if state is None or not state.is_up():
        raise LocalStackError("nothing runs here; start it with: attributary up")
    return state


def _named(name: str, state: State) -> list[Row]:
    """The row of that name, else the replicas of the processor."""
    own = [row for row in state.rows if row.name == name]
    rows = own or [row for row in state.rows if row.name.rpartition("-")[0] == name]
    if not rows:
        names = ", ".join(row.name for row in state.rows)
        raise LocalStackError(f"there is no {name} here; there are {names}")
    if any(row.condition in (Condition.DONE, Condition.FAILED) for row in rows):
        raise LocalStackError(f"{name} is a job; run it again with: attributary {name}")
    return rows


def _end(row: Row, folder: StackFolder) -> None:
    """One that has died already is started again by the supervisor without us."""
    if row.pid is None or row.started is None or not is_running(row.pid, row.started):
        return
    plan = read_plan(folder.plan)
    stop = next((s.stop_signal for s in plan.services if s.name == row.name), signal.SIGTERM)
    pid, started = row.pid, row.started
    os.kill(pid, stop)
    if not wait_until(lambda: not is_running(pid, started), seconds=GRACE_SECONDS):
        kill_group(pid)


def _is_back(folder: StackFolder, before: Row) -> bool:
    now = next(row for row in _state(folder).rows if row.name == before.name)
    return now.condition is Condition.READY and now.started != before.started
