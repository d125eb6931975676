"""The tables that summary writes, and a database that can be stopped before any statement."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from processors.engine.postgres import Connection, Database, Isolation, Row
from processors.engine.processor import Item
from processors.engine.progress import Progress
from processors.summary.processor import SummaryProcessor
from schemas.credit import Credits
from tests.unit.summary.records import credits

Pause = Callable[[str], Awaitable[None]]

_ROWS = "SELECT * FROM credit_rows WHERE tenant_id = $1 ORDER BY conversion_id"
_CELLS = """
SELECT * FROM summary_cells
WHERE tenant_id = $1 AND 0 <> ANY (touchpoints || conversions || revenue)
ORDER BY basis, date, channel, platform, campaign, shard"""
_JOURNEYS = "SELECT * FROM journeys WHERE tenant_id = $1 ORDER BY conversion_id"
_PARTS = """
SELECT * FROM journey_cells
WHERE tenant_id = $1 AND 0 <> ANY (conversions || revenue) ORDER BY date, kind, key, shard"""
_SPEND = "SELECT * FROM daily_spend WHERE tenant_id = $1 ORDER BY account_id, date, subject"
_ADS = "SELECT * FROM daily_ad_spend WHERE tenant_id = $1 ORDER BY ad_id"


class Tables:
    """What analysts would read, through a connection that sees everything."""

    def __init__(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.conn = conn

    async def epoch(self) -> str:
        found: str = await self.conn.fetchval("SELECT epoch::text FROM database_epoch")
        return found

    async def of(self, tenant: str) -> list[list[tuple[Any, ...]]]:
        """Rows, cells, ways, their cells, spend, and that of ads, without the tenant's name."""
        return [
            [
                tuple(value for name, value in row.items() if name != "tenant_id")
                for row in await self.conn.fetch(query, tenant)
            ]
            for query in (_ROWS, _CELLS, _JOURNEYS, _PARTS, _SPEND, _ADS)
        ]

    async def counts(self) -> dict[str, int]:
        rows = await self.conn.fetch(
            "SELECT outcome, sum(n)::int AS n FROM outcome_counts GROUP BY outcome"
        )
        return {row["outcome"]: row["n"] for row in rows}


def processor_on(db: Database) -> SummaryProcessor:
    return SummaryProcessor(db=db, progress=Progress("summary"))


async def apply(db: Database, batch: Sequence[Item]) -> None:
    await processor_on(db).process(batch)


def revisions(epoch: str, tenant: str, *, conversions: int, most: int) -> list[Credits]:
    """Every conversion at each of its revisions, each of which is another journey."""
    return [
        credits(f"c{n}", tenant_id=tenant, epoch=epoch, rev=rev, seed=rev)
        for n in range(conversions)
        for rev in range(1, most + 1)
    ]


class PausingDatabase(Database):
    """Calls `pause` before every statement of a transaction, and before its commit."""

    def __init__(self, db: Database, pause: Pause) -> None:
        self._db = db
        self._pause = pause

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> AsyncIterator[Connection]:
        async with self._db.transaction(isolation=isolation, readonly=readonly) as conn:
            yield _Pausing(conn, self._pause)
            await self._pause("commit")


class _Pausing:
    def __init__(self, conn: Connection, pause: Pause) -> None:
        self._conn = conn
        self._pause = pause

    async def execute(self, query: str, *args: Any) -> str:
        await self._pause(query)
        return await self._conn.execute(query, *args)

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        await self._pause(query)
        await self._conn.executemany(query, args)

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        await self._pause(query)
        return await self._conn.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Row | None:
        await self._pause(query)
        return await self._conn.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        await self._pause(query)
        return await self._conn.fetchval(query, *args)

    async def copy_to_table(
        self, table_name: str, *, source: AsyncIterable[bytes], columns: Sequence[str], format: str
    ) -> str:
        await self._pause(table_name)
        return await self._conn.copy_to_table(
            table_name, source=source, columns=columns, format=format
        )
