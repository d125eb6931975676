"""The floor of a stage: the statements that it sent, word for word, with nothing done between.

A stage is run once through `Recorder`; `replay` then sends the same statements with the same
arguments in transactions of the same kind, fetches the same rows, and looks at none of them.
"""

import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, Literal

from processors.engine.postgres import Connection, Database, Isolation, Row

ROUNDS: Final = 5

Verb = Literal["execute", "fetch", "fetchrow", "fetchval", "copy_to_table"]


@dataclass(slots=True)
class Transaction:
    """One transaction as it was sent."""

    isolation: Isolation
    readonly: bool
    statements: list[tuple[Verb, str, tuple[Any, ...]]] = field(default_factory=list)


class Recorder(Database):
    """Passes everything on and remembers it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.transactions: list[Transaction] = []

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> AsyncIterator[Connection]:
        """The database's own, overheard."""
        own = Transaction(isolation, readonly)
        async with self._db.transaction(isolation=isolation, readonly=readonly) as conn:
            yield _Overheard(conn, own)
        self.transactions.append(own)


class _Overheard:
    def __init__(self, conn: Connection, own: Transaction) -> None:
        self._conn = conn
        self._own = own

    async def execute(self, query: str, *args: Any) -> str:
        self._own.statements.append(("execute", query, args))
        return await self._conn.execute(query, *args)

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        raise NotImplementedError("no stage that is measured here sends one")

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        self._own.statements.append(("fetch", query, args))
        return await self._conn.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Row | None:
        self._own.statements.append(("fetchrow", query, args))
        return await self._conn.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        self._own.statements.append(("fetchval", query, args))
        return await self._conn.fetchval(query, *args)

    async def copy_to_table(
        self, table_name: str, *, source: AsyncIterable[bytes], columns: Sequence[str], format: str
    ) -> str:
        rows = b"".join([part async for part in source])
        self._own.statements.append(("copy_to_table", table_name, (rows, columns, format)))
        return await self._conn.copy_to_table(
            table_name, source=once(rows), columns=columns, format=format
        )


async def once(rows: bytes) -> AsyncIterator[bytes]:
    """A file of one part."""
    yield rows


async def replay(db: Database, transaction: Transaction) -> None:
    """Send it again."""
    kind = {"isolation": transaction.isolation, "readonly": transaction.readonly}
    async with db.transaction(**kind) as conn:  # type: ignore[arg-type]
        for verb, query, arguments in transaction.statements:
            if verb == "copy_to_table":
                rows, columns, form = arguments
                await conn.copy_to_table(query, source=once(rows), columns=columns, format=form)
            else:
                await getattr(conn, verb)(query, *arguments)


Work = Callable[[], Awaitable[None]]


async def measured(
    stage: str, records: int, *, work: Work, floor: Work, before_each: Work
) -> dict[str, Any]:
    """Stage and floor in turn; medians of the rounds."""
    rates: dict[str, list[float]] = {"stage": [], "floor": []}
    cpu: list[float] = []
    for _ in range(ROUNDS):
        for name, run in (("stage", work), ("floor", floor)):
            await before_each()
            began, spent = time.perf_counter(), time.process_time()
            await run()
            rates[name].append(records / (time.perf_counter() - began))
            if name == "stage":
                cpu.append((time.process_time() - spent) / records * 100_000)
    rate, floor_rate = median(rates["stage"]), median(rates["floor"])
    return {
        "stage": stage,
        "rate": round(rate),
        "floor_rate": round(floor_rate),
        "ratio": round(rate / floor_rate, 3),
        "cpu_s_per_100k": round(median(cpu), 1),
    }
