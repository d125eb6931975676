"""Notes how long each file was when it was last synced, under its inode's number.

Loaded by a gateway of a drill before anything else; `deploy.drills.power` says what for.
"""

import os
from collections.abc import Callable
from pathlib import Path

_FOLDER = os.environ.get("ATTRIBUTARY_DRILLS_SYNCED")


def _noting(sync: Callable[[int], None], folder: Path) -> Callable[[int], None]:
    def noted(handle: int) -> None:
        found = os.fstat(handle)
        sync(handle)
        part = folder / f"{found.st_ino}.part"
        part.write_text(str(found.st_size))
        part.replace(folder / str(found.st_ino))

    return noted


if _FOLDER:
    for _name in ("fsync", "fdatasync"):
        setattr(os, _name, _noting(getattr(os, _name), Path(_FOLDER)))
