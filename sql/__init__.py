"""Named queries, and the forward-only migration runner. Standard library only: the connection
comes as an argument (an asyncpg connection, by its shape)."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

LOCK = 0x41545452


class Connection(Protocol):
    """The part of a connection that the runner needs."""

    async def execute(self, query: str, *args: Any) -> Any: ...

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]: ...

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


async def migrate(connection: Connection) -> list[str]:
    """Apply what is missing: migrations once, views again when any of them changed.

    Everything is one transaction under an advisory lock, so two runners at once are safe.

    Returns:
        The names of what was applied.

    Raises:
        ValueError: if an applied migration has been edited since.
    """
    applied: list[str] = []
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute((files(__name__) / "bootstrap.sql").read_text())
        rows = await connection.fetch("SELECT name, checksum FROM schema_migrations")
        done = {row["name"]: row["checksum"] for row in rows}
        for name, text in migrations():
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name not in done:
                await connection.execute(text)
                await _note(connection, name, digest)
                applied.append(name)
            elif done[name] != digest:
                raise ValueError(f"migration {name} was edited after it had been applied")
        applied += await _apply_views(connection, done)
    return applied


async def _apply_views(connection: Connection, done: dict[str, str]) -> list[str]:
    """Views depend on each other, so a change of one drops and makes all of them again."""
    wanted = views()
    digest = hashlib.sha256("\0".join(n + "\0" + t for n, t in wanted).encode()).hexdigest()
    if done.get("views") == digest:
        return []
    rows = await connection.fetch(
        "SELECT viewname FROM pg_views WHERE schemaname = 'public'"
        " UNION SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'"
    )
    for row in rows:
        await connection.execute(f'DROP VIEW IF EXISTS "{row["viewname"]}" CASCADE')
    for _, text in wanted:
        await connection.execute(text)
    await _note(connection, "views", digest)
    return [name for name, _ in wanted]


async def _note(connection: Connection, name: str, digest: str) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = now()",
        name,
        digest,
    )
