"""A shop in the tables, as identity would have written it; nobody in here exists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from processors.engine.postgres import Database

TENANT = "acme"
NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)


class World:
    """Writes as the operator, who may write everything."""

    def __init__(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.conn = conn

    async def epoch(self) -> str:
        found: str = await self.conn.fetchval("SELECT epoch::text FROM database_epoch")
        return found

    async def tenant(self, tenant: str = TENANT, **settings: str) -> None:
        await self.conn.execute("INSERT INTO tenants VALUES ($1) ON CONFLICT DO NOTHING", tenant)
        for key, value in settings.items():
            await self.put(
                "tenant_settings",
                tenant_id=tenant, key=key, value=value, issued_at=1, command_id="a",
            )  # fmt: skip

    async def rate(self, currency: str, reporting: str, date: str, rate: str) -> None:
        await self.conn.execute(
            "INSERT INTO fx_rates VALUES ($1, $2, $3, $4::text::date, $5::text::numeric, 1, 'a')",
            TENANT, currency, reporting, date, rate,
        )  # fmt: skip

    async def node(
        self, node: str, *, person: str | None = None, quarantined: bool = False
    ) -> None:
        await self.put(
            "identity_nodes",
            tenant_id=TENANT, node=node, person_id=person or node, quarantined=quarantined,
        )  # fmt: skip

    async def touch(self, name: str, anchor: str, *, days: float, **changes: Any) -> None:
        at = NOON - timedelta(days=days)
        found = {
            "tenant_id": TENANT, "touchpoint_id": name, "event_id": name, "anchor": anchor,
            "occurred_at": at, "received_at": at, "late": False, "touchpoint_type": "click",
            "channel": "email", "platform": "klaviyo", "campaign": "spring", "rules_version": "1",
            "content_hash": "h",
        }  # fmt: skip
        await self.put("attribution_touchpoints", **(found | changes))

    async def conversion(self, name: str, *, rev: int = 1, **changes: Any) -> None:
        found = {
            "tenant_id": TENANT, "conversion_id": name, "source": "api", "order_id": name,
            "person_id": None, "currency": "USD", "gross": 10_000, "refunded": 0, "net": 10_000,
            "converted_at": NOON, "status": "paid", "state": "ready", "deliverable": True,
            "folded": "{}",
        }  # fmt: skip
        await self.put("conversions", **(found | changes))
        await self.put("conversion_revision", tenant_id=TENANT, conversion_id=name, rev=rev)

    async def put(self, table: str, **values: Any) -> None:
        columns = ", ".join(values)
        places = ", ".join(f"${n + 1}" for n in range(len(values)))
        statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"
        await self.conn.execute(statement, *values.values())


@asynccontextmanager
async def world_of(dsn: str) -> AsyncIterator[World]:
    conn = await asyncpg.connect(dsn)
    try:
        yield World(conn)
    finally:
        await conn.close()


@asynccontextmanager
async def processor_database(dsn: str) -> AsyncIterator[Database]:
    """Connections under the role of the processors, as in production."""
    db = await Database.connect(dsn, role="attributary_processor", application_name="test")
    try:
        yield db
    finally:
        await db.close()
