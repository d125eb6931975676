"""An order, as the shop's server tells the gateway of it."""

from collections.abc import Mapping
from typing import Final

from processors.client import Order

PRICE: Final = "64.95"
CURRENCY: Final = "USD"
_IDS: Final = {
    "_meta_fbp": "fbp",
    "_meta_fbc": "fbc",
    "_ga4_client_id": "ga4_client_id",
    "_ga4_session_id": "ga4_session_id",
}


def order(order_id: str, *, email: str, cart: Mapping[str, str], now_ms: int) -> Order:
    """One hat; `cart` has the ids that the pixel left there, empty for who allows none."""
    made: Order = {
        "order_id": order_id,
        "ordered_at": now_ms,
        "revenue": PRICE,
        "currency": CURRENCY,
        "checkout_id": "checkout-1",
        "line_items": [
            {"product_id": "7", "sku": "hat-1", "title": "Hat", "quantity": 1, "price": PRICE}
        ],
    }
    if visitor := cart.get("_attributary_visitor_id"):
        made["visitor_id"] = visitor
    if session := cart.get("_attributary_session_id"):
        made["session_id"] = session
    ids = {ours: cart[theirs] for theirs, ours in _IDS.items() if cart.get(theirs)}
    if email:
        ids["email"] = email
    if ids:
        made["identifiers"] = ids  # type: ignore[typeddict-item]
    return made
