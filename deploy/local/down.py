"""Stop exactly what `up` started, and nothing that merely has the same pid."""

import shutil

from rich.console import Console

from deploy.local.folder import StackFolder
from deploy.local.process import end, is_running
from deploy.local.statefile import Row, read_state
from deploy.local.supervised import GRACE_SECONDS

# Users of a server stop before it, so up to three graces follow one another.
_WHOLE_STACK_SECONDS = 3 * GRACE_SECONDS + 5


def down(
    *,
    folder: StackFolder | None = None,
    wipe: bool = False,
    console: Console | None = None,
) -> tuple[str, ...]:
    """Stop the stack and return the names of what ran; `wipe` also deletes its data and keys."""
    folder, console = folder or StackFolder(), console or Console()
    stopped = stop_all(folder)
    if stopped:
        console.print(f"stopped {', '.join(stopped)}")
    else:
        console.print("nothing was running")
    if wipe and folder.path.exists():
        shutil.rmtree(folder.path)
        console.print(f"deleted {folder.path}")
    elif stopped:
        console.print(f"data stays in {folder.path}")
    return stopped


def stop_all(folder: StackFolder) -> tuple[str, ...]:
    """Stop the supervisor, which stops its children, then what it could not; return what ran."""
    state = read_state(folder.state)
    if state is None:
        return ()
    ran = tuple(row.name for row in state.rows if _runs(row))
    end(state.pid, state.started, grace_seconds=_WHOLE_STACK_SECONDS)
    last = read_state(folder.state) or state
    for row in reversed(last.rows):
        if row.pid is not None and row.started is not None:
            end(row.pid, row.started, grace_seconds=GRACE_SECONDS)
    folder.state.unlink(missing_ok=True)
    return ran


def _runs(row: Row) -> bool:
    return row.pid is not None and row.started is not None and is_running(row.pid, row.started)
