"""Rows around deliveries, for the views over them; nobody in here exists."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

DAY = datetime(2026, 3, 1, tzinfo=UTC)


async def delivery(conn: Connection, event_id: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "platform": "meta", "event_id": event_id, "kind": "event",
        "event_name": "Purchase", "occurred_at": DAY, "state": "sent", "next_attempt_at": DAY,
        "deadline_at": DAY, "payload": "{}",
    } | changes  # fmt: skip
    await insert(conn, "deliveries", row)


async def attempt(conn: Connection, event_id: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "platform": "meta", "event_id": event_id, "kind": "event",
        "event_name": "Purchase", "attempt": 1, "status": "sent", "http_status": 200,
        "request_digest": "d", "latency_ms": 100, "created_at": DAY + timedelta(hours=12),
    } | changes  # fmt: skip
    await insert(conn, "capi_delivery_log", row)


async def pixel_event(conn: Connection, event_id: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "event_id": event_id, "source": "events", "event_type": "AddToCart",
        "occurred_at": DAY, "received_at": DAY, "anchor": "a", "raw_data": "{}",
        "content_hash": "h",
    } | changes  # fmt: skip
    await insert(conn, "pixel_events", row)


async def order(conn: Connection, source: str, order_id: str, **changes: Any) -> None:
    row = {
        "tenant_id": "acme", "conversion_id": f"{source} {order_id}", "source": source,
        "order_id": order_id, "refunded": 0, "net": 100, "converted_at": DAY, "status": "paid",
        "state": "ready", "deliverable": True, "folded": "{}",
    } | changes  # fmt: skip
    await insert(conn, "conversions", row)


async def insert(conn: Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await conn.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def rows(conn: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await conn.fetch(query)]
