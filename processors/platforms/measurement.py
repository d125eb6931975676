"""What GA4's Measurement Protocol and the server containers that take it have in common.

Without the `_ga` cookie's client id we derive one from the visitor, else from the first joining id:
the same person keeps it, so that retries and later events do not invent new users.
"""

import hashlib
import re
from typing import Final

from processors.platforms.payload import amount, compact
from schemas.delivery import Delivery
from schemas.envelope import Content, Json
from schemas.joining import joining_nodes

_COOKIE: Final = re.compile(r"^(?:GA\d+\.\d+\.)?(\d+\.\d+)$")
_SESSION: Final = re.compile(r"^(?:GS\d\.\d+\.)?s?(\d+)(?:[.$]|$)")

MAX_VALUE: Final = 100
MAX_ITEMS: Final = 200


def client_id(delivery: Delivery) -> str:
    """The `_ga` cookie's client id, else one derived from whoever it was, in the cookie's form."""
    ids = delivery.identifiers
    if ids.ga4_client_id:
        cookie = _COOKIE.match(ids.ga4_client_id)
        return cookie.group(1) if cookie else ids.ga4_client_id
    who = next(iter(joining_nodes(delivery)), f"event:{delivery.event_id}")
    seed = hashlib.sha256(f"{delivery.tenant_id}:{who}".encode()).digest()
    left, right = int.from_bytes(seed[:4]), int.from_bytes(seed[4:8])
    return f"{left}.{right}"


def session_id(delivery: Delivery) -> str | None:
    """The session's number, of the id itself or of the cookie that holds it."""
    found = _SESSION.match(delivery.identifiers.ga4_session_id or "")
    return found.group(1) if found else None


def worth(delivery: Delivery) -> Json:
    """Value, currency and items, as far as they are known."""
    worth: Json = {}
    if delivery.value is not None and delivery.currency:
        worth = {"currency": delivery.currency, "value": amount(delivery.value, delivery.currency)}
    items = [item for item in (_item(c, delivery.currency) for c in delivery.contents) if item]
    if items:
        worth["items"] = items[:MAX_ITEMS]
    return worth


def _item(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name and not content.title:
        return None
    price = content.price
    item = compact(
        {
            "item_id": (name or "")[:MAX_VALUE],
            "item_name": (content.title or "")[:MAX_VALUE],
            "quantity": content.quantity,
        }
    )
    if price is not None and currency:
        item["price"] = amount(price, currency)
    return item
