"""A fresh, migrated database for each test, copied from a template that is migrated once."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import sql


class Databases:
    """Makes and drops databases on one server; one a session."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._template = f"template_{uuid.uuid4().hex}"
        self._template_is_ready = False

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[str]:
        """Yield the DSN of a new database with every migration applied; drop it afterwards."""
        await self._ensure_template()
        name = f"test_{uuid.uuid4().hex}"
        async with self._copy(name, self._template) as made:
            yield made

    @asynccontextmanager
    async def copied(self, dsn: str) -> AsyncIterator[str]:
        """Yield the DSN of a copy of a database that nobody is connected to; drop it afterwards."""
        name, source = f"test_{uuid.uuid4().hex}", urlsplit(dsn).path[1:]
        async with self._copy(name, source) as made:
            yield made

    async def drop_template(self) -> None:
        """Leave nothing behind on a server that outlives the session."""
        await self._execute(f"DROP DATABASE IF EXISTS {self._template} WITH (FORCE)")

    @asynccontextmanager
    async def _copy(self, name: str, source: str) -> AsyncIterator[str]:
        """File by file, which costs two thirds of what it costs through the log."""
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        try:
            yield self._dsn_of(name)
        finally:
            await self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _ensure_template(self) -> None:
        if self._template_is_ready:
            return
        await self.drop_template()
        await self._execute(f"CREATE DATABASE {self._template} TEMPLATE template0 LOCALE 'C'")
        connection = await asyncpg.connect(self._dsn_of(self._template))
        try:
            await sql.migrate(connection)
        finally:
            await connection.close()
        self._template_is_ready = True

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _dsn_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self._dsn)._replace(path=f"/{database}"))
