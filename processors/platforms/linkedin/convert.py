"""Deliveries as a request of LinkedIn's Conversions API. Pure.

LinkedIn knows no names of events: each is of one of the account's conversion rules, whose method
must be CONVERSIONS_API. A tenant names rules by our events, or by LinkedIn's types of rules.
An email goes as SHA-256 of its trimmed, lower-cased form; click id and address go raw, the latter
only as IPv4, as LinkedIn takes no other. There is no id of a phone, and names are taken in clear
alone, so they are left out. Our own id of the person is sent hashed: LinkedIn compares it only
with itself. A rule that is missing, and how to say one: `processors.platforms.event_map`.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from processors.domain import money
from processors.domain.event_names import platform_name
from processors.domain.hashing import sha256_hex
from processors.platforms.base import Request, Unsendable
from processors.platforms.linkedin.settings import LinkedInSettings
from processors.platforms.payload import compact
from schemas.delivery import Delivery
from schemas.envelope import Json

PATH: Final = "/rest/conversionEvents"


def refusal(delivery: Delivery) -> str | None:
    """Why LinkedIn would never take it, or None."""
    try:
        event(delivery, rule="", now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def rule_of(delivery: Delivery, rules: Mapping[str, str]) -> str | None:
    """The conversion rule of the event: by its own name, else by LinkedIn's type for it."""
    name = delivery.event_name
    return rules.get(name) or rules.get(platform_name(name, "linkedin") or "")


def request(
    deliveries: Sequence[Delivery],
    *,
    rules: Mapping[str, str],
    token: str,
    settings: LinkedInSettings,
    now_ms: int,
) -> Request:
    """One request with these events, each of which has a rule."""
    elements = [event(d, rule=rule_of(d, rules) or "", now_ms=now_ms) for d in deliveries]
    return Request(
        url=f"{settings.base_url.rstrip('/')}{PATH}",
        body=orjson.dumps({"elements": elements}),
        headers={
            "authorization": f"Bearer {token}",
            "linkedin-version": settings.version,
            "x-restli-protocol-version": "2.0.0",
            "x-restli-method": "BATCH_CREATE",
        },
    )


def event(delivery: Delivery, *, rule: str, now_ms: int) -> Json:
    """One conversion event, its time in milliseconds; a future time is sent as now.

    Raises:
        Unsendable: if LinkedIn would refuse it, and its whole batch with it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"LinkedIn has no way to take a {delivery.kind}")
    if not delivery.event_name:
        raise Unsendable("no event name")
    person = user(delivery)
    if not person:
        raise Unsendable("nothing to match anybody by")
    return compact(
        {
            "conversion": rule,
            "conversionHappenedAt": min(delivery.occurred_at, now_ms),
            "conversionValue": value(delivery),
            "eventId": delivery.event_id,
        }
    ) | {"user": {"userIds": [], **person}}


def user(delivery: Delivery) -> Json:
    """What tells LinkedIn who it was; the join key of an email has the very form that it hashes."""
    found = (
        ("SHA256_EMAIL", delivery.user_data.hashed.get("em") or delivery.identifiers.email_sha256),
        ("LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", delivery.marketing.li_fat_id),
        ("PLAINTEXT_IP_ADDRESS", _ipv4(delivery.browser.ip)),
    )
    return compact(
        {
            "userIds": [{"idType": kind, "idValue": said} for kind, said in found if said],
            "externalIds": _external_ids(delivery),
        }
    )


def value(delivery: Delivery) -> Json | None:
    """What it was worth: the amount is a text, and goes with its currency or not at all.

    Raises:
        Unsendable: for a code that is no currency.
    """
    if delivery.value is None or not delivery.currency:
        return None
    try:
        amount = money.to_decimal(delivery.value, delivery.currency)
    except ValueError:
        raise Unsendable(f"{delivery.currency} is no ISO 4217 currency") from None
    return {"currencyCode": delivery.currency, "amount": f"{amount:f}"}


def _ipv4(text: str | None) -> str | None:
    try:
        return str(ipaddress.IPv4Address((text or "").strip()))
    except ValueError:
        return None


def _external_ids(delivery: Delivery) -> list[str]:
    """One at most: the shop's id of the person, else the customer's."""
    ids = delivery.identifiers
    own = (ids.external_id or ids.customer_id or "").strip()
    found = delivery.user_data.hashed.get("external_id") or (sha256_hex(own) if own else None)
    return [found] if found else []
