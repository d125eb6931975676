"""The whole application on a real database, asked as the pages of two tenants ask it."""

import hashlib
from typing import Any, Final

import asyncpg
import orjson

from processors.gateway.directory import Directory
from processors.gateway.keys import Key, Login, Rules
from tests.unit.gateway.asking import BROWSER, SERVER, Answer, Gateway

OTHERS: Final = "a-key-of-another-tenant"
VIEWER: Final = "a-viewers-token"


class Told(Directory):
    """Knows the keys that it was told of, whatever the database has."""

    async def ask_again(self) -> None:
        """Nothing more to know."""


class Pages(Gateway):
    """The application on a database: keys and a viewer's token of one tenant, a key of another."""

    directory_type = Told

    def __init__(self, dsn: str, own: str, other: str, **overrides: Any) -> None:
        super().__init__(database_url=dsn, **overrides)
        self.dsn = dsn
        login = Login("vera@example.com", "viewer", (own,))
        for given, key in (
            (SERVER, Key(own, True)),
            (BROWSER, Key(own, False)),
            (OTHERS, Key(other, True)),
            (VIEWER, Key(own, True, rules=Rules(login=login))),
        ):
            self.directory.snapshot.keys[hashlib.sha256(given.encode()).hexdigest()] = key

    async def call(self, method: str, path: str, body: Any = None, *, key: str = SERVER) -> Answer:
        """One request with a key."""
        raw = b"" if body is None else orjson.dumps(body)
        return await self.ask(method, path, raw, {"authorization": f"Bearer {key}"})

    async def shown(self, path: str, key: str = SERVER) -> list[dict[str, Any]]:
        """The rows that a page of analytics shows, by column."""
        answer = await self.call("GET", path, key=key)
        assert answer.status == 200, (path, answer.content)
        names = [column["name"] for column in answer.json["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer.json["rows"]]

    async def rows(self, query: str, *args: Any) -> list[Any]:
        """What the database has."""
        conn = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row.values()) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()
