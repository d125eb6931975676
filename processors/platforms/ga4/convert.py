"""Deliveries as a request of the Measurement Protocol. Pure.

The body describes one client, and up to 25 of its events, each with its own time. Without the
`_ga` cookie's client id we derive one from the visitor, else from the first joining id: the same
person keeps it, so that retries and later events do not invent new users. Nothing empty is ever
sent: an empty transaction id would count as one shared by all.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import orjson

from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.ga4.settings import Ga4Settings
from processors.platforms.payload import amount, compact, order_reference
from schemas.delivery import Delivery
from schemas.envelope import Content, Json
from schemas.joining import joining_nodes

NAMES: Final[dict[str, str]] = {
    "PageView": "page_view",
    "ViewContent": "view_item",
    "Search": "search",
    "AddToCart": "add_to_cart",
    "AddToWishlist": "add_to_wishlist",
    "InitiateCheckout": "begin_checkout",
    "AddPaymentInfo": "add_payment_info",
    "Purchase": "purchase",
    "Lead": "generate_lead",
    "CompleteRegistration": "sign_up",
    "Contact": "contact",
    "CustomizeProduct": "customize_product",
    "Donate": "donate",
    "FindLocation": "find_location",
    "Schedule": "schedule",
    "StartTrial": "start_trial",
    "SubmitApplication": "submit_application",
    "Subscribe": "subscribe",
}
_RESERVED_NAMES: Final = (
    "ad_activeview ad_click ad_exposure ad_impression ad_query adunit_exposure app_clear_data "
    "app_install app_update app_remove error first_open first_visit in_app_purchase "
    "notification_dismiss notification_foreground notification_open notification_receive "
    "os_update screen_view session_start user_engagement app_store_refund "
    "app_store_subscription_cancel app_store_subscription_convert app_store_subscription_renew"
)
RESERVED: Final = frozenset(_RESERVED_NAMES.split())
_RESERVED_PREFIXES: Final = ("_", "firebase_", "ga_", "google_", "gtag_")
_NAME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_COOKIE: Final = re.compile(r"^(?:GA\d+\.\d+\.)?(\d+\.\d+)$")
_SESSION: Final = re.compile(r"^(?:GS\d\.\d+\.)?s?(\d+)(?:[.$]|$)")

MAX_NAME: Final = 40
MAX_VALUE: Final = 100
MAX_ITEMS: Final = 200
ENGAGEMENT_MS: Final = 100


def refusal(delivery: Delivery) -> str | None:
    """Why GA4 would drop it without a word, or None."""
    try:
        event(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery], account: Account, *, settings: Ga4Settings, now_ms: int
) -> Request:
    """One request with these events, which are of one client."""
    body = envelope(deliveries[0])
    body["events"] = [event(delivery, now_ms=now_ms) for delivery in deliveries]
    return Request(
        url=f"{settings.base_url.rstrip('/')}/mp/collect",
        body=orjson.dumps(body),
        params={
            "measurement_id": account.account_id,
            "api_secret": account.secret("api_secret"),
        },
    )


def envelope(delivery: Delivery) -> Json:
    """What the events of a request share: the client and what we know and may say of it."""
    ids, hashed, consent = delivery.identifiers, delivery.user_data.hashed, delivery.consent
    user = ids.customer_id or ids.external_id
    person: Json = {}
    if consent.ad_user_data != "denied":
        person = compact(
            {
                "sha256_email_address": [x] if (x := hashed.get("em_google")) else None,
                "sha256_phone_number": [x] if (x := hashed.get("ph_plus")) else None,
            }
        )
    return compact(
        {
            "client_id": client_id(delivery),
            # An id that is an address would be a person's detail in the clear.
            "user_id": user if user and "@" not in user else None,
            "consent": compact(
                {
                    "ad_user_data": (consent.ad_user_data or "").upper(),
                    "ad_personalization": (consent.ad_personalization or "").upper(),
                }
            ),
            "user_data": person,
            "ip_override": delivery.browser.ip,
        }
    )


def client_id(delivery: Delivery) -> str:
    """The `_ga` cookie's client id, else one derived from whoever it was, in the cookie's form."""
    ids = delivery.identifiers
    if ids.ga4_client_id:
        cookie = _COOKIE.match(ids.ga4_client_id)
        return cookie.group(1) if cookie else ids.ga4_client_id
    who = next(iter(joining_nodes(delivery)), f"event:{delivery.event_id}")
    seed = hashlib.sha256(f"{delivery.tenant_id}:{who}".encode()).digest()
    left, right = int.from_bytes(seed[:4]), int.from_bytes(seed[4:8])
    return f"{left}.{right}"


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One event.

    Raises:
        Unsendable: if GA4 would drop it, which it does behind a 204.
    """
    name = _name(delivery)
    session = _SESSION.match(delivery.identifiers.ga4_session_id or "")
    params: Json = {
        "session_id": session.group(1) if session else None,
        "engagement_time_msec": ENGAGEMENT_MS,
        "event_id": delivery.event_id[:MAX_VALUE],
        "page_location": _short_url(delivery.browser.url),
        "page_referrer": _short_url(delivery.browser.referrer),
    }
    if name in ("purchase", "refund"):
        reference = order_reference(delivery)
        if name == "refund" and not reference:
            raise Unsendable("a refund needs the id of its order")
        params["transaction_id"] = (reference or delivery.event_id)[:MAX_VALUE]
    params |= _worth(delivery)
    if name == "purchase" and "value" not in params:
        raise Unsendable("a purchase needs a value and a currency")
    return {
        "name": name,
        "timestamp_micros": min(delivery.occurred_at, now_ms) * 1000,
        "params": compact(params),
    }


def _worth(delivery: Delivery) -> Json:
    worth: Json = {}
    if delivery.value is not None and delivery.currency:
        worth = {"currency": delivery.currency, "value": amount(delivery.value, delivery.currency)}
    items = [item for item in (_item(c, delivery.currency) for c in delivery.contents) if item]
    if items:
        worth["items"] = items[:MAX_ITEMS]
    return worth


def _item(content: Content, currency: str | None) -> Json | None:
    name = content.product_id or content.sku
    if not name and not content.title:
        return None
    price = content.price
    item = compact(
        {
            "item_id": (name or "")[:MAX_VALUE],
            "item_name": (content.title or "")[:MAX_VALUE],
            "quantity": content.quantity,
        }
    )
    if price is not None and currency:
        item["price"] = amount(price, currency)
    return item


def _name(delivery: Delivery) -> str:
    match delivery.kind:
        case "refund" | "cancel":
            return "refund"
        case "adjust":
            raise Unsendable("GA4 has no way to take an adjustment")
    known = NAMES.get(delivery.event_name)
    if known:
        return known
    name = re.sub(r"[^A-Za-z0-9_]", "_", delivery.event_name)[:MAX_NAME]
    if not _NAME.match(name) or name in RESERVED or name.startswith(_RESERVED_PREFIXES):
        raise Unsendable("the event name is reserved or malformed at GA4")
    return name


def _short_url(url: str | None) -> str | None:
    """A parameter's value has at most 100 characters; the query is what can be missed."""
    if url is None or len(url) <= MAX_VALUE:
        return url
    return url.partition("?")[0].partition("#")[0][:MAX_VALUE]
