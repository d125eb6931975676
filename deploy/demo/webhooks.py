"""Orders as Shopify's webhooks send them; each (topic, when, body) is one delivery."""

from typing import Any, NamedTuple

from deploy.demo.clock import local
from deploy.demo.people import HOUR, MINUTE
from deploy.demo.purchases import Purchase
from deploy.demo.shops import Shop

Json = dict[str, Any]


class Webhook(NamedTuple):
    """A delivery, before it is signed."""

    topic: str
    at: int
    body: Json


def webhooks(shop: Shop, purchase: Purchase, *, now: int) -> list[Webhook]:
    """What Shopify sends of one order over its life."""
    at = purchase.at
    later = min(at + 3 * HOUR, now - 1_000)
    match purchase.fate:
        case "pending_first":
            pending = _order(shop, purchase, at=at, status="pending")
            paid = _order(shop, purchase, at=at + 20 * MINUTE, status="paid")
            return [
                Webhook("orders/create", at, pending),
                Webhook("orders/paid", at + 20 * MINUTE, paid),
            ]
        case "updated":
            changed = _order(shop, purchase, at=later, status="paid") | {"note": "gift wrap"}
            return [_paid(shop, purchase), Webhook("orders/updated", later, changed)]
        case "refunded_partly" | "refunded":
            return [_paid(shop, purchase), _refund(shop, purchase, at=later)]
        case "cancelled":
            gone = _order(shop, purchase, at=later, status="voided")
            gone["cancelled_at"] = local(later, shop.time_zone)
            return [_paid(shop, purchase), Webhook("orders/cancelled", later, gone)]
        case "test":
            trial = _order(shop, purchase, at=at, status="paid") | {"test": True}
            return [Webhook("orders/paid", at, trial)]
        case "paid":
            return [_paid(shop, purchase)]


def _paid(shop: Shop, purchase: Purchase) -> Webhook:
    return Webhook(
        "orders/paid", purchase.at, _order(shop, purchase, at=purchase.at, status="paid")
    )


def _order(shop: Shop, purchase: Purchase, *, at: int, status: str) -> Json:
    number = int(purchase.order_id)
    placed, customer = local(purchase.at, shop.time_zone), purchase.customer
    last = purchase.visitor.visits[-1].landing
    notes = [{"name": "_fbp", "value": purchase.visitor.fbp}]
    if purchase.carries_visitor:
        notes.append({"name": "_visitor_id", "value": purchase.visitor.id})
    names = {"first_name": customer.first_name, "last_name": customer.last_name}
    address = names | {
        "city": "Springfield",
        "province_code": "NY",
        "zip": "10001",
        "country_code": "US",
    }
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{number % 100_000}",
        "currency": purchase.currency,
        "total_price": shop.amount(purchase.total),
        "financial_status": status,
        "test": False,
        "email": customer.email,
        "phone": customer.phone,
        "browser_ip": purchase.visitor.ip,
        "client_details": {
            "user_agent": purchase.visitor.user_agent,
            "browser_ip": purchase.visitor.ip,
        },
        "checkout_token": purchase.checkout,
        "landing_site": f"/?{last.query}" if last.query else "/",
        "referring_site": last.referrer,
        "source_name": "web",
        "note_attributes": notes,
        "line_items": [
            {
                "id": number + index,
                "product_id": product.id,
                "variant_id": product.id,
                "sku": product.sku,
                "title": product.title,
                "quantity": quantity,
                "price": shop.amount(product.price),
            }
            for index, (product, quantity) in enumerate(purchase.basket)
        ],
        "discount_codes": [{"code": purchase.code, "amount": "0.00", "type": "percentage"}]
        if purchase.code
        else [],
        "customer": {"id": int(customer.id), "email": customer.email, **names},
        "billing_address": address,
        "created_at": placed,
        "processed_at": placed,
        "updated_at": local(at, shop.time_zone),
    }


def _refund(shop: Shop, purchase: Purchase, *, at: int) -> Webhook:
    whole = purchase.fate == "refunded"
    amount = purchase.total if whole else purchase.basket[0][0].price // 2
    number = int(purchase.order_id)
    moved = {
        "id": number + 7,
        "kind": "refund",
        "status": "success",
        "amount": shop.amount(amount),
        "currency": purchase.currency,
    }
    body = {
        "id": number + 5,
        "order_id": number,
        "created_at": local(at, shop.time_zone),
        "processed_at": local(at, shop.time_zone),
        "transactions": [moved],
        "refund_line_items": [],
    }
    return Webhook("refunds/create", at, body)
