"""What dedupe told platforms to take back, read from the deliveries' topics: for pipelines in which
nothing sends."""

import asyncpg

from processors.engine.memory import MemoryBroker
from schemas.delivery import Delivery
from schemas.topics import DELIVERED_PLATFORMS
from tests.oracle import ids
from tests.oracle.words import Row

_PLACES = "SELECT tenant_id, platform, event_id, kind, source_offset FROM dedupe_keys"


async def retractions(dsn: str, broker: MemoryBroker) -> list[Row]:
    """The rows of `retractions`, each once however often it was told. Claims
    say in which order; a retraction is early where its purchase was told to nobody."""
    records = [
        Delivery.model_validate_json(message.value or b"")
        for platform in DELIVERED_PLATFORMS
        for message in broker.read(f"deliveries.{platform}.v1")
    ]
    conn = await asyncpg.connect(dsn)
    try:
        places = {tuple(row)[:4]: row["source_offset"] for row in await conn.fetch(_PLACES)}
    finally:
        await conn.close()
    events = {(r.tenant_id, r.platform, r.event_id) for r in records if r.kind == "event"}
    found: set[Row] = set()
    for record in records:
        if record.kind != "event":
            key = record.tenant_id, record.platform, record.event_id, record.kind
            is_early = (record.tenant_id, record.platform, _purchase(record)) not in events
            found.add((*key, record.value, places[key], is_early))
    return sorted(found)


def _purchase(record: Delivery) -> str:
    return ids.purchase(
        record.tenant_id, record.source or "", record.order_id or "", record.platform
    )
