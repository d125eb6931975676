"""A synthetic Shopify shop: its webhooks, signed, and its checkout pixel."""

import base64
import hashlib
import hmac
from typing import Any

import orjson

from tests.unit.gateway.asking import SECRET, SHOP, Answer, Gateway

BIG = 820_982_911_946_154_508


def order_webhook(**changes: Any) -> dict[str, Any]:
    """A paid order."""
    return {
        "id": BIG,
        "currency": "USD",
        "total_price": "129.90",
        "financial_status": "paid",
        "created_at": "2026-09-01T11:59:58-04:00",
        "processed_at": "2026-09-01T12:00:00-04:00",
        "updated_at": "2026-09-01T12:00:05-04:00",
        "cancelled_at": None,
        "test": False,
        "email": "Mary.Doe@example.com",
        "phone": None,
        "browser_ip": "203.0.113.7",
        "landing_site": "/products/hat?fbclid=IwAR1&email=mary.doe@example.com",
        "referring_site": "https://www.example.com/",
        "checkout_token": "tok-1",
        "client_details": {"user_agent": "Mozilla/5.0", "browser_ip": "203.0.113.7"},
        "note_attributes": [
            {"name": "_visitor_id", "value": "visitor-1"},
            {"name": "Session_ID", "value": "session-1"},
            {"name": "_FBP", "value": "fb.1.1596403881668.1116446470"},
            {"name": "_meta_external_id", "value": "external-1"},
            {"name": "_ga4_client_id", "value": "111.222"},
            {"name": "fbclid", "value": "IwAR1"},
        ],
        "line_items": [
            {"id": 1, "product_id": 7, "variant_id": 9, "sku": "sku-1", "quantity": 2,
             "price": "64.95", "title": "Hat"},
            {"id": 2, "product_id": None, "variant_id": None, "sku": "gift", "quantity": 1,
             "price": "0.00", "title": "Card"},
        ],
        "discount_codes": [{"code": "TEN", "amount": "10.00", "type": "fixed_amount"}],
        "refunds": [],
        "customer": {"id": 115_310_627_314_723_954, "email": "mary.doe@example.com",
                     "first_name": "Mary", "last_name": "Doe"},
        "billing_address": {"first_name": "Mary", "last_name": "Doe", "city": "New York",
                            "province_code": "NY", "country_code": "US", "zip": "10001",
                            "phone": "+14155550100"},
        **changes,
    }  # fmt: skip


def refund_webhook(**changes: Any) -> dict[str, Any]:
    """A refund of it."""
    return {
        "id": 509_562_969,
        "order_id": BIG,
        "created_at": "2026-09-03T12:00:00-04:00",
        "processed_at": "2026-09-03T12:00:01-04:00",
        "transactions": [
            {"kind": "refund", "status": "success", "amount": "29.90", "currency": "USD"},
            {"kind": "refund", "status": "failure", "amount": "99.00", "currency": "USD"},
        ],
        **changes,
    }


def edit_webhook(**changes: Any) -> dict[str, Any]:
    """An edit of it: what was added and removed, by line id."""
    edit = {
        "app_id": None,
        "created_at": "2026-09-02T09:00:00-04:00",
        "id": 78_912_328_793,
        "notify_customer": False,
        "order_id": BIG,
        "shop_id": None,
        "staff_note": "one more hat",
        "user_id": None,
        "committed_at": "2026-09-02T09:00:04-04:00",
        "line_items": {
            "additions": [{"id": 78_643_924_236_718, "delta": 1}],
            "removals": [{"id": 866_550_311_766_439_020, "delta": 1}],
        },
        "discounts": {"line_item": {"additions": [], "removals": []}},
        "shipping_lines": {"additions": [], "removals": []},
        **changes,
    }
    return {"order_edit": edit}


def dispute_webhook(**changes: Any) -> dict[str, Any]:
    """A chargeback of it."""
    return {
        "id": 285_332_461_850_802_050,
        "order_id": BIG,
        "type": "chargeback",
        "amount": "129.90",
        "currency": "USD",
        "reason": "fraudulent",
        "network_reason_code": "4837",
        "status": "under_review",
        "evidence_due_by": "2026-09-20T19:00:00-04:00",
        "evidence_sent_on": None,
        "finalized_on": None,
        "initiated_at": "2026-09-05T19:00:00-04:00",
        **changes,
    }


def envelope(**changes: Any) -> dict[str, Any]:
    """The pixel's checkout_completed."""
    return {
        "id": "sh-1",
        "name": "checkout_completed",
        "type": "standard",
        "seq": 12,
        "timestamp": "2026-09-01T16:00:00.123Z",
        "clientId": "client-1",
        "context": {
            "document": {
                "location": {"href": "https://shop.example/checkouts/cn/abc/thank-you"},
                "referrer": "",
            },
            "navigator": {"userAgent": "Mozilla/5.0"},
        },
        "data": {
            "checkout": {
                "token": "tok-1",
                "order": {"id": f"gid://shopify/Order/{BIG}",
                          "customer": {"id": "gid://shopify/Customer/5"}},
                "currencyCode": "USD",
                "email": "mary.doe@example.com",
                "totalPrice": {"amount": 129.9, "currencyCode": "USD"},
                "lineItems": [
                    {"id": "1", "title": "Hat", "quantity": 2,
                     "variant": {"id": "gid://shopify/ProductVariant/9", "sku": "sku-1",
                                 "price": {"amount": 64.95, "currencyCode": "USD"}}}
                ],
                "attributes": [{"key": "_fbp", "value": "fb.1.2.3"},
                               {"key": "visitor_id", "value": "visitor-1"}],
                "billingAddress": {"firstName": "Mary", "countryCode": "US", "zip": "10001"},
            }
        },
        **changes,
    }  # fmt: skip


def signature(body: bytes, secret: bytes = SECRET) -> str:
    """As Shopify signs."""
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()


async def post_webhook(
    gateway: Gateway,
    topic: str,
    body: Any,
    *,
    secret: bytes = SECRET,
    family: str = "x-shopify-",
    shop: str = SHOP,
) -> Answer:
    """A signed delivery."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {
        f"{family}hmac-sha256": signature(raw, secret),
        f"{family}shop-domain": shop,
        f"{family}topic": topic,
        "content-type": "application/json",
    }
    return await gateway.post(f"/api/webhooks/shopify/{topic}", raw, key=None, headers=headers)
