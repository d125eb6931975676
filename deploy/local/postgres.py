"""A real Postgres on loopback.

`python -m deploy.local.postgres DIRECTORY --port P` prepares the directory (initdb, configuration,
a crash's remains), then becomes the postmaster: the pid that was started is the postmaster's.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError
from deploy.local.ports import free_port
from deploy.local.postgres_cluster import (
    DATABASE,
    OPERATOR,
    clear_remains,
    ensure_cluster,
    password,
    write_configuration,
)
from deploy.local.postgres_programs import account_for, find_programs
from deploy.local.server import Server
from deploy.local.service import Service


def postgres_service(directory: Path, *, port: int, durable: bool = True) -> Service:
    """Describe a server with its data in this directory."""
    choices = ("--port", str(port), *(() if durable else ("--not-durable",)))
    return Service(
        name="postgres",
        argv=(sys.executable, "-m", "deploy.local.postgres", str(directory.absolute()), *choices),
        port=port,
        ready_url=f"postgresql://127.0.0.1:{port}",
        # Fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal=int(signal.SIGINT),
    )


def postgres_dsn(directory: Path, *, port: int) -> str:
    """Return the operator's address of the server; it holds the password."""
    directory.mkdir(parents=True, exist_ok=True)
    return f"postgresql://{OPERATOR}:{password(directory)}@127.0.0.1:{port}/{DATABASE}"


class Postgres(Server):
    """A server as a child of this process, for tests and drills.

    Not durable means without fsync: it survives SIGKILL, but not the loss of power.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        port = free_port()
        service = postgres_service(directory, port=port, durable=durable)
        super().__init__(service, log=directory / "postgres.log")
        self.dsn: Final = postgres_dsn(directory, port=port)
        self._data = directory.absolute() / "data"

    def kill(self) -> None:
        """SIGKILL the postmaster and everyone it forked, each of whom has a session of its own."""
        super().kill()
        clear_remains(self._data)


def _prepare(directory: Path, *, port: int, durable: bool) -> list[str]:
    programs = find_programs()
    account = account_for(programs=programs, folder=directory)
    data = ensure_cluster(directory, programs=programs, account=account)
    clear_remains(data)
    write_configuration(data, port=port, durable=durable, account=account)
    return [*account.prefix, str(programs / "postgres"), "-D", str(data)]


def main() -> None:
    """Prepare, then become the postmaster."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.postgres")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--not-durable", action="store_true")
    wanted = parser.parse_args()
    wanted.directory.mkdir(parents=True, exist_ok=True)
    try:
        argv = _prepare(wanted.directory, port=wanted.port, durable=not wanted.not_durable)
    except LocalStackError as error:
        sys.exit(str(error))
    os.execv(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    main()
