"""Builders of what dedupe reads; nobody in here exists."""

from typing import Any

from processors.dedupe.handle import FoundOrder
from processors.engine.processor import Item, Message
from schemas.envelope import Consent
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.stitched_event import StitchedEvent
from tests.unit.summary.records import credits

TENANT = "acme"
AT = 1_700_000_000_000
EPOCH = "00000000-0000-0000-0000-00000000000e"
GRANTED = Consent(ad_storage="granted", ad_user_data="granted", analytics_storage="granted")
DENIED = Consent(ad_storage="denied", ad_user_data="denied", analytics_storage="denied")


def event(**changes: Any) -> PixelEvent:
    found = {
        "tenant_id": TENANT,
        "event_id": "e1",
        "content_hash": "h",
        "source": "events",
        "event_name": "AddToCart",
        "occurred_at": AT,
        "received_at": AT,
        "visitor_id": "v1",
    }
    return PixelEvent.model_validate(found | changes)


def stitched(person_id: str | None = "visitor:v1", **changes: Any) -> StitchedEvent:
    return StitchedEvent(
        tenant_id=TENANT, person_id=person_id, consent=Consent(), event=event(**changes)
    )


def order(**changes: Any) -> Order:
    found = {
        "tenant_id": TENANT,
        "source": "api",
        "order_id": "1001",
        "event_id": "o1",
        "content_hash": "h",
        "received_at": AT,
        "ordered_at": AT,
        "currency": "USD",
        "gross": 5_000,
    }
    return Order.model_validate(found | changes)


def found(conversion_id: str = "c1", **changes: Any) -> FoundOrder:
    return FoundOrder(
        key=(TENANT, conversion_id),
        person_id="visitor:v1",
        converted_at=AT,
        order=order(**changes),
    )


def credited(conversion_id: str = "c1", *, offset: int = 0, **changes: Any) -> Item:
    record = credits(conversion_id, touches=0, **({"epoch": EPOCH} | changes))
    return Item(Message("credits.v1", 0, offset, AT, b"acme|c", b""), record)


def seen(offset: int = 0, **changes: Any) -> Item:
    message = Message("stitched_events.v1", 0, offset, AT, b"acme|visitor:v1", b"")
    return Item(message, stitched(**changes))
