"""Deliveries as a request of TikTok's Events API 1.3. Pure.

Email, phone (with its plus), names, postal code and external id go as SHA-256; click id, address
and agent go raw. City, state and country TikTok takes in clear alone, so they are left out.
"""

from collections.abc import Sequence
from typing import Final

import orjson

from processors.domain.event_names import platform_name
from processors.domain.hashing import sha256_hex
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.payload import amount, compact, order_reference, page_url
from processors.platforms.tiktok.settings import TikTokSettings
from schemas.delivery import Delivery
from schemas.envelope import Content, Json

PATH: Final = "/open_api/v1.3/event/track/"
HASHED: Final = {
    "email": "em",
    "phone": "ph_plus",
    "first_name": "fn",
    "last_name": "ln",
    "zip": "zp",
    "external_id": "external_id",
}
"""Details by the hash whose form is TikTok's."""
_NAMES: Final = {
    name: name if name != "zip" else "zip_code" for name in HASHED if name != "external_id"
}


def refusal(delivery: Delivery) -> str | None:
    """Why TikTok would never take it, or None."""
    try:
        event(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery], account: Account, *, settings: TikTokSettings, now_ms: int
) -> Request:
    """One request with these events."""
    body: Json = {
        "event_source": "web",
        "event_source_id": account.account_id,
        "data": [
            event(delivery, now_ms=now_ms, purchase_name=settings.purchase_name)
            for delivery in deliveries
        ],
    }
    if settings.test_event_code:
        body["test_event_code"] = settings.test_event_code
    return Request(
        url=f"{settings.base_url.rstrip('/')}{PATH}",
        body=orjson.dumps(body),
        headers={"access-token": account.secret("access_token")},
    )


def event(delivery: Delivery, *, now_ms: int, purchase_name: str = "Purchase") -> Json:
    """One web event; a future time is sent as now.

    Raises:
        Unsendable: if TikTok would refuse it, and its whole batch with it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"TikTok has no way to take a {delivery.kind}")
    name = platform_name(delivery.event_name, "tiktok")
    if not name:
        raise Unsendable("no event name")
    page = page_url(delivery)
    if not page:
        raise Unsendable("a web event needs the address of its page")
    person = user(delivery)
    if not person:
        raise Unsendable("nothing to match anybody by")
    worth = properties(delivery)
    if name == "Purchase" and not {"value", "currency"} <= worth.keys():
        raise Unsendable("a Purchase needs a value and a currency")
    return compact(
        {
            "event": purchase_name if name == "Purchase" else name,
            "event_time": min(delivery.occurred_at, now_ms) // 1000,
            "event_id": delivery.event_id,
            "user": person,
            "properties": worth,
            "page": compact({"url": page, "referrer": delivery.browser.referrer}),
        }
    )


def user(delivery: Delivery) -> Json:
    """What tells TikTok who it was. The join key of an email has the very form that TikTok hashes;
    that of a phone lacks the plus and says nothing there."""
    hashed, ids, browser = delivery.user_data.hashed, delivery.identifiers, delivery.browser
    fields: Json = {theirs: hashed.get(HASHED[ours]) for ours, theirs in _NAMES.items()}
    fields["email"] = fields["email"] or ids.email_sha256
    return compact(
        {
            **fields,
            "external_id": _external_ids(delivery),
            "ttclid": delivery.marketing.ttclid,
            "ttp": ids.ttp,
            "ip": browser.ip,
            "user_agent": browser.user_agent,
        }
    )


def properties(delivery: Delivery) -> Json:
    """What it was worth, and which products."""
    money: Json = {}
    if delivery.value is not None and delivery.currency:
        money = {"value": amount(delivery.value, delivery.currency), "currency": delivery.currency}
    contents = [
        line for line in (_content(c, delivery.currency) for c in delivery.contents) if line
    ]
    return money | compact(
        {
            "order_id": order_reference(delivery),
            "contents": contents,
            "content_type": "product" if contents else None,
        }
    )


def _content(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name:
        return None
    line = compact(
        {"content_id": name, "content_name": content.title, "quantity": content.quantity}
    )
    if content.price is not None and currency:
        line["price"] = amount(content.price, currency)
    return line


def _external_ids(delivery: Delivery) -> list[str]:
    """The shop's id of the person, else the customer's; and the visitor's. Case is kept."""
    ids = delivery.identifiers
    own = (ids.external_id or ids.customer_id or "").strip()
    shop = delivery.user_data.hashed.get("external_id") or (sha256_hex(own) if own else None)
    visitor = (delivery.visitor_id or "").strip()
    found = (shop, sha256_hex(visitor) if visitor else None)
    return list(dict.fromkeys(one for one in found if one))
