"""What dedupe told platforms, read from the deliveries' topics: for pipelines in which nothing
sends, as if every platform had accepted at once what it takes."""

from dataclasses import replace

from processors.engine.memory import MemoryBroker
from schemas.delivery import Delivery
from schemas.topics import DELIVERED_PLATFORMS
from tests.oracle.retractions import TAKES
from tests.oracle.tables import Served
from tests.oracle.words import Row


def told(found: Served, broker: MemoryBroker) -> Served:
    """The reading with what the topics tell: each retraction once however often it was told."""
    records = [
        Delivery.model_validate_json(message.value or b"")
        for platform in DELIVERED_PLATFORMS
        for message in broker.read(f"deliveries.{platform}.v1")
    ]
    events = {(r.tenant_id, r.platform, r.event_id) for r in records if r.kind == "event"}
    rows = sorted({_retraction(record) for record in records if record.kind != "event"}, key=repr)
    return replace(
        found,
        tables=found.tables | {"deliveries": sorted(events), "retractions": rows},
        accepted=frozenset(events),
    )


def _retraction(record: Delivery) -> Row:
    is_taken = record.kind in TAKES.get(record.platform, ())
    end = ("sent", None) if is_taken else ("filtered", "not_retractable")
    key = record.tenant_id, record.platform, record.event_id, record.kind
    return (*key, record.value, record.turn, *end)
