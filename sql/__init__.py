"""Named queries, and the forward-only migration runner. Standard library only: the connection
comes as an argument (an asyncpg connection, by its shape)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from sql import concurrently

LOCK = 0x41545452
LOCK_SECONDS = 3.0
"""How long a migration waits for a lock: whoever comes after it waits behind it for as long."""
ATTEMPTS = 40
VIEWS = "views"
"""Stands for all views among the applied migrations."""

_NO_LOCK = "55P03"
_PAUSE_SECONDS = 0.2


class Connection(Protocol):
    """The part of a connection that the runner needs."""

    async def execute(self, query: str, *args: Any) -> Any: ...

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    def transaction(self) -> Any: ...


def load(name: str) -> dict[str, str]:
    """Queries of `sql/queries/<name>.sql`, or of every file in the folder of that name, where one
    file would be long: `-- name --` starts a block.

    Raises:
        ValueError: if a name stands twice.
    """
    queries: dict[str, str] = {}
    for text in _texts(name):
        current = ""
        for line in text.splitlines():
            if line.startswith("-- ") and line.endswith(" --"):
                current = line[3:-3].strip()
                if current in queries:
                    raise ValueError(f"{name} names the query {current} twice")
                queries[current] = ""
            elif current:
                queries[current] += line + "\n"
    return {key: text.strip() for key, text in queries.items()}


def _texts(name: str) -> list[str]:
    folder = files(__name__) / "queries"
    if (folder / name).is_dir():
        return [f.read_text() for f in (folder / name).iterdir() if f.name.endswith(".sql")]
    return [(folder / f"{name}.sql").read_text()]


def migrations() -> list[tuple[str, str]]:
    """(name, SQL) of every migration, in order."""
    folder = files(__name__) / "migrations"
    return sorted((f.name, f.read_text()) for f in folder.iterdir() if f.name.endswith(".sql"))


def views() -> list[tuple[str, str]]:
    """(area/name, SQL) of every view, in the order of their file names."""
    found = []
    for area in (files(__name__) / "views").iterdir():
        if area.is_dir():
            found += [
                (f"{area.name}/{f.name}", f.read_text())
                for f in area.iterdir()
                if f.name.endswith(".sql")
            ]
    return sorted(found)


def views_checksum() -> str:
    """Of all views, as the row `VIEWS` of schema_migrations has it."""
    return hashlib.sha256("\0".join(n + "\0" + t for n, t in views()).encode()).hexdigest()


async def migrate(
    connection: Connection, *, lock_seconds: float = LOCK_SECONDS, attempts: int = ATTEMPTS
) -> list[str]:
    """Apply what is missing: migrations once, views again when any of them changed.

    Migrations that follow each other are one transaction, the last of them with the views; one that
    is marked `-- no transaction` stands alone (`sql.concurrently`). One runner works at a time. A
    transaction that does not get a lock in time is undone and tried again, so that what it waits
    for is waited for by nobody else for longer than `lock_seconds`.

    Returns:
        The names of what was applied.

    Raises:
        ValueError: if an applied migration has been edited since.
    """
    async with _alone(connection):
        done = await _done(connection)
        parts = [(m, list(of)) for m, of in groupby(_missing(done), lambda own: own.marked)]
        if not parts or parts[-1][0]:
            parts.append((False, []))
        applied: list[str] = []
        for place, (marked, some) in enumerate(parts, start=1):
            if marked:
                applied += [await _apply_alone(connection, own) for own in some]
                continue
            views_too = place == len(parts)

            async def work(some: list[_Missing] = some, views_too: bool = views_too) -> list[str]:
                return await _apply_together(connection, some, done if views_too else None)

            applied += await _until_unlocked(connection, work, lock_seconds, attempts)
    return applied


class _Missing(NamedTuple):
    """A migration that is to be applied."""

    name: str
    text: str
    digest: str

    @property
    def marked(self) -> bool:
        return concurrently.is_marked(self.text)


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[None]:
    """Hold the lock of runners. It is asked for again and again, not waited for: a statement that
    waits has a snapshot, which building an index concurrently would wait for."""
    ask = "SELECT pg_try_advisory_lock($1)"
    while not await connection.fetchval(ask, LOCK):  # noqa: ASYNC110 (another process lets go)
        await asyncio.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)


async def _done(connection: Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('public.schema_migrations')") is None:
        return {}
    rows = await connection.fetch("SELECT name, checksum FROM schema_migrations")
    return {row["name"]: row["checksum"] for row in rows}


def _missing(done: dict[str, str]) -> list[_Missing]:
    found = []
    for name, text in migrations():
        digest = hashlib.sha256(text.encode()).hexdigest()
        if name not in done:
            found.append(_Missing(name, text, digest))
        elif done[name] != digest:
            raise ValueError(f"migration {name} was edited after it had been applied")
    return found


async def _apply_alone(connection: Connection, own: _Missing) -> str:
    await concurrently.apply(connection, own.text)
    await _note(connection, own.name, own.digest)
    return own.name


async def _apply_together(
    connection: Connection, some: list[_Missing], done: dict[str, str] | None
) -> list[str]:
    """Some migrations, and with `done` the views if they are others than it says."""
    await connection.execute((files(__name__) / "bootstrap.sql").read_text())
    for own in some:
        await connection.execute(own.text)
        await _note(connection, own.name, own.digest)
    names = [own.name for own in some]
    return names if done is None else names + await _apply_views(connection, done)


async def _until_unlocked(
    connection: Connection, work: Callable[[], Awaitable[list[str]]], seconds: float, attempts: int
) -> list[str]:
    """The work in one transaction, again as long as a lock is not to be had."""
    for attempt in range(1, attempts + 1):
        try:
            async with connection.transaction():
                wait = f"{round(seconds * 1_000)}ms"
                await connection.fetchval("SELECT set_config('lock_timeout', $1, true)", wait)
                return await work()
        except Exception as error:
            if getattr(error, "sqlstate", None) != _NO_LOCK or attempt == attempts:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
    raise AssertionError("there is at least one attempt")


async def _apply_views(connection: Connection, done: dict[str, str]) -> list[str]:
    """Views depend on each other, so a change of one drops and makes all of them again."""
    digest = views_checksum()
    if done.get(VIEWS) == digest:
        return []
    rows = await connection.fetch(
        "SELECT viewname FROM pg_views WHERE schemaname = 'public'"
        " UNION SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'"
    )
    for row in rows:
        await connection.execute(f'DROP VIEW IF EXISTS "{row["viewname"]}" CASCADE')
    wanted = views()
    for _, text in wanted:
        await connection.execute(text)
    await _note(connection, VIEWS, digest)
    return [name for name, _ in wanted]


async def _note(connection: Connection, name: str, digest: str) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = now()",
        name,
        digest,
    )
