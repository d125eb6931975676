"""Deliveries as a request of Meta's Conversions API. Pure.

Details of people arrive hashed in Meta's own form; click ids, cookies, address and agent go raw,
as the vendor demands. A future time is sent as now, since one such event would have the whole
request refused.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import orjson

from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.payload import amount, compact, hashed_person, order_reference, page_url
from schemas.delivery import Delivery
from schemas.envelope import Content, Json

HASHED: Final = ("em", "ph", "fn", "ln", "ct", "st", "zp", "country", "db", "ge")

# Any subset of one of these says too little about a person, and the event is refused.
_TOO_WEAK: Final = (
    {"ct", "country", "st", "zp", "ge", "client_user_agent"},
    {"db", "client_user_agent"},
    {"fn", "ge"},
    {"ln", "ge"},
)
_FBC: Final = re.compile(r"^fb\.\d\.\d+\.([^.]+)")
_FBP: Final = re.compile(r"^fb\.\d\.\d+\.\d+")


def refusal(delivery: Delivery) -> str | None:
    """Why Meta would never take it, or None."""
    try:
        event(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery], account: Account, *, settings: MetaSettings, now_ms: int
) -> Request:
    """One request with these events."""
    body: Json = {"data": [event(delivery, now_ms=now_ms) for delivery in deliveries]}
    if settings.test_event_code:
        body["test_event_code"] = settings.test_event_code
    return Request(
        url=f"{settings.base_url.rstrip('/')}/{settings.version}/{account.account_id}/events",
        body=orjson.dumps(body),
        headers={"authorization": f"Bearer {account.secret('access_token')}"},
    )


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One server event.

    Raises:
        Unsendable: if Meta would refuse it, and its whole batch with it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"Meta has no way to take a {delivery.kind}")
    if not delivery.event_name:
        raise Unsendable("no event name")
    person = user_data(delivery)
    if any(person.keys() <= weak for weak in _TOO_WEAK):
        raise Unsendable("too little customer information to match anybody")
    custom = custom_data(delivery)
    if delivery.event_name == "Purchase" and not {"value", "currency"} <= custom.keys():
        raise Unsendable("a Purchase needs a value and a currency")
    return compact(
        {
            "event_name": delivery.event_name,
            "event_time": min(delivery.occurred_at, now_ms) // 1000,
            "event_id": delivery.event_id,
            "action_source": "website",
            "event_source_url": page_url(delivery),
            "referrer_url": delivery.browser.referrer,
            "opt_out": delivery.consent.ad_personalization == "denied" or None,
            "user_data": person,
            "custom_data": custom,
        }
    )


def user_data(delivery: Delivery) -> Json:
    """What tells Meta who it was. The join keys have the very form that Meta hashes, so they
    stand in where the gateway's own forms are absent."""
    ids, browser = delivery.identifiers, delivery.browser
    return compact(
        {
            **hashed_person(delivery, HASHED),
            "external_id": _external_ids(delivery),
            "client_ip_address": browser.ip,
            "client_user_agent": browser.user_agent,
            "fbc": fbc(delivery),
            "fbp": ids.fbp if ids.fbp and _FBP.match(ids.fbp) else None,
        }
    )


def fbc(delivery: Delivery) -> str | None:
    """The `_fbc` cookie, unless a newer click id came with the event; then, and without a
    cookie, it is built from the click id, whose case and characters stay as they are."""
    cookie, fbclid = delivery.identifiers.fbc, delivery.marketing.fbclid
    known = _FBC.match(cookie) if cookie else None
    if known and (not fbclid or known.group(1) == fbclid):
        return cookie
    return f"fb.1.{delivery.occurred_at}.{fbclid}" if fbclid else None


def custom_data(delivery: Delivery) -> Json:
    """What it was worth, and which products."""
    money: Json = {}
    if delivery.value is not None and delivery.currency:
        money = {"value": amount(delivery.value, delivery.currency), "currency": delivery.currency}
    contents = [c for c in (_content(c, delivery.currency) for c in delivery.contents) if c]
    return {
        **money,
        **compact(
            {
                "order_id": order_reference(delivery),
                "contents": contents,
                "content_ids": [content["id"] for content in contents],
                "content_type": "product" if contents else None,
                "num_items": sum(content.quantity for content in delivery.contents) or None,
            }
        ),
    }


def _content(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name:
        return None
    line: Json = {"id": name, "quantity": content.quantity}
    if content.price is not None and currency:
        line["item_price"] = amount(content.price, currency)
    return line


def _external_ids(delivery: Delivery) -> list[str]:
    """The shop's id of the person, else the customer's; and the visitor's."""
    hashed, ids = delivery.user_data.hashed, delivery.identifiers
    own = hashed.get("external_id") or _hash(ids.external_id or ids.customer_id)
    return list(dict.fromkeys(x for x in (own, _hash(delivery.visitor_id)) if x))


def _hash(value: str | None) -> str | None:
    text = (value or "").strip().lower()
    return hashlib.sha256(text.encode()).hexdigest() if text else None
