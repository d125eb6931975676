"""Databases that have no migration yet, and the other versions of Postgres on this machine."""

import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.ports import free_port
from deploy.local.postgres import postgres_dsn
from deploy.local.postgres_cluster import clear_remains, ensure_cluster, write_configuration
from deploy.local.postgres_programs import account_for, find_programs
from deploy.local.server import Server
from deploy.local.service import Service
from tests.support.servers import server_folder

SYSTEM: Final = Path("/usr/lib/postgresql")
OLDEST: Final = 15


@asynccontextmanager
async def empty_database(dsn: str) -> AsyncIterator[str]:
    """The DSN of a new database on the same server, with nothing in it."""
    name = f"empty_{uuid.uuid4().hex}"
    await run(dsn, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    finally:
        await run(dsn, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def run(dsn: str, statement: str) -> None:
    """One statement on a connection of its own."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


def other_programs() -> list[Path]:
    """Where the system has a Postgres that we support and the tests do not run on anyway."""
    found = [path / "bin" for path in SYSTEM.glob("[0-9]*") if int(path.name) >= OLDEST]
    return [
        path for path in sorted(found) if (path / "initdb").exists() and path != find_programs()
    ]


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """A server of these programs; yields the operator's DSN."""
    with server_folder() as folder:
        account = account_for(programs=programs, folder=folder)
        data = ensure_cluster(folder, programs=programs, account=account)
        port = free_port()
        write_configuration(data, port=port, durable=False, account=account)
        service = Service(
            name="postgres",
            argv=(*account.prefix, str(programs / "postgres"), "-D", str(data)),
            port=port,
            ready_url=f"postgresql://127.0.0.1:{port}",
            stop_signal=int(signal.SIGINT),
        )
        server = Server(service, log=folder / "postgres.log")
        try:
            server.start()
            yield postgres_dsn(folder, port=port)
        finally:
            server.kill()
            clear_remains(data)
