"""A database that remembers what it was asked, so that exactly the same reads and writes can be
made again on another one with no logic around them: the floor of a stage."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from processors.engine.postgres import Connection, Database, Isolation, Row

Call = tuple[str, str, tuple[Any, ...]]
"""(method, query, arguments)"""


@dataclass
class Transaction:
    """One transaction's statements, in order."""

    isolation: Isolation
    readonly: bool
    calls: list[Call] = field(default_factory=list)


class RecordingConnection:
    """Passes everything on and notes it."""

    def __init__(self, inner: Connection, calls: list[Call]) -> None:
        self._inner = inner
        self._calls = calls

    async def execute(self, query: str, *args: Any) -> str:
        self._calls.append(("execute", query, args))
        return await self._inner.execute(query, *args)

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        rows = list(args)
        self._calls.append(("executemany", query, (rows,)))
        await self._inner.executemany(query, rows)

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        self._calls.append(("fetch", query, args))
        return await self._inner.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Row | None:
        self._calls.append(("fetchrow", query, args))
        return await self._inner.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        self._calls.append(("fetchval", query, args))
        return await self._inner.fetchval(query, *args)


class RecordingDatabase(Database):
    """A database whose transactions are noted."""

    transactions: list[Transaction]

    @classmethod
    async def open(cls, dsn: str, name: str) -> "RecordingDatabase":
        """Connect as the processors do."""
        inner = await Database.connect(dsn, role="attributary_processor", application_name=name)
        made = cls(inner._pool)
        made.transactions = []
        return made

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> AsyncIterator[Connection]:
        noted = Transaction(isolation, readonly)
        self.transactions.append(noted)
        async with super().transaction(isolation=isolation, readonly=readonly) as conn:
            yield RecordingConnection(conn, noted.calls)

    def taken(self) -> list[Transaction]:
        """What was noted since the last call."""
        noted, self.transactions = self.transactions, []
        return noted


async def repeat(db: Database, transactions: Sequence[Transaction]) -> None:
    """The same statements again, with no logic."""
    for noted in transactions:
        async with db.transaction(isolation=noted.isolation, readonly=noted.readonly) as conn:
            for method, query, args in noted.calls:
                await getattr(conn, method)(query, *args)


