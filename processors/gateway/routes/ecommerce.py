"""`POST /webhooks/ecommerce`: orders of shops that are not Shopify's, signed by their sender.

Three senders, told apart by their headers (`signatures.py`), whose account decides the tenant:
WooCommerce and BigCommerce in their own form, and any other shop in the neutral one: the body of
`/v1/orders` (one object, an array, or `{"batch": [...]}`), in which an item with an `event_name`
is an event of `/v1/events`, such as a cart's. Order ids are unique within a source: `woocommerce`,
`bigcommerce`, or what the neutral item says, else `ecommerce`. All become the same conversions as
Shopify's orders.
"""

from typing import Any

from processors.gateway import bigcommerce, unknown, woocommerce
from processors.gateway.canonical import without_nul
from processors.gateway.door import Accepted, Door
from processors.gateway.registry import handler
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.orders import require, snapshot

_OWN = "ecommerce"


@handler("/webhooks/ecommerce", signed="ecommerce", answer=unknown.answer)
def webhook(item: dict[str, Any], door: Door) -> Accepted:
    """Take signed orders of WooCommerce, of BigCommerce, and of any shop in the neutral form."""
    if door.sender == _OWN:
        return _neutral(item, door)
    said = without_nul(item)
    if door.sender == "woocommerce":
        told = woocommerce.neutral(said, door.topic)
    else:
        door.topic = bigcommerce.topic(said)
        told = bigcommerce.neutral(said, door.account)
    if told is None:
        return unknown.keep(said, door, source=door.sender)
    return snapshot(said, told, door)


def _neutral(item: dict[str, Any], door: Door) -> Accepted:
    shop = item.get("source") or _OWN
    if item.get("event_name") is not None:
        return pixel_event(item, {"order_source": shop, **item}, door, source="events")
    require(item)
    return snapshot(item, {**item, "source": shop}, door)
