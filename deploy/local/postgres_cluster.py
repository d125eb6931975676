"""The data directory of the local Postgres: made once, found whole, freed of a crash's remains."""

import os
import secrets
import shutil
import signal
import string
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError
from deploy.local.files import write_atomically
from deploy.local.jars import PROJECT
from deploy.local.postgres_programs import Account
from deploy.local.process import HAS_PROC, wait_until

OPERATOR: Final = "postgres"
DATABASE: Final = "attributary"
_CONFIGURATION: Final = PROJECT / "deploy" / "postgres" / "postgresql.conf"


def password(directory: Path) -> str:
    """Return the operator's password, generated the first time; only we can read its file."""
    path = directory / "password"
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(24), mode=0o600)
    return path.read_text()


def ensure_cluster(directory: Path, *, programs: Path, account: Account) -> Path:
    """Return the data directory; it appears in one step, so a killed initdb leaves nothing."""
    data = directory / "data"
    if data.exists():
        return data
    part = directory / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    secret = directory / "initial-password"
    write_atomically(secret, password(directory), mode=0o600)
    account.own(secret)
    initdb = [str(programs / "initdb"), "--pgdata", str(part), "--username", OPERATOR]
    choices = ["--locale=C", "--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={secret}"]
    _run([*account.prefix, *initdb, *choices])
    secret.unlink()
    single_user = [str(programs / "postgres"), "--single", "-D", str(part), "postgres"]
    _run([*account.prefix, *single_user], stdin=f"CREATE DATABASE {DATABASE};\n")
    part.rename(data)
    return data


def write_configuration(data: Path, *, port: int, durable: bool, account: Account) -> None:
    """Write `postgresql.conf` anew: the port may have changed since the last start."""
    template = string.Template(_CONFIGURATION.read_text())
    path = data / "postgresql.conf"
    write_atomically(path, template.substitute(port=port, durable="on" if durable else "off"))
    account.own(path)


def clear_remains(data: Path) -> None:
    """Make the directory startable after a SIGKILL of the postmaster.

    Backends that have not yet noticed its death hold the shared memory, and the pid in a stale
    `postmaster.pid` may meanwhile be somebody else's; either would refuse a new start. A server
    that is alive is left alone. Elsewhere than on Linux the backends notice within a second.
    """
    if not HAS_PROC:
        return
    pid_file = data / "postmaster.pid"
    titles = _processes_in(data)
    if pid_file.exists() and titles.get(int(pid_file.read_text().split()[0])) is not None:
        return
    for pid in titles:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not _processes_in(data), seconds=5)
    pid_file.unlink(missing_ok=True)


def _processes_in(data: Path) -> dict[int, str]:
    """Postgres processes by pid that work in this directory, which every one of them enters."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() == data:
                title = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
                if title.startswith("postgres:") or title.endswith("/postgres"):
                    found[int(entry.name)] = title
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def _run(argv: list[str], *, stdin: str = "") -> None:
    result = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LocalStackError(f"{' '.join(argv)} failed:\n{result.stdout}{result.stderr}")
