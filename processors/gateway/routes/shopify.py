"""`POST /api/webhooks/shopify/{topic}`: orders and refunds as Shopify signs and sends them.

The signature is checked before a handler sees the body (`signatures.py`). Ids are integers
beyond 2^53 and stay exact.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.gateway import attributes
from processors.gateway.canonical import canonical, content_hash, without_nul
from processors.gateway.door import Accepted, Door
from processors.gateway.payload import at, rows
from processors.gateway.records import accepted
from processors.gateway.registry import Outcome, handler, plain_answer
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
_LONGEST_TOPIC: Final = 100
_STATUSES: Final = {
    "pending": "pending",
    "authorized": "pending",
    "expired": "cancelled",
    "partially_paid": "paid",
    "paid": "paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "cancelled",
}


def _answer(outcome: Outcome, door: Door) -> dict[str, Any]:
    answer = plain_answer(outcome, door)
    if door.topic != REFUND and door.topic not in ORDER_TOPICS:
        answer["filtered"] = "unknown_topic"
    return answer


@handler("/api/webhooks/shopify/", single=True, signed="shopify", answer=_answer)
def webhook(item: dict[str, Any], door: Door) -> Accepted:
    """Take Shopify's order and refund webhooks; what else it sends is kept, and filtered later."""
    said = without_nul(item)
    if door.topic == REFUND:
        return snapshot(said, _from_refund(said), door)
    if door.topic in ORDER_TOPICS and "id" in said:
        return snapshot(said, _from_order(said), door)
    return _unknown(said, door)


def _unknown(said: dict[str, Any], door: Door) -> Accepted:
    """The body, sealed: nobody knows which of its fields are personal."""
    body = canonical(said)
    name = content_hash(said, body)
    record = {
        "tenant_id": door.tenant,
        "source": "shopify",
        "order_id": f"webhook-{name}",
        "event_id": name,
        "content_hash": name,
        "received_at": door.received_at,
        "unknown_topic": door.topic[:_LONGEST_TOPIC],
        "user_data": {"sealed": door.sealer.seal(door.tenant, {"body": body.decode()})},
    }
    return accepted("orders.v1", record, door)


def _from_order(said: Mapping[str, Any]) -> dict[str, Any]:
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
        "status": _status(said),
        "test": said.get("test"),
        "currency": said.get("currency"),
        "revenue": said.get("total_price"),
        "refunds": [_refund(row) for row in rows(said, "refunds")],
        "checkout_id": said.get("checkout_token"),
        "discount_codes": [row.get("code") for row in rows(said, "discount_codes")],
        "line_items": [_line(row) for row in rows(said, "line_items")],
        "url": said.get("landing_site"),
        "referrer": said.get("referring_site"),
        "ip": said.get("browser_ip") or client.get("browser_ip"),
        "user_agent": client.get("user_agent"),
        "user_data": _details(said, customer),
    }
    return item


def _from_refund(said: Mapping[str, Any]) -> dict[str, Any]:
    """A refund alone: a snapshot that knows nothing else of its order."""
    refunded_at = said.get("processed_at") or said.get("created_at")
    return {
        "source": "shopify",
        "order_id": said.get("order_id"),
        "updated_at": refunded_at,
        "status": None,
        "currency": _refund_currency(said),
        "refunds": [_refund(said)],
    }


def _status(said: Mapping[str, Any]) -> str | None:
    if said.get("cancelled_at"):
        return "cancelled"
    status = said.get("financial_status")
    return _STATUSES.get(status) if type(status) is str else None


def _refund(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "refund_id": row.get("id"),
        "amount": _refunded(row),
        "refunded_at": row.get("processed_at") or row.get("created_at"),
    }


def _refunded(row: Mapping[str, Any]) -> str:
    """What was paid back; when no money moved yet, the lines' value."""
    paid = [
        move.get("amount")
        for move in rows(row, "transactions")
        if move.get("kind") == "refund" and move.get("status") == "success"
    ]
    if paid:
        return _sum(paid)
    return _sum(
        amount
        for line in rows(row, "refund_line_items")
        for amount in (line.get("subtotal"), line.get("total_tax"))
    )


def _refund_currency(said: Mapping[str, Any]) -> Any:
    for move in rows(said, "transactions"):
        if move.get("currency"):
            return move["currency"]
    for line in rows(said, "refund_line_items"):
        shop = at(line, "subtotal_set", "shop_money")
        if shop.get("currency_code"):
            return shop["currency_code"]
    return None


def _sum(amounts: Any) -> str:
    total = Decimal(0)
    for amount in amounts:
        try:
            value = Decimal(str(amount)) if amount is not None else Decimal(0)
        except InvalidOperation:
            continue
        if value.is_finite():
            total += value
    return f"{total:f}"[:60]


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
