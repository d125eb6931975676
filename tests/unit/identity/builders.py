"""Records of one shop, with what a test does not care about filled in."""

import hashlib
from typing import Any

from processors.engine.outcome import Dead
from processors.engine.processor import Item, Message
from schemas.command import Command
from schemas.envelope import Frozen
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint

TENANT = "acme"
NOON = 1_767_614_400_000


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def touchpoint(event_id: str = "t-1", **fields: Any) -> Touchpoint:
    given = {"occurred_at": NOON, "received_at": NOON + 5, "content_hash": "h", **fields}
    return Touchpoint(tenant_id=TENANT, event_id=event_id, **given)


def event(name: str = "PageView", event_id: str = "e-1", **fields: Any) -> PixelEvent:
    given = {
        "occurred_at": NOON, "received_at": NOON + 5, "content_hash": "h", "source": "events",
        **fields,
    }  # fmt: skip
    return PixelEvent(tenant_id=TENANT, event_id=event_id, event_name=name, **given)


def order(content_hash: str = "h", **fields: Any) -> Order:
    given = {"source": "api", "order_id": "1001", "event_id": "o-1", "received_at": NOON, **fields}
    return Order(tenant_id=TENANT, content_hash=content_hash, **given)


def command(body: Any, *, at: int = NOON, command_id: str = "k-1") -> Command:
    return Command(
        tenant_id=TENANT, command_id=command_id, issued_at=at, received_at=at + 5, body=body
    )


def batch(*records: Frozen | Dead) -> list[Item]:
    return [
        Item(Message("any", 0, place, NOON, b"acme|x", b"{}"), record)
        for place, record in enumerate(records)
    ]
