"""What a visitor's browser, and the servers behind it, post: touches and pixel events."""

from random import Random
from typing import Any, Final

from deploy.demo.clock import utc
from deploy.demo.people import HOUR, MINUTE, Visit, Visitor
from deploy.demo.purchases import Purchase
from deploy.demo.shops import Shop

Json = dict[str, Any]

DENIED: Final = {"ad_storage": "denied", "ad_user_data": "denied", "analytics_storage": "granted"}
_PAGES: Final = ("/", "/collections/summer", "/products/straw-hat", "/pages/about")


def touch(rng: Random, shop: Shop, visitor: Visitor, visit: Visit) -> Json:
    """A visit, or an ad view, as `/v1/touchpoints` takes it."""
    body = _seen(shop, visitor, visit)
    body["event_id"] = f"t-{visit.session_id}"
    if visit.landing.view:
        body["type"] = "view"
    if visitor.device_id:
        body["identifiers"] = {**body["identifiers"], "device_id": visitor.device_id}
    if visitor.denied:
        body["consent"] = DENIED
    if rng.random() < 0.1:
        body["properties"] = {"experiment": rng.choice("ab"), "scroll": rng.randint(0, 100)}
    return body | visit.landing.server


def page_view(shop: Shop, visitor: Visitor, visit: Visit) -> Json:
    """The same arrival, told by the pixel: a page view that is a touch, too."""
    body = _seen(shop, visitor, visit)
    return body | {
        "event_id": f"pv-{visit.session_id}",
        "event_name": "PageView",
        "session_start": True,
    }


def _seen(shop: Shop, visitor: Visitor, visit: Visit) -> Json:
    body: Json = {
        "visitor_id": visitor.id,
        "session_id": visit.session_id,
        "occurred_at": utc(visit.at),
        "url": visit.landing.url(shop.host, _PAGES[visit.at % len(_PAGES)]),
        "user_agent": visitor.user_agent,
        "ip": visitor.ip,
        "identifiers": {"fbp": visitor.fbp},
    }
    if visit.landing.referrer:
        body["referrer"] = visit.landing.referrer
    return body


def shopping(rng: Random, shop: Shop, visitor: Visitor, visit: Visit) -> list[Json]:
    """What the pixel sees of a session after the arrival: looking, searching, filling the cart."""
    events: list[Json] = []
    product = rng.choice(shop.products)
    names = ["ViewContent"]
    names += ["Search"] if rng.random() < 0.2 else []
    names += ["AddToCart"] if rng.random() < 0.35 else []
    names += ["SizeGuideOpened"] if rng.random() < 0.05 else []
    for step, name in enumerate(names, start=1):
        event: Json = {
            "event_id": f"e-{visit.session_id}-{step}",
            "event_name": name,
            "visitor_id": visitor.id,
            "session_id": visit.session_id,
            "occurred_at": visit.at + step * MINUTE,
            "url": f"https://{shop.host}/products/{product.id}",
            "user_agent": visitor.user_agent,
            "ip": visitor.ip,
            "value": shop.amount(product.price),
            "currency": shop.currency,
            "contents": [
                {"id": str(product.id), "quantity": 1, "price": shop.amount(product.price)}
            ],
        }
        events.append(event | ({"consent": DENIED} if visitor.denied else {}))
    return events


def checkout(shop: Shop, purchase: Purchase) -> list[Json]:
    """The checkout as a pixel of our own tells it to `/v1/events`."""
    common: Json = {
        "visitor_id": purchase.visitor.id,
        "checkout_id": purchase.checkout,
        "url": f"https://{shop.host}/checkout",
        "user_agent": purchase.visitor.user_agent,
        "ip": purchase.visitor.ip,
        "value": shop.amount(purchase.total),
        "currency": purchase.currency,
    }
    start, done = purchase.at - 2 * MINUTE, purchase.at + 1_500
    ids = {"email": purchase.customer.email, "customer_id": purchase.customer.id}
    return [
        common
        | {
            "event_id": f"ic-{purchase.checkout}",
            "event_name": "InitiateCheckout",
            "occurred_at": utc(start),
        },
        common
        | {
            "event_id": f"pu-{purchase.checkout}",
            "event_name": "Purchase",
            "occurred_at": utc(done),
            "order_id": purchase.order_id,
            "identifiers": ids,
        },
    ]


def envelopes(shop: Shop, purchase: Purchase) -> list[Json]:
    """The checkout as Shopify's web pixel tells it to `/api/events/checkout`."""
    start = purchase.at - 2 * MINUTE
    steps = (("checkout_started", start), ("payment_info_submitted", start + MINUTE))
    found = [_envelope(shop, purchase, name=name, at=at) for name, at in steps]
    done = _envelope(shop, purchase, name="checkout_completed", at=purchase.at + 1_500)
    done["data"]["checkout"]["order"] = {
        "id": f"gid://shopify/Order/{purchase.order_id}",
        "customer": {"id": f"gid://shopify/Customer/{purchase.customer.id}", "isFirstOrder": True},
    }
    return [*found, done]


def _envelope(shop: Shop, purchase: Purchase, *, name: str, at: int) -> Json:
    money = {"amount": purchase.total / 100, "currencyCode": purchase.currency}
    step = name.rpartition("_")[2]
    return {
        "id": f"sh-{purchase.checkout}-{step}",
        "name": name,
        "type": "standard",
        "seq": at // HOUR % 50,
        "timestamp": utc(at),
        "clientId": purchase.visitor.id,
        "context": {
            "document": {
                "location": {"href": f"https://{shop.host}/checkouts/cn/{purchase.checkout}"},
                "referrer": "",
                "title": "Checkout",
            },
            "navigator": {"userAgent": purchase.visitor.user_agent, "language": shop.locale},
        },
        "data": {
            "checkout": {
                "token": purchase.checkout,
                "order": None,
                "currencyCode": purchase.currency,
                "email": purchase.customer.email,
                "phone": purchase.customer.phone,
                "totalPrice": money,
                "lineItems": [
                    {
                        "id": str(product.id),
                        "title": product.title,
                        "quantity": quantity,
                        "variant": {
                            "id": f"gid://shopify/ProductVariant/{product.id}",
                            "sku": product.sku,
                            "price": {
                                "amount": product.price / 100,
                                "currencyCode": purchase.currency,
                            },
                            "product": {"id": str(product.id), "title": product.title},
                        },
                    }
                    for product, quantity in purchase.basket
                ],
                "attributes": [{"key": "_fbp", "value": purchase.visitor.fbp}],
            }
        },
    }
