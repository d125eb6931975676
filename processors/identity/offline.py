"""Uploads of offline conversions: which row of which batch was which order, and who was first.

Each row is an order like any other; these facts are beside it. A row's content belongs to the
row that brought it first, by (received_at, batch, row), and every other row with it is a
duplicate. Both tables are order-free: a set, and a register that keeps the smallest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import sql
from processors.engine.postgres import Connection
from schemas.command import SetOfflineBatch
from schemas.order import Order

QUERIES = sql.load("identity")

Report = tuple[SetOfflineBatch, tuple[int, str]]


class OfflineRow(NamedTuple):
    """A row of offline_rows; `received_at` in epoch milliseconds."""

    tenant_id: str
    batch_id: str
    row_number: int
    content_hash: str
    conversion_id: str
    platform: str | None
    upload_type: str
    received_at: int


@dataclass(slots=True)
class OfflineFacts:
    """Rows of a batch of records, and the first row of each content, by their keys."""

    rows: dict[tuple[str, str, int, str], OfflineRow] = field(default_factory=dict)
    firsts: dict[tuple[str, str, str], tuple[int, str, int]] = field(default_factory=dict)

    def add(self, record: Order, conversion: str) -> None:
        """Note the order's row, if it came in an upload."""
        batch = record.batch
        if batch is None:
            return
        tenant, content, at = record.tenant_id, record.content_hash, record.received_at
        key = (tenant, batch.batch_id, batch.row, content)
        standing = self.rows.get(key)
        if standing is None or at < standing.received_at:
            self.rows[key] = OfflineRow(*key, conversion, batch.platform, batch.upload_type, at)
        place = (at, batch.batch_id, batch.row)
        owner = (tenant, conversion, content)
        self.firsts[owner] = min(place, self.firsts.get(owner, place))


async def write(conn: Connection, facts: OfflineFacts) -> None:
    """Insert the rows and firsts."""
    if not facts.rows:
        return
    rows = [facts.rows[key] for key in sorted(facts.rows)]
    await conn.execute(QUERIES["upsert_offline_rows"], *map(list, zip(*rows, strict=True)))
    firsts = sorted((*key, *place) for key, place in facts.firsts.items())
    await conn.execute(QUERIES["upsert_offline_contents"], *map(list, zip(*firsts, strict=True)))


async def write_reports(
    conn: Connection, reports: Mapping[tuple[str, ...], Report]
) -> set[tuple[str, ...]]:
    """Insert what commands tell of batches; the keys of those that are new."""
    if not reports:
        return set()
    rows = [
        (
            *key,
            issued_at,
            body.batch_name,
            body.platform,
            body.upload_type,
            body.status,
            body.total_records,
            body.failed_records,
            body.created_at,
            body.completed_at,
        )
        for key, (body, (issued_at, _)) in sorted(reports.items())
    ]
    found = await conn.fetch(QUERIES["insert_offline_reports"], *map(list, zip(*rows, strict=True)))
    return {tuple(row.values()) for row in found}
