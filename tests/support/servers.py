"""The servers of a test session: real Kafka and Postgres, started at first use, ended with it.

`KAFKA_BOOTSTRAP_SERVERS` and `DATABASE_URL`, when set, are used instead; such a server belongs to
somebody, so a test that wants to kill it is told that it may not.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres

_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 8 * 1024**3


class Controllable(Protocol):
    """What a fault test may do to a server; port and data stay."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...


class KafkaServer(Controllable, Protocol):
    """A broker."""

    @property
    def bootstrap(self) -> str: ...


class PostgresServer(Controllable, Protocol):
    """A database server; the DSN is its operator's."""

    @property
    def dsn(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class SomebodysServer:
    """A server that the environment names."""

    bootstrap: str = ""
    dsn: str = ""

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        self._refuse()

    def kill(self) -> None:
        self._refuse()

    def restart(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        raise RuntimeError(
            "this test stops its server; unset KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL to run it"
        )


@contextmanager
def server_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is deleted at the end; not pytest's, which others than root may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="attributary-test-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """The machine's file system in memory, if it has room for a session's databases."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        return _MEMORY
    return None


@contextmanager
def broker() -> Iterator[KafkaServer]:
    """The session's broker."""
    if bootstrap := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield SomebodysServer(bootstrap=bootstrap)
        return
    with server_folder() as folder:
        kafka = Kafka(folder)
        try:
            kafka.start()
            yield kafka
        finally:
            kafka.kill()  # nobody needs its data any more


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """The session's database server, without fsync: it survives SIGKILL, which is what we do. In
    memory, if there is room: a database for a test is a thousand files, and made there in a fifth
    of the time."""
    if dsn := os.environ.get("DATABASE_URL"):
        yield SomebodysServer(dsn=dsn)
        return
    with server_folder(_memory()) as folder:
        server = Postgres(folder, durable=False)
        try:
            server.start()
            yield server
        finally:
            server.kill()
