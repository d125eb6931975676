"""Synthetic stores that are not Shopify's: their webhooks, and how each signs them."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import orjson

from tests.unit.gateway.asking import ACCOUNTS, NOW, SECRET, Answer, Gateway

PATH = "/webhooks/ecommerce"


def woo_order(**changes: Any) -> dict[str, Any]:
    """A paid order, as order.updated carries it."""
    return {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "order_key": "wc_order_58d2d042d1d",
        "status": "processing",
        "currency": "USD",
        "date_created": "2026-09-01T13:28:02",
        "date_created_gmt": "2026-09-01T16:28:02",
        "date_modified": "2026-09-01T13:28:08",
        "date_modified_gmt": "2026-09-01T16:28:08",
        "date_paid_gmt": "2026-09-01T16:28:07",
        "discount_total": "5.00",
        "shipping_total": "10.00",
        "total": "29.35",
        "customer_id": 26,
        "customer_ip_address": "203.0.113.7",
        "customer_user_agent": "Mozilla/5.0",
        "billing": {
            "first_name": "Mary", "last_name": "Doe", "company": "", "address_1": "1 Main St",
            "city": "New York", "state": "NY", "postcode": "10001", "country": "US",
            "email": "Mary.Doe@example.com", "phone": "+14155550100",
        },
        "meta_data": [
            {"id": 1, "key": "_visitor_id", "value": "visitor-1"},
            {"id": 2, "key": "_fbp", "value": "fb.1.1596403881668.1116446470"},
            {"id": 3, "key": "creator", "value": "ada"},
            {"id": 4, "key": "_plugin", "value": {"any": ["shape"]}},
            {"id": 5, "key": "_wc_order_attribution_session_entry",
             "value": "https://store.example.com/shop/?gclid=Cj0"},
            {"id": 6, "key": "_wc_order_attribution_referrer", "value": "https://www.google.com/"},
        ],
        "line_items": [
            {"id": 315, "name": "Shoe", "product_id": 93, "variation_id": 94, "quantity": 2,
             "subtotal": "6.00", "total": "6.00", "sku": "", "price": 3},
            {"id": 316, "name": "Tea by weight", "product_id": 22, "variation_id": 0,
             "quantity": 0.5, "total": "12.00", "sku": "tea", "price": 23.995},
        ],
        "coupon_lines": [{"id": 7, "code": "spring10", "discount": "5"}],
        "refunds": [],
        **changes,
    }  # fmt: skip


def bigcommerce_event(
    scope: Any = "store/order/created", data: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """What BigCommerce sends: an order's id, or what else `data` has."""
    return {
        "scope": scope,
        "store_id": "1025646",
        "data": {"type": "order", "id": 250} | (data or {}),
        "hash": "dd70c0976e06b67aaf671e73f49dcb79230ebf9d",
        "created_at": 1_788_278_405,
        "producer": "stores/abc123",
        **changes,
    }


def bigcommerce_order(**changes: Any) -> dict[str, Any]:
    """An order of GET /v2/orders/{id}."""
    return {
        "id": 250,
        "customer_id": 11,
        "date_created": "Tue, 01 Sep 2026 16:00:00 +0000",
        "date_modified": "Tue, 01 Sep 2026 16:00:05 +0000",
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "total_inc_tax": "129.9000",
        "refunded_amount": "0.0000",
        "currency_code": "EUR",
        "default_currency_code": "USD",
        "ip_address": "203.0.113.7",
        "billing_address": {
            "first_name": "Mary", "last_name": "Doe", "city": "Berlin", "zip": "10115",
            "country": "Germany", "country_iso2": "DE", "email": "mary.doe@example.com",
        },
        "coupons": [{"id": 1, "code": "SPRING10"}],
        "products": [
            {"id": 1, "product_id": 7, "variant_id": 9, "sku": "hat", "name": "Hat",
             "quantity": 2, "price_inc_tax": "64.9500"},
        ],
        **changes,
    }  # fmt: skip


def woo_headers(
    raw: bytes,
    topic: str = "order.updated",
    *,
    secret: bytes = SECRET,
    source: str = "https://Store.Example.com/shop/",
) -> dict[str, str]:
    """As WooCommerce signs."""
    return {
        "content-type": "application/json",
        "user-agent": "WooCommerce/9.1 Hookshot (WordPress/6.6)",
        "X-WC-Webhook-Source": source,
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": topic.partition(".")[0],
        "X-WC-Webhook-Signature": base64.b64encode(_mac(raw, secret)).decode(),
        "X-WC-Webhook-ID": "1",
        "X-WC-Webhook-Delivery-ID": "7f3c",
    }


def bigcommerce_headers(
    raw: bytes,
    *,
    secret: bytes = SECRET,
    account: str = ACCOUNTS["bigcommerce"],
    at: int = NOW // 1_000,
) -> dict[str, str]:
    """As Standard Webhooks sign; the time is in epoch seconds."""
    name = "msg_1"
    signed = _mac(f"{name}.{at}.".encode() + raw, secret)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1a,other v1,{base64.b64encode(signed).decode()}",
        "X-Attributary-Account": account,
    }


def neutral_headers(
    raw: bytes, *, secret: bytes = SECRET, account: str = ACCOUNTS["ecommerce"]
) -> dict[str, str]:
    """As any other shop signs."""
    return {
        "content-type": "application/json",
        "X-Attributary-Account": account,
        "X-Attributary-Signature": _mac(raw, secret).hex(),
    }


SIGNERS: dict[str, Callable[..., dict[str, str]]] = {
    "woocommerce": woo_headers,
    "bigcommerce": bigcommerce_headers,
    "ecommerce": neutral_headers,
}


async def post(gateway: Gateway, sender: str, body: Any, *args: Any, **how: Any) -> Answer:
    """A signed delivery."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return await gateway.post(PATH, raw, key=None, headers=SIGNERS[sender](raw, *args, **how))


def _mac(raw: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, raw, hashlib.sha256).digest()
