"""A Postgres that follows another one, commit by commit, and can take its place.

    primary --(streaming, synchronous)--> standby --promote--> primary, and `copy` makes the next

Synchronous: a commit returns when the standby has it on disk, so what a client was told is there
after the primary is gone. The server programs of one version copy and follow each other only.
"""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import asyncpg

from deploy.local.failure import LocalStackError
from deploy.local.files import write_atomically
from deploy.local.postgres import postgres_dsn
from deploy.local.postgres_cluster import OPERATOR
from deploy.local.postgres_programs import account_for, find_programs

_COPY_SECONDS: Final = 600.0
_FOLLOW_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.1
_PROMOTE_SECONDS: Final = 60
_NAME: Final = "standby"
_STREAMS: Final = """SELECT EXISTS (SELECT 1 FROM pg_stat_replication
WHERE application_name = $1 AND state = 'streaming' AND sync_state = 'sync')"""


def copy(primary_port: int, secret: str, directory: Path) -> None:
    """Copy the server on this port of loopback into a directory without data; what is started
    there is a standby of it. `secret` is the operator's password there, and so here.

    Raises:
        LocalStackError: when pg_basebackup fails, with what it said.
    """
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / "password", secret, mode=0o600)
    programs = find_programs()
    account = account_for(programs=programs, folder=directory)
    part = directory / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    source = f"host=127.0.0.1 port={primary_port} user={OPERATOR} application_name={_NAME}"
    choices = ("--pgdata", str(part), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
    argv = (*account.prefix, str(programs / "pg_basebackup"), "--dbname", source, *choices)
    _run(argv, secret=secret, seconds=_COPY_SECONDS)
    part.rename(directory / "data")


async def hold_to_standby(dsn: str, *, seconds: float = _FOLLOW_SECONDS) -> None:
    """Let the server at this address confirm no commit before its standby has it; returns when it
    has one that keeps up.

    Raises:
        TimeoutError: when none does.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
        await connection.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(seconds):
            while not await connection.fetchval(_STREAMS, _NAME):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_SECONDS)
    finally:
        await connection.close()


async def promote(directory: Path, *, port: int) -> None:
    """Make the standby in this directory a primary; returns when it takes writes.

    It stops waiting for a standby, of which it has none yet.
    """
    programs = find_programs()
    account = account_for(programs=programs, folder=directory)
    argv = ("promote", "--wait", f"--timeout={_PROMOTE_SECONDS}", "-D", str(directory / "data"))
    whole = (*account.prefix, str(programs / "pg_ctl"), *argv)
    await asyncio.to_thread(_run, whole, seconds=_PROMOTE_SECONDS + 10.0)
    connection = await asyncpg.connect(postgres_dsn(directory, port=port))
    try:
        await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


def _run(argv: tuple[str, ...], *, seconds: float, secret: str | None = None) -> None:
    environment = os.environ | ({"PGPASSWORD": secret} if secret else {})
    done = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise LocalStackError(f"{argv[-1]}: {done.stdout}{done.stderr}")
