"""A file system in memory that can be made full at any moment, and have room again.

A tmpfs takes only the memory of what is written to it, and its size can be changed while it is in
use, so that filling it costs nothing. What is on it survives SIGKILL, as on a disk, and ends with
the machine.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError

_MOUNTS: Final = Path("/proc/self/mountinfo")


class SmallDisk:
    """One file system of `size` bytes at a folder."""

    def __init__(self, folder: Path, *, size: int) -> None:
        self.folder = folder.absolute()
        self._size = size

    def mount(self) -> None:
        """Put it there, empty.

        Raises:
            LocalStackError: where that is not permitted, which is no reason to leave a fault out.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        options = f"size={self._size},mode=0755"
        try:
            _run("mount", "-t", "tmpfs", "-o", options, "attributary-drill", str(self.folder))
        except LocalStackError as error:
            raise LocalStackError(
                "a full disk needs a file system of its own, which only root may mount "
                f"(in a container: with CAP_SYS_ADMIN). Run this as root. {error}"
            ) from None

    def unmount(self) -> None:
        """Take it away, with what is on it; also while somebody still has a file open there."""
        if self.is_mounted():
            _run("umount", "--lazy", str(self.folder))

    def fill(self, *, left: int) -> None:
        """Leave that many bytes of room, in whole pages."""
        page = os.sysconf("SC_PAGE_SIZE")
        used = shutil.disk_usage(self.folder).used
        _run("mount", "-o", f"remount,size={used + max(left, page)}", str(self.folder))

    def free(self) -> None:
        """All the room that it had."""
        _run("mount", "-o", f"remount,size={self._size}", str(self.folder))

    def is_mounted(self) -> bool:
        """Whether something is mounted there."""
        return any(line.split()[4] == str(self.folder) for line in _MOUNTS.read_text().splitlines())


def _run(*argv: str) -> None:
    if shutil.which(argv[0]) is None:
        raise LocalStackError(f"{argv[0]} is missing; it is part of util-linux")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalStackError(f"{' '.join(argv)}: {done.stderr.strip()}")
