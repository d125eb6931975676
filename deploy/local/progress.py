"""Waiting for a stack: a line for each service that is ready, the reason when one is not."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.local.failure import StartFailed
from deploy.local.files import last_lines
from deploy.local.folder import StackFolder
from deploy.local.process import identity
from deploy.local.statefile import Condition, Row, State, read_state

_LIMIT_SECONDS: Final = 180.0
_POLL_SECONDS: Final = 0.1
_HOPELESS_RESTARTS: Final = 3
_GOOD: Final = (Condition.READY, Condition.DONE)


def wait_for_all(
    folder: StackFolder,
    *,
    supervisor: int,
    say: Callable[[str], None],
    limit_seconds: float = _LIMIT_SECONDS,
) -> State:
    """Return the state when every service is ready.

    Raises:
        StartFailed: as soon as one cannot become ready any more, or at the deadline.
    """
    began = time.monotonic()
    announced: set[str] = set()
    while True:
        state = read_state(folder.state)
        if identity(supervisor) is None:
            raise _failure("supervisor", reason="ended", log=folder.log("supervisor"))
        elapsed = time.monotonic() - began
        if state is not None and state.pid == supervisor:
            _announce(state, announced=announced, elapsed=elapsed, say=say)
            _refuse_the_hopeless(state)
            if all(row.condition in _GOOD for row in state.rows):
                return state
            if elapsed > limit_seconds:
                late = _first_late(state)
                reason = f"was not ready after {limit_seconds:.0f} s"
                raise _failure(late.name, reason=reason, log=Path(late.log))
        time.sleep(_POLL_SECONDS)


def _announce(
    state: State, *, announced: set[str], elapsed: float, say: Callable[[str], None]
) -> None:
    for row in state.rows:
        if row.condition in _GOOD and row.name not in announced:
            announced.add(row.name)
            say(f"  {row.condition:5}  {row.name}  {elapsed:.1f} s")


def _refuse_the_hopeless(state: State) -> None:
    for row in state.rows:
        if row.condition is Condition.FAILED:
            reason = f"failed with exit code {row.last_exit}"
            raise _failure(row.name, reason=reason, log=Path(row.log))
        if row.restarts >= _HOPELESS_RESTARTS and row.condition not in _GOOD:
            reason = f"died {row.restarts} times, last with exit code {row.last_exit}"
            raise _failure(row.name, reason=reason, log=Path(row.log))


def _first_late(state: State) -> Row:
    late = [row for row in state.rows if row.condition not in _GOOD]
    running = [row for row in late if row.condition is not Condition.WAITING]
    return (running or late)[0]


def _failure(name: str, *, reason: str, log: Path) -> StartFailed:
    advice = [f"Everything that was started has been stopped. The whole log: {log}"]
    if name == "kafka":
        advice.append("To use a broker of your own instead, set KAFKA_BOOTSTRAP_SERVERS.")
    if name == "postgres":
        advice.append("To use a database of your own instead, set DATABASE_URL.")
    advice.append("Then: make up")
    return StartFailed(name, reason=reason, log_tail=last_lines(log), advice="\n".join(advice))
