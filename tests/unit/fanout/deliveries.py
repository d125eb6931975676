"""Deliveries and rows of the queue, as tests of the fan-out want them."""

from typing import Any, Final

from processors.fanout.handle import Waiting
from schemas.delivery import Delivery

HOUR: Final = 3_600_000
NOW: Final = 1_788_600_000_000
DEADLINE: Final = NOW + 100 * HOUR


def delivery(event_id: str = "e", tenant: str = "acme", **fields: Any) -> Delivery:
    return Delivery.model_validate(
        {
            "tenant_id": tenant,
            "platform": "meta",
            "event_id": event_id,
            "event_name": "Purchase",
            "occurred_at": NOW,
            **fields,
        }
    )


def waiting(attempts: int = 1, first_ms: int | None = NOW, one: Delivery | None = None) -> Waiting:
    return Waiting(one or delivery(), attempts, first_ms, DEADLINE)
