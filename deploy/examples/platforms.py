"""A shopper's way to every connected platform: `python -m deploy.examples.platforms`.

A click, a cart, a purchase and a refund go in once each. Which platforms hear of them, in whose
words and under which consent, is decided behind the gateway; `attributary explain ORDER --tenant T`
tells who earned it.
"""

import uuid
from datetime import UTC, datetime, timedelta

from deploy.examples.connection import client
from processors.client import Client, Sent, StandardEvent, UnifiedConversionsAPI, UnifiedEventsAPI
from processors.domain.events import EventType


def play(to: Client, *, order_id: str, now: datetime) -> Sent:
    """Play it at this time; returns what became of the purchase."""
    visitor = f"visitor-{order_id}"
    to.touchpoint(
        visitor_id=visitor,
        occurred_at=now - timedelta(minutes=20),
        url="https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=X1",
    )
    UnifiedEventsAPI(to).send(
        StandardEvent.ADD_TO_CART,
        visitor_id=visitor,
        occurred_at=now - timedelta(minutes=10),
        value="129.90",
        currency="EUR",
        contents=[{"product_id": "hat", "quantity": 1, "price": "129.90"}],
    )
    to.identify(visitor_id=visitor, identifiers={"email": f"{visitor}@shop.example"})
    bought = UnifiedConversionsAPI(to).send(
        EventType.PURCHASE,
        visitor_id=visitor,
        order_id=order_id,
        occurred_at=now,
        value="129.90",
        currency="EUR",
        identifiers={"email": f"{visitor}@shop.example"},
    )
    to.order(
        order_id=order_id,
        visitor_id=visitor,
        ordered_at=now,
        revenue="129.90",
        currency="EUR",
        status="partially_refunded",
        refunded_amount="29.90",
        updated_at=now + timedelta(minutes=5),
    )
    return bought


if __name__ == "__main__":
    name = f"example-{uuid.uuid4().hex[:8]}"
    with client() as one:
        sent = play(one, order_id=name, now=datetime.now(UTC))
    print(f"order {name}: to {sent.platforms} platforms, quality {sent.data_quality_score:.0f}")
    print(f"attributary explain {name} --tenant demo")
