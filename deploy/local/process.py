"""Operating system processes: start one that cannot outlive us, know it again, end it.

A pid alone is no identity, since the system reuses it: everything that signals a process which it
did not start itself compares the start time too.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

HAS_PROC: Final = Path("/proc/self/stat").exists()  # Linux
_PR_SET_PDEATHSIG: Final = 1
_POLL_SECONDS: Final = 0.05


def identity(pid: int) -> str | None:
    """Return a mark of the process that now has this pid; None when it is dead or a zombie."""
    if HAS_PROC:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    listing = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = listing.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()


def is_running(pid: int, started: str) -> bool:
    """Whether the very process that `identity` once described still runs."""
    return identity(pid) == started


def spawn(
    argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that the kernel kills when our thread dies.

    To be called from the main thread: on Linux the death signal follows the thread that forked.
    Elsewhere a killed parent leaves children behind, which the next `up` or `down` ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )


def kill_group(pid: int) -> None:
    """SIGKILL the session that `spawn` made; it may be gone already."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def end(pid: int, started: str, *, grace_seconds: float, first: int = signal.SIGTERM) -> None:
    """Signal the process that has this identity, wait, then SIGKILL its group; never another's."""
    if not is_running(pid, started):
        return
    os.kill(pid, first)
    if not wait_until(lambda: not is_running(pid, started), seconds=grace_seconds):
        kill_group(pid)
        wait_until(lambda: not is_running(pid, started), seconds=5)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll a condition until it holds or the time is over; return whether it held."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _die_with_parent() -> Callable[[], None] | None:
    if not HAS_PROC:
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return before_exec
