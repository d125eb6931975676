"""BigCommerce's webhooks as neutral items (Webhook Events; Orders V2; Order Status).

A webhook names an order and no more: `{"scope": "store/order/updated", "data": {"type": "order",
"id": 250}, "producer": "stores/HASH", "created_at": 1561479335}`. It becomes a snapshot without
money, so that the order is there, `pending_order`, until its amounts come; a change of status
comes with the new status. Whoever looks the order up may send it on the same way, signed alike,
with the order of `GET /v2/orders/{id}` in `data` (its `products` and `coupons` as arrays, where
they were fetched), or in the neutral form with `"source": "bigcommerce"`. Events of carts,
products and customers are kept and filtered.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from processors.domain.payload import at, rows
from processors.gateway.refusal import Refused

_ORDERS: Final = "store/order/"
_STATUSES: Final = {
    0: "pending",  # incomplete
    1: "pending",  # pending
    2: "paid",  # shipped
    3: "paid",  # partially shipped
    4: "refunded",
    5: "cancelled",
    6: "cancelled",  # declined
    7: "pending",  # awaiting payment
    8: "paid",  # awaiting pickup
    9: "paid",  # awaiting shipment
    10: "paid",  # completed
    11: "paid",  # awaiting fulfillment
    12: "pending",  # manual verification required
    13: "charged_back",  # disputed
    14: "partially_refunded",
}


def neutral(said: Mapping[str, Any], account: str) -> dict[str, Any] | None:
    """The neutral item of a delivery; None when it is about no order.

    Raises:
        Refused: when another store than the account's produced it. One app signs for all its
            stores, so the signature does not tell them apart.
    """
    producer = said.get("producer")
    if type(producer) is not str or producer.lower() != f"stores/{account}":
        raise Refused("producer", "is not the store of the account")
    data = at(said, "data")
    order_id = data.get("id") if data.get("type") == "order" else None
    order_id = order_id or data.get("order_id")
    if not topic(said).startswith(_ORDERS) or not order_id:
        return None
    item = {"source": "bigcommerce", "order_id": order_id}
    if data.get("total_inc_tax") is not None:
        return _order(data) | item
    changed = at(data, "status").get("new_status_id")
    return item | {"updated_at": said.get("created_at"), "status": _status(changed)}


def topic(said: Mapping[str, Any]) -> str:
    """What happened."""
    scope = said.get("scope")
    return scope if type(scope) is str else ""


def _order(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ordered_at": _time(data.get("date_created")),
        "updated_at": _time(data.get("date_modified")),
        "status": _status(data.get("status_id")),
        # Amounts are in the currency that the buyer pays in.
        "currency": data.get("currency_code") or data.get("default_currency_code"),
        "revenue": data.get("total_inc_tax"),
        "refunded_amount": data.get("refunded_amount"),
        # A guest is customer 0.
        "customer_id": data.get("customer_id") or None,
        "discount_codes": [row.get("code") for row in rows(data, "coupons")],
        "line_items": [_line(row) for row in rows(data, "products")],
        "ip": data.get("ip_address"),
        "user_data": _details(at(data, "billing_address")),
    }


def _status(number: Any) -> str | None:
    return _STATUSES.get(number) if type(number) is int else None


def _time(text: Any) -> Any:
    """Orders V2 dates as mail does: Tue, 20 Nov 2012 00:00:00 +0000."""
    try:
        return parsedate_to_datetime(text).isoformat() if type(text) is str else text
    except ValueError:
        return text


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product_id": row.get("variant_id") or row.get("product_id") or row.get("sku"),
        "sku": row.get("sku"),
        "title": row.get("name"),
        "quantity": row.get("quantity"),
        "price": row.get("price_inc_tax"),
    }


def _details(billing: Mapping[str, Any]) -> dict[str, Any]:
    names = ("email", "phone", "first_name", "last_name", "city", "state", "zip")
    found = {name: billing.get(name) for name in names}
    found["country"] = billing.get("country_iso2") or billing.get("country")
    return {name: value for name, value in found.items() if value}
