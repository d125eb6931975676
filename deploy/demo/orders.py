"""Orders in the neutral form, as a shop of one's own posts them to `/v1/orders`."""

from typing import Any

from deploy.demo.browsing import DENIED
from deploy.demo.clock import utc
from deploy.demo.people import HOUR, MINUTE
from deploy.demo.purchases import Purchase
from deploy.demo.shops import Shop

Json = dict[str, Any]


def orders(shop: Shop, purchase: Purchase, *, now: int) -> list[tuple[int, Json]]:
    """The snapshots of one order, each with its time."""
    at, first = purchase.at, _order(shop, purchase)
    later = min(at + 3 * HOUR, now - 1_000)
    stamp = {"updated_at": utc(later)}
    match purchase.fate:
        case "pending_first":
            paid_at = at + 20 * MINUTE
            paid = first | {"updated_at": utc(paid_at)}
            return [(at, first | {"status": "pending"}), (paid_at, paid)]
        case "updated":
            return [(at, first), (later, first | stamp | {"discount_codes": ["LOYAL"]})]
        case "refunded_partly":
            amount = shop.amount(purchase.basket[0][0].price // 2)
            refund = {"refund_id": f"r-{purchase.order_id}", "amount": amount}
            return [(at, first), (later, first | stamp | {"refunds": [refund]})]
        case "refunded":
            gone = {"status": "refunded", "refunded_amount": first["revenue"]}
            return [(at, first), (later, first | stamp | gone)]
        case "cancelled":
            return [(at, first), (later, first | stamp | {"status": "cancelled"})]
        case "paid" | "test":
            return [(at, first)]


def _order(shop: Shop, purchase: Purchase) -> Json:
    customer = purchase.customer
    body: Json = {
        "order_id": purchase.order_id,
        "ordered_at": utc(purchase.at),
        "updated_at": utc(purchase.at),
        "revenue": shop.amount(purchase.total),
        "currency": purchase.currency,
        "customer_id": customer.id,
        "identifiers": {"email": customer.email},
        "line_items": [
            {
                "product_id": str(product.id),
                "sku": product.sku,
                "title": product.title,
                "quantity": quantity,
                "price": shop.amount(product.price),
            }
            for product, quantity in purchase.basket
        ],
    }
    if customer.phone:
        body["identifiers"]["phone"] = customer.phone
    if purchase.carries_visitor:
        body["visitor_id"] = purchase.visitor.id
    if purchase.code:
        body["discount_codes"] = [purchase.code]
    if customer.denied:
        body["consent"] = DENIED
    return body
