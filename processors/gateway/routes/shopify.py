"""`POST /api/webhooks/shopify/{topic}`: orders, and what becomes of them, as Shopify signs and
sends it.

The signature is checked before a handler sees the body (`signatures.py`). Ids are integers
beyond 2^53 and stay exact. An order comes whole with most topics. Three bodies are a part of one:
a refund; an edit (`orders/edited` names what was added and removed, but no money: that follows
with `orders/updated`); and a dispute of Shopify Payments, which has no date of its own, so that
its status and `finalized_on` order what is said of it. An inquiry is not a chargeback yet, and a
dispute that was prevented or ended in a refund costs no more than that refund.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain import urls
from processors.domain.payload import at, rows
from processors.domain.shopify_orders import currency_of, refund, status
from processors.gateway import attributes, unknown
from processors.gateway.canonical import without_nul
from processors.gateway.door import Accepted, Door
from processors.gateway.registry import handler
from processors.gateway.routes.orders import snapshot

ORDER_TOPICS: Final = frozenset(
    {
        "orders/create",
        "orders/paid",
        "orders/updated",
        "orders/partially_fulfilled",
        "orders/fulfilled",
        "orders/cancelled",
        "orders/edited",
    }
)
REFUND: Final = "refunds/create"
DISPUTE_TOPICS: Final = frozenset({"disputes/create", "disputes/update"})
_DISPUTES: Final = {
    "needs_response": "open",
    "under_review": "open",
    "accepted": "lost",
    "lost": "lost",
    "won": "won",
    "charge_refunded": "won",
    "prevented": "won",
}
"""DisputeStatus of the GraphQL Admin API; a status that we do not know leaves the dispute open."""


@handler("/api/webhooks/shopify/", single=True, signed="shopify", answer=unknown.answer)
def webhook(item: dict[str, Any], door: Door) -> Accepted:
    """Take Shopify's webhooks of orders, refunds and disputes; what else it sends is kept, and
    filtered later."""
    said = without_nul(item)
    told = _neutral(said, door)
    if told is None:
        return unknown.keep(said, door, source="shopify")
    return snapshot(said, told, door)


def _neutral(said: Mapping[str, Any], door: Door) -> dict[str, Any] | None:
    """The neutral item; None when the body is about no order."""
    topic = door.topic
    if topic == REFUND:
        return _from_refund(said)
    if topic in DISPUTE_TOPICS:
        return _from_dispute(said) if said.get("order_id") else None
    if topic not in ORDER_TOPICS:
        return None
    edit = at(said, "order_edit")
    if edit.get("order_id"):
        return _from_edit(edit)
    return _from_order(said, door.account) if "id" in said else None


def _from_order(said: Mapping[str, Any], shop: str) -> dict[str, Any]:
    notes = [(row.get("name"), row.get("value")) for row in rows(said, "note_attributes")]
    item = attributes.read(notes)
    customer = at(said, "customer")
    client = at(said, "client_details")
    ids = item.setdefault("identifiers", {})
    ids["customer_id"] = customer.get("id")
    item |= {
        "source": "shopify",
        "order_id": said.get("id"),
        "ordered_at": said.get("processed_at") or said.get("created_at"),
        "updated_at": said.get("updated_at"),
        "status": status(said),
        "test": said.get("test"),
        "currency": said.get("currency"),
        "revenue": said.get("total_price"),
        "refunds": [refund(row, said.get("currency")) for row in rows(said, "refunds")],
        "checkout_id": said.get("checkout_token"),
        "discount_codes": [row.get("code") for row in rows(said, "discount_codes")],
        "line_items": [_line(row) for row in rows(said, "line_items")],
        "url": _landing(said, shop),
        "referrer": said.get("referring_site"),
        "ip": said.get("browser_ip") or client.get("browser_ip"),
        "user_agent": client.get("user_agent"),
        "user_data": _details(said, customer),
    }
    return item


def _landing(said: Mapping[str, Any], shop: str) -> Any:
    """The landing page with its host, which Shopify leaves out: that of the page on which the
    buyer looks after the order is the storefront's; without one the shop's own domain stands."""
    page, status_page = said.get("landing_site"), said.get("order_status_url")
    if type(page) is not str or not page.startswith("/") or page.startswith("//"):
        return page
    host = urls.host(status_page) if type(status_page) is str else ""
    return f"https://{host or shop}{page}"


def _from_refund(said: Mapping[str, Any]) -> dict[str, Any]:
    """A refund alone: a snapshot that knows nothing else of its order."""
    refunded_at = said.get("processed_at") or said.get("created_at")
    currency = currency_of(said)
    return {
        "source": "shopify",
        "order_id": said.get("order_id"),
        "updated_at": refunded_at,
        "status": None,
        "currency": currency,
        "refunds": [refund(said, currency)],
    }


def _from_edit(edit: Mapping[str, Any]) -> dict[str, Any]:
    """An edit: that there is such an order, and that it has changed."""
    return {
        "source": "shopify",
        "order_id": edit.get("order_id"),
        "updated_at": edit.get("committed_at") or edit.get("created_at"),
        "status": None,
    }


def _from_dispute(said: Mapping[str, Any]) -> dict[str, Any]:
    """A dispute, unless it is an inquiry."""
    named = said.get("status")
    told = _DISPUTES.get(named, "open") if type(named) is str else "open"
    dispute = {"dispute_id": said.get("id"), "status": told}
    if told != "open":
        dispute["decided_at"] = said.get("finalized_on")
    return {
        "source": "shopify",
        "order_id": said.get("order_id"),
        "updated_at": said.get("initiated_at"),
        "status": None,
        "disputes": [] if said.get("type") == "inquiry" else [dispute],
    }


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product_id": row.get("variant_id") or row.get("sku") or row.get("product_id"),
        "sku": row.get("sku"),
        "title": row.get("title"),
        "quantity": row.get("quantity"),
        "price": row.get("price"),
    }


def _details(said: Mapping[str, Any], customer: Mapping[str, Any]) -> dict[str, Any]:
    """The buyer's details; any of them may be missing without Shopify's approval."""
    billing, shipping = at(said, "billing_address"), at(said, "shipping_address")
    address = billing or shipping or at(customer, "default_address")
    found = {
        "email": said.get("email") or said.get("contact_email") or customer.get("email"),
        "phone": said.get("phone")
        or customer.get("phone")
        or billing.get("phone")
        or shipping.get("phone"),
        "first_name": address.get("first_name") or customer.get("first_name"),
        "last_name": address.get("last_name") or customer.get("last_name"),
        "city": address.get("city"),
        "state": address.get("province_code") or address.get("province"),
        "zip": address.get("zip"),
        "country": address.get("country_code") or address.get("country"),
    }
    return {name: value for name, value in found.items() if value}
