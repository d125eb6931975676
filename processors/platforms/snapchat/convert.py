"""Deliveries as a request of Snapchat's Conversions API 3. Pure.

Details of people go as SHA-256 in the form of Snapchat's own pages (developers.snap.com,
Conversions-API, Parameters): a phone without its plus, an external id in lower case. Click id,
address and agent go raw. Its OpenAPI description has an event's value as a number, but quantity
and price of a line as text, and times in milliseconds are what it prefers.
"""

from collections.abc import Sequence
from typing import Final

import orjson

from processors.domain.event_names import platform_name
from processors.domain.hashing import sha256_hex
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.payload import (
    amount,
    amount_text,
    compact,
    hashed_person,
    order_reference,
    page_url,
)
from processors.platforms.snapchat.settings import SnapchatSettings
from schemas.delivery import Delivery
from schemas.envelope import Content, Json

HASHED: Final = ("em", "ph", "fn", "ln", "ct", "st", "zp", "country")
LIMITED: Final = "LMU"
"""What says that an event may be measured and not used to choose ads for the person."""


def refusal(delivery: Delivery) -> str | None:
    """Why Snapchat would never take it, or None."""
    try:
        event(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery],
    account: Account,
    *,
    token: str,
    settings: SnapchatSettings,
    now_ms: int,
) -> Request:
    """One request with these events; as Snapchat wants it, the token stands in the query."""
    place = f"{settings.base_url.rstrip('/')}/{settings.version}/{account.account_id}/events"
    return Request(
        url=f"{place}/validate" if settings.test_events else place,
        body=orjson.dumps({"data": [event(delivery, now_ms=now_ms) for delivery in deliveries]}),
        params={"access_token": token},
    )


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One event: of the web, or an offline one where no page is known. A future time is sent as
    now.

    Raises:
        Unsendable: if Snapchat would refuse it, and its whole batch with it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"Snapchat has no way to take a {delivery.kind}")
    name = platform_name(delivery.event_name, "snapchat")
    if not name:
        raise Unsendable("Snapchat takes no event of this name")
    person = user_data(delivery)
    if not (
        person.keys() & {"em", "ph"} or {"client_ip_address", "client_user_agent"} <= person.keys()
    ):
        raise Unsendable("needs an email, a phone, or both address and agent")
    custom = custom_data(delivery)
    if name == "PURCHASE" and not {"value", "currency"} <= custom.keys():
        raise Unsendable("a Purchase needs a value and a currency")
    limited, page = delivery.consent.ad_personalization == "denied", page_url(delivery)
    return compact(
        {
            "event_name": name,
            "event_time": min(delivery.occurred_at, now_ms),
            "event_id": delivery.event_id,
            "action_source": "WEB" if page else "OFFLINE",
            "event_source_url": page,
            "data_processing_options": [LIMITED] if limited and page else None,
            "user_data": person,
            "custom_data": custom,
        }
    )


def user_data(delivery: Delivery) -> Json:
    """What tells Snapchat who it was. The join keys have the very form that it hashes, so they
    stand in where the gateway's own forms are absent."""
    ids, browser = delivery.identifiers, delivery.browser
    return compact(
        {
            **hashed_person(delivery, HASHED),
            "external_id": _external_ids(delivery),
            "client_ip_address": browser.ip,
            "client_user_agent": browser.user_agent,
            "sc_click_id": delivery.marketing.sccid,
            "sc_cookie1": ids.scid,
        }
    )


def custom_data(delivery: Delivery) -> Json:
    """What it was worth, and which products."""
    money: Json = {}
    if delivery.value is not None and delivery.currency:
        money = {"value": amount(delivery.value, delivery.currency), "currency": delivery.currency}
    contents = [c for c in (_content(c, delivery.currency) for c in delivery.contents) if c]
    return money | compact(
        {
            "order_id": order_reference(delivery),
            "contents": contents,
            "content_ids": [content["id"] for content in contents],
            "num_items": sum(content.quantity for content in delivery.contents) or None,
        }
    )


def _content(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name:
        return None
    line: Json = {"id": name, "quantity": str(content.quantity)}
    if content.price is not None and currency:
        line["item_price"] = amount_text(content.price, currency)
    return line


def _external_ids(delivery: Delivery) -> list[str]:
    """The shop's id of the person, else the customer's; and the visitor's."""
    hashed, ids = delivery.user_data.hashed, delivery.identifiers
    shop = hashed.get("external_id_lower") or hashed.get("external_id")
    own = shop or _hash(ids.external_id or ids.customer_id)
    return list(dict.fromkeys(one for one in (own, _hash(delivery.visitor_id)) if one))


def _hash(value: str | None) -> str | None:
    text = (value or "").strip().lower()
    return sha256_hex(text) if text else None
