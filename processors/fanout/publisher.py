"""Tells `delivery_outcomes.v1` how deliveries ended: the rows are locked, produced, acked and
only then marked, so a crash tells twice and never forgets."""

import asyncio

from processors.engine.context import Context
from processors.engine.postgres import Row
from processors.engine.processor import Emit
from processors.fanout import store
from processors.fanout.lull import Lull
from processors.fanout.patience import patiently
from processors.fanout.settings import FanoutSettings
from schemas.delivery_outcome import DeliveryOutcome

TOPIC = "delivery_outcomes.v1"


class Publisher:
    """The loop of one replica; any replica tells any row."""

    def __init__(self, context: Context, settings: FanoutSettings) -> None:
        self._context = context
        self._settings = settings

    async def run(self) -> None:
        """Publish until cancelled."""
        lull = Lull(self._settings.poll_seconds, self._settings.idle_seconds)
        while True:
            told = await patiently(self._round)
            if told < self._settings.publish_max:
                await asyncio.sleep(lull.wait(found=told > 0))

    async def _round(self) -> int:
        async with self._context.db.transaction() as conn:
            rows = await store.unpublished(conn, self._settings.publish_max)
            if rows:
                await self._context.publish([_told(row) for row in rows])
                await store.mark_published(conn, rows)
        return len(rows)


def _told(row: Row) -> Emit:
    traceparent = row["traceparent"]
    return Emit(TOPIC, outcome(row), causes=(traceparent,) if traceparent else ())


def outcome(row: Row) -> DeliveryOutcome:
    """The record of a finished row."""
    return DeliveryOutcome(
        tenant_id=row["tenant_id"],
        platform=row["platform"],
        event_id=row["event_id"],
        kind=row["kind"],
        event_name=row["event_name"],
        order_id=row["order_id"],
        source=row["source"],
        value=row["value"],
        turn=row["turn"],
        occurred_at=store.ms_of(row["occurred_at"]),
        state=row["state"],
        attempts=row["attempts"],
        http_status=row["http_status"],
        error=row["error"],
        finished_at=store.ms_of(row["finished_at"]),
    )
