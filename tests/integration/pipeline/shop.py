"""A shop whose webhooks go through the real door, the whole pipeline and into the tables."""

import itertools
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from processors.engine.postgres import Database
from schemas.command import Body, Command
from schemas.delivery import Delivery
from schemas.envelope import Frozen
from schemas.topics import TOPICS
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.oracle.tables import Served
from tests.support.pipeline import Pipeline
from tests.support.served import diff, read
from tests.unit.gateway.asking import NOW, Gateway

Entry = tuple[str, Frozen]
_commands = itertools.count()


class Shop:
    """The tenant `demo`."""

    def __init__(self, dsn: str, db: Database) -> None:
        self._dsn = dsn
        self._pipeline = Pipeline(db)
        self._rng = random.Random(7)
        self._log: list[Entry] = []

    async def feed(self, entries: Sequence[Entry]) -> None:
        """Onto the log in this order, and through every processor."""
        self._log += entries
        await self._pipeline.feed(entries)
        await self._pipeline.drain(self._rng)

    async def rows(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        """What an analyst's query shows."""
        conn = await asyncpg.connect(self._dsn)
        try:
            return [tuple(row) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()

    async def connect(self, *platforms: str) -> None:
        """Accounts at these platforms."""
        conn = await asyncpg.connect(self._dsn)
        try:
            for platform in platforms:
                await conn.execute(
                    "INSERT INTO platform_connections VALUES ('demo', $1, 'account', '', true)",
                    platform,
                )
        finally:
            await conn.close()

    def deliveries(self, platform: str) -> list[Delivery]:
        """What the platform's topic holds."""
        found = self._pipeline.broker.read(f"deliveries.{platform}.v1")
        return [Delivery.model_validate_json(each.value or b"") for each in found]

    def oracle(self, *platforms: str) -> Served:
        """What the log makes, with these platforms connected."""
        return served(log_of(self._log), connections={("demo", each): 0 for each in platforms})

    async def differences(self) -> list[str]:
        """Where the tables are not what the batch oracle makes of the log."""
        return diff(served(log_of(self._log)), await read(self._dsn))


@asynccontextmanager
async def open_shop(dsn: str) -> AsyncIterator[Shop]:
    """An empty shop on a fresh database."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('demo')")
    finally:
        await conn.close()
    db = await Database.connect(
        dsn, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        yield Shop(dsn, db)
    finally:
        await db.close()


def command(body: Body) -> Entry:
    """A command of the tenant; a later one of a subject stands above an earlier one."""
    at = NOW + next(_commands)
    record = Command(
        tenant_id="demo", command_id=f"k-{at}", issued_at=at, received_at=at, body=body
    )
    return "commands.v1", record


def taken(gateway: Gateway) -> list[Entry]:
    """What the door has put on the log, in order; it is empty then."""
    found: list[Entry] = []
    for row in gateway.outlet.rows:
        assert row.raw.value is not None
        model = TOPICS[row.raw.topic].model
        found.append((row.raw.topic, model.model_validate_json(row.raw.value)))
    gateway.outlet.rows.clear()
    return found
