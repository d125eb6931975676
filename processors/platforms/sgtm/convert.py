"""Deliveries as a request of the Measurement Protocol to a server container. Pure.

The container's own tags pass the event on, so it carries what any of them may ask for: GA4's names
and items, hashes of the person, cookies and click ids, and under `event_id_PLATFORM` the id by
which that platform knows the same event of browser and server (a tag's event id must be set to it).
"""

import re
from collections.abc import Sequence
from typing import Final

import orjson

from processors.domain import ids
from processors.domain.event_names import platform_name
from processors.domain.events import StandardEvent
from processors.domain.urls import CLICK_IDS
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.measurement import client_id, session_id, worth
from processors.platforms.payload import compact, order_reference, page_url
from processors.platforms.sgtm.settings import SgtmSettings
from schemas.delivery import Delivery
from schemas.envelope import Json

PREVIEW: Final = "x-gtm-server-preview"
TAGS: Final = ("ga4", "google_ads", "meta", "tiktok")
"""Platforms whose tags a container commonly has."""
MAX_NAME: Final = 40
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_]")


def refusal(delivery: Delivery) -> str | None:
    """Why no tag could use it, or None."""
    try:
        event(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery], account: Account, *, settings: SgtmSettings, now_ms: int
) -> Request:
    """One request with these events, which are of one client."""
    body = envelope(deliveries[0])
    body["events"] = [event(delivery, now_ms=now_ms) for delivery in deliveries]
    preview = account.secret("preview_header") or settings.preview_header
    params = {
        "id": account.secret("container_id") or settings.container_id,
        "measurement_id": account.secret("measurement_id"),
    }
    return Request(
        url=f"{(settings.base_url or account.account_id).rstrip('/')}/mp/collect",
        body=orjson.dumps(body),
        headers={PREVIEW: preview} if preview else {},
        params={name: value for name, value in params.items() if value},
    )


def envelope(delivery: Delivery) -> Json:
    """What the events of a request share: the client, and what may be said of it."""
    known, hashed, consent = delivery.identifiers, delivery.user_data.hashed, delivery.consent
    user = known.customer_id or known.external_id
    person: Json = {}
    if consent.ad_user_data != "denied":
        address = compact(
            {
                "sha256_first_name": hashed.get("fn_google"),
                "sha256_last_name": hashed.get("ln_google"),
            }
        )
        person = compact(
            {
                "sha256_email_address": hashed.get("em_google") or known.email_sha256,
                "sha256_phone_number": hashed.get("ph_plus"),
                "address": address,
            }
        )
    return compact(
        {
            "client_id": client_id(delivery),
            # An id that is an address would be a person's detail in the clear.
            "user_id": user if user and "@" not in user else None,
            "user_agent": delivery.browser.user_agent,
            "ip_override": delivery.browser.ip,
            "consent": compact(
                {
                    "ad_user_data": (consent.ad_user_data or "").upper(),
                    "ad_personalization": (consent.ad_personalization or "").upper(),
                }
            ),
            "user_data": person,
        }
    )


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One event.

    Raises:
        Unsendable: if no tag could use it.
    """
    name = _name(delivery)
    params: Json = {
        "event_id": delivery.event_id,
        **_tag_ids(delivery),
        "session_id": session_id(delivery),
        "page_location": page_url(delivery),
        "page_referrer": delivery.browser.referrer,
        **{click: getattr(delivery.marketing, click) for click in CLICK_IDS},
        **_for_meta(delivery),
    }
    if name in ("purchase", "refund"):
        reference = order_reference(delivery)
        if name == "refund" and not reference:
            raise Unsendable("a refund needs the id of its order")
        params["transaction_id"] = reference or delivery.event_id
    params |= worth(delivery)
    if name == "purchase" and "value" not in params:
        raise Unsendable("a purchase needs a value and a currency")
    return {
        "name": name,
        "timestamp_micros": min(delivery.occurred_at, now_ms) * 1000,
        "params": compact(params),
    }


def _for_meta(delivery: Delivery) -> Json:
    """Under the names that Meta's own tag reads."""
    found: Json = {
        "x-fb-ck-fbp": delivery.identifiers.fbp,
        "x-fb-ck-fbc": delivery.identifiers.fbc,
    }
    if delivery.consent.ad_user_data != "denied":
        hashed, known = delivery.user_data.hashed, delivery.identifiers
        found["x-fb-ud-em"] = hashed.get("em") or known.email_sha256
        found["x-fb-ud-ph"] = hashed.get("ph") or known.phone_sha256
        found["x-fb-ud-external_id"] = hashed.get("external_id")
    return found


def _tag_ids(delivery: Delivery) -> Json:
    """The event's ids at the platforms behind the container, where they are not its own."""
    if delivery.kind != "event" or not (delivery.order_id or delivery.checkout_id):
        return {}
    source, purchase = delivery.source or "api", delivery.event_name == StandardEvent.PURCHASE
    found: Json = {}
    for tag in TAGS:
        if purchase and delivery.order_id:
            own = ids.purchase_event_id(
                tenant=delivery.tenant_id, source=source, order_id=delivery.order_id, platform=tag
            )
        else:
            own = ids.event_delivery_id(
                tenant=delivery.tenant_id,
                platform=tag,
                event_name=delivery.event_name,
                event_id=delivery.source_event_id or delivery.event_id,
                order_id=delivery.order_id,
                checkout_id=None if purchase else delivery.checkout_id,
            )
        found[f"event_id_{tag}"] = own
    return found


def _name(delivery: Delivery) -> str:
    match delivery.kind:
        case "refund" | "cancel":
            return "refund"
        case "adjust":
            raise Unsendable("a container has no way to take an adjustment")
    said = platform_name(delivery.event_name, "sgtm") or ""
    name = _NOT_IN_NAMES.sub("_", said)[:MAX_NAME]
    if not _NAME.fullmatch(name):
        raise Unsendable("the event name is malformed")
    return name
