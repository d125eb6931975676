"""WooCommerce's orders as neutral items (WooCommerce REST API v3, Orders and Webhooks).

An `order.*` webhook carries the whole order, but for `order.deleted`, which has only its id. Ids
are unique within a store. `total` stays what was charged; refunds are listed with negative
totals. Times end in `_gmt`. Visitor and click ids come in `meta_data`, under the names of
`attributes.py`; landing page and referrer from WooCommerce's own order attribution.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.payload import at, rows
from processors.gateway import attributes

TOPICS: Final = frozenset({"order.created", "order.updated", "order.restored", "order.deleted"})
_STATUSES: Final = {
    "auto-draft": "pending",
    "checkout-draft": "pending",
    "pending": "pending",
    "on-hold": "pending",
    "processing": "paid",
    "completed": "paid",
    "refunded": "refunded",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
}
"""Order properties, `status`. A failed payment may be tried again: then a later status wins."""
_LANDING: Final = {
    "_wc_order_attribution_session_entry": "url",
    "_wc_order_attribution_referrer": "referrer",
}


def neutral(said: Mapping[str, Any], topic: str) -> dict[str, Any] | None:
    """The neutral item of a delivery; None when it is about no order."""
    if topic not in TOPICS or not said.get("id"):
        return None
    if topic == "order.deleted":
        return {"source": "woocommerce", "order_id": said["id"], "status": "cancelled"}
    return _order(said)


def _order(said: Mapping[str, Any]) -> dict[str, Any]:
    meta = [(row.get("key"), row.get("value")) for row in rows(said, "meta_data")]
    item = attributes.read(meta)
    for key, value in meta:
        if type(key) is str and type(value) is str and key in _LANDING:
            item[_LANDING[key]] = value
    # A guest is customer 0.
    item.setdefault("identifiers", {})["customer_id"] = said.get("customer_id") or None
    return item | {
        "source": "woocommerce",
        "order_id": said.get("id"),
        "ordered_at": said.get("date_created_gmt"),
        "updated_at": said.get("date_modified_gmt"),
        "paid_at": said.get("date_paid_gmt"),
        "status": _status(said),
        "currency": said.get("currency"),
        "revenue": said.get("total"),
        "refunds": [
            {"refund_id": row.get("id"), "amount": str(row["total"]).removeprefix("-")}
            for row in rows(said, "refunds")
            if row.get("id") and row.get("total")
        ],
        "discount_codes": [row.get("code") for row in rows(said, "coupon_lines")],
        "line_items": [_line(row) for row in rows(said, "line_items")],
        "ip": said.get("customer_ip_address"),
        "user_agent": said.get("customer_user_agent"),
        "user_data": _details(at(said, "billing")),
    }


def _status(said: Mapping[str, Any]) -> str:
    """A status that a plugin has added is of a sale once the order has been paid."""
    status = said.get("status")
    known = _STATUSES.get(status) if type(status) is str else None
    return known or ("paid" if said.get("date_paid_gmt") else "pending")


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    quantity, price = row.get("quantity"), row.get("price")
    return {
        # Plugins sell by weight, and take away from the price; such a number is not ours.
        "product_id": row.get("variation_id") or row.get("product_id") or row.get("sku"),
        "sku": row.get("sku"),
        "title": row.get("name"),
        "quantity": quantity if type(quantity) is int and quantity >= 0 else None,
        "price": None if str(price).startswith("-") else price,
    }


def _details(billing: Mapping[str, Any]) -> dict[str, Any]:
    names = ("email", "phone", "first_name", "last_name", "city", "state", "country")
    found = {name: billing.get(name) for name in names} | {"zip": billing.get("postcode")}
    return {name: value for name, value in found.items() if value}
