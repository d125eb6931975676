"""A wall clock of its own for one process, which can be moved while it runs.

libfaketime, loaded before the program's libraries, adds what a file says ("+3h") to the time that
the process reads. The monotonic clock stays as it is: timers and timeouts measure what passes.
"""

import glob
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.failure import MissingProgram
from deploy.local.files import write_atomically

PACKAGE: Final = "libfaketime"
# The form for programs with threads.
_PLACES: Final = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
    "/usr/lib*/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
)
_VARIABLES: Final = (
    "LD_PRELOAD",
    "FAKETIME_TIMESTAMP_FILE",
    "FAKETIME_DONT_FAKE_MONOTONIC",
    "FAKETIME_CACHE_DURATION",
)


def library() -> Path:
    """Where it is; installed where that is possible (root and apt), since only drills need it.

    Raises:
        MissingProgram: naming the package.
    """
    if found := _find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (("update",), ("install", PACKAGE)):
            argv = ["apt-get", "-y", "-qq", *step]
            subprocess.run(argv, env=environment, check=False, capture_output=True)
        if found := _find():
            return found
    raise MissingProgram(
        f"a clock that jumps needs libfaketime. Install it with: sudo apt-get install {PACKAGE}"
    )


def variables(clock: Path) -> dict[str, str]:
    """What a process is started with so that the file `clock` says how far its clock is off; it
    looks once a second."""
    values = (str(library()), str(clock), "1", "1")
    return dict(zip(_VARIABLES, values, strict=True))


def without() -> dict[str, None]:
    """The same variables, to be taken away again."""
    return dict.fromkeys(_VARIABLES)


def set_clock(clock: Path, *, seconds: int) -> None:
    """Move it: so many seconds ahead of the time that is, or behind it."""
    write_atomically(clock, f"{seconds:+d}\n")


def _find() -> Path | None:
    found = sorted(path for place in _PLACES for path in glob.glob(place))
    return Path(found[0]) if found else None
