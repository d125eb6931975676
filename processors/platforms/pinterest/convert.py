"""Deliveries as a request of Pinterest's Conversions API 5. Pure.

Fields and their types are those of its OpenAPI description (github pinterest/api-description,
v5/openapi.yaml), which takes no field that it does not know: money as text, times in seconds,
details of people as lists of SHA-256. Its example hashes contradict its words, which we follow:
names trimmed and in lower case, postal codes of digits alone. Click id, address and agent go raw.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from processors.domain.event_names import platform_name
from processors.domain.hashing import sha256_hex
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.payload import amount_text, compact, order_reference, page_url
from processors.platforms.pinterest.settings import PinterestSettings
from schemas.delivery import Delivery
from schemas.envelope import Content, Json

HASHED: Final = {
    "em": ("em",),
    "ph": ("ph",),
    "fn": ("fn_google", "fn"),
    "ln": ("ln_google", "ln"),
    "ct": ("ct",),
    "st": ("st",),
    "country": ("country",),
}
"""Pinterest's fields by our hashes, the one whose form is Pinterest's before the one that a caller
gives who hashed the detail."""
LIMITED: Final = "LDP"
"""What says that an event is of somebody who wants limited data processing."""


def refusal(delivery: Delivery) -> str | None:
    """Why Pinterest would never take it, or None."""
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
    settings: PinterestSettings,
    now_ms: int,
) -> Request:
    """One request with these events."""
    base, account_id = settings.base_url.rstrip("/"), account.account_id
    return Request(
        url=f"{base}/{settings.version}/ad_accounts/{account_id}/events",
        body=orjson.dumps({"data": [event(delivery, now_ms=now_ms) for delivery in deliveries]}),
        headers={"authorization": f"Bearer {token}"},
        params={"test": "true"} if settings.test else {},
    )


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One web event; a future time is sent as now. It is never called an offline one, of which
    Pinterest does not know a second for the same.

    Raises:
        Unsendable: if Pinterest would refuse it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"Pinterest has no way to take a {delivery.kind}")
    name = platform_name(delivery.event_name, "pinterest") if delivery.event_name else None
    if not name:
        raise Unsendable("no event name")
    person = user_data(delivery)
    if "em" not in person and not {"client_ip_address", "client_user_agent"} <= person.keys():
        raise Unsendable("needs an email, or both address and agent")
    return compact(
        {
            "event_name": name,
            "action_source": "web",
            "event_time": min(delivery.occurred_at, now_ms) // 1000,
            "event_id": delivery.event_id,
            "event_source_url": page_url(delivery),
            "user_data": person,
            "custom_data": custom_data(delivery),
        }
    )


def user_data(delivery: Delivery) -> Json:
    """What tells Pinterest who it was. The join keys have the very form that it hashes, so they
    stand in where the gateway's own forms are absent."""
    hashed, ids, browser = delivery.user_data.hashed, delivery.identifiers, delivery.browser
    fields: Json = {
        theirs: next(([hashed[one]] for one in ours if one in hashed), None)
        for theirs, ours in HASHED.items()
    }
    return compact(
        {
            **fields,
            "em": fields["em"] or _list(ids.email_sha256),
            "ph": fields["ph"] or _list(ids.phone_sha256),
            "zp": _list(_zip(hashed)),
            "external_id": _external_ids(delivery),
            "client_ip_address": browser.ip,
            "client_user_agent": browser.user_agent,
            "click_id": delivery.marketing.epik or ids.epik,
        }
    )


def custom_data(delivery: Delivery) -> Json:
    """What it was worth, and which products."""
    money: Json = {}
    if delivery.value is not None and delivery.currency:
        value = amount_text(delivery.value, delivery.currency)
        money = {"value": value, "currency": delivery.currency}
    contents = [c for c in (_content(c, delivery.currency) for c in delivery.contents) if c]
    limited = delivery.consent.ad_personalization == "denied"
    return money | compact(
        {
            "order_id": order_reference(delivery),
            "contents": contents,
            "content_ids": [content["id"] for content in contents],
            "num_items": sum(content.quantity for content in delivery.contents) or None,
            "opt_out_type": LIMITED if limited else None,
        }
    )


def _content(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name:
        return None
    line = compact({"id": name, "item_name": content.title, "quantity": content.quantity})
    if content.price is not None and currency:
        line["item_price"] = amount_text(content.price, currency)
    return line


def _zip(hashed: Mapping[str, str]) -> str | None:
    """None for a code with letters: without them it would be another's."""
    code = hashed.get("zp")
    return code if hashed.get("zp_digits", code) == code else None


def _external_ids(delivery: Delivery) -> list[str]:
    """The shop's id of the person, else the customer's; and the visitor's. Case is kept, as the
    tag in the browser must keep it."""
    ids = delivery.identifiers
    shop = delivery.user_data.hashed.get("external_id") or _hash(ids.external_id or ids.customer_id)
    return list(dict.fromkeys(one for one in (shop, _hash(delivery.visitor_id)) if one))


def _hash(value: str | None) -> str | None:
    text = (value or "").strip()
    return sha256_hex(text) if text else None


def _list(value: str | None) -> list[str] | None:
    return [value] if value else None
