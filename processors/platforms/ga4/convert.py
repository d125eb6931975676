"""Deliveries as a request of the Measurement Protocol. Pure.

The body describes one client, and up to 25 of its events, each with its own time. Nothing empty is
ever sent: an empty transaction id would count as one shared by all.
"""

import re
from collections.abc import Sequence
from typing import Final

import orjson

from processors.domain.event_names import platform_name
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.ga4.settings import Ga4Settings
from processors.platforms.measurement import MAX_VALUE, client_id, session_id, worth
from processors.platforms.payload import compact, order_reference, page_url
from schemas.delivery import Delivery
from schemas.envelope import Json

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

MAX_NAME: Final = 40
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


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One event.

    Raises:
        Unsendable: if GA4 would drop it, which it does behind a 204.
    """
    name = _name(delivery)
    params: Json = {
        "session_id": session_id(delivery),
        "engagement_time_msec": ENGAGEMENT_MS,
        "event_id": delivery.event_id[:MAX_VALUE],
        "page_location": _short_url(page_url(delivery)),
        "page_referrer": _short_url(delivery.browser.referrer),
    }
    if name in ("purchase", "refund"):
        reference = order_reference(delivery)
        if name == "refund" and not reference:
            raise Unsendable("a refund needs the id of its order")
        params["transaction_id"] = (reference or delivery.event_id)[:MAX_VALUE]
    params |= worth(delivery)
    if name == "purchase" and "value" not in params:
        raise Unsendable("a purchase needs a value and a currency")
    return {
        "name": name,
        "timestamp_micros": min(delivery.occurred_at, now_ms) * 1000,
        "params": compact(params),
    }


def _name(delivery: Delivery) -> str:
    match delivery.kind:
        case "refund" | "cancel":
            return "refund"
        case "adjust":
            raise Unsendable("GA4 has no way to take an adjustment")
    said = platform_name(delivery.event_name, "ga4") or ""
    name = re.sub(r"[^A-Za-z0-9_]", "_", said)[:MAX_NAME]
    if not _NAME.match(name) or name in RESERVED or name.startswith(_RESERVED_PREFIXES):
        raise Unsendable("the event name is reserved or malformed at GA4")
    return name


def _short_url(url: str | None) -> str | None:
    """A parameter's value has at most 100 characters; the query is what can be missed."""
    if url is None or len(url) <= MAX_VALUE:
        return url
    return url.partition("?")[0].partition("#")[0][:MAX_VALUE]
