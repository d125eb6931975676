"""What both APIs are told of a conversion: which click, which person, which order, worth what.

Email (in Google's own form: at Gmail's domains without dots and plus suffix) and phone (with its
plus) go as SHA-256; click ids go as they are, and one of them alone, since two are refused. An
address would need name and postal code in clear, and an IP address may not be sent by those who did
not before 2026-02-02, so that both are left out.
"""

from datetime import UTC, datetime
from typing import Final

from processors.domain.consent import DENIED
from processors.domain.events import StandardEvent
from processors.platforms.base import Unsendable
from processors.platforms.payload import amount, order_reference
from schemas.delivery import Delivery
from schemas.envelope import Json

CLICKS: Final = ("gclid", "gbraid", "wbraid")


def click(delivery: Delivery) -> dict[str, str]:
    """The click id that says most, by Google's name; empty without one."""
    for name in CLICKS:
        if value := getattr(delivery.marketing, name):
            return {name: value}
    return {}


def email(delivery: Delivery) -> str | None:
    """The hash of the person's email. Where an event came with a hash alone that is taken, which
    equals Google's form for every address but Gmail's with dots or a suffix."""
    if delivery.consent.ad_user_data == DENIED:
        return None
    hashed = delivery.user_data.hashed
    return hashed.get("em_google") or hashed.get("em") or delivery.identifiers.email_sha256


def phone(delivery: Delivery) -> str | None:
    """The hash of the person's phone. The join key lacks the plus and says nothing to Google."""
    if delivery.consent.ad_user_data == DENIED:
        return None
    return delivery.user_data.hashed.get("ph_plus")


def transaction(delivery: Delivery) -> str:
    """The id by which Google knows a conversion again: an order's own, as the tag on the page says
    it, else that of the event.

    Raises:
        Unsendable: for an id that is an email; Google refuses personal details in it.
    """
    purchase = delivery.kind != "event" or delivery.event_name == StandardEvent.PURCHASE
    reference = order_reference(delivery) if purchase else None
    name = reference or delivery.event_id
    if "@" in name:
        raise Unsendable("its id would tell Google an email")
    return name


def money(delivery: Delivery) -> tuple[float, str] | None:
    """Value in the currency's major unit, and the currency.

    Raises:
        Unsendable: for no currency of ISO 4217, and for a purchase without a value.
    """
    if delivery.value is not None and delivery.currency:
        return amount(delivery.value, delivery.currency), delivery.currency
    if delivery.event_name == StandardEvent.PURCHASE:
        raise Unsendable("a purchase needs a value and a currency")
    return None


def moment(ms: int) -> datetime:
    """Epoch milliseconds as a time in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def check(delivery: Delivery) -> None:
    """Whether a conversion says whose it is.

    Raises:
        Unsendable: when it does not.
    """
    if not delivery.event_name:
        raise Unsendable("no event name")
    if not (click(delivery) or email(delivery) or phone(delivery)):
        raise Unsendable("no click of Google's, no email and no phone to match anybody by")


def stated(consent: dict[str, str | None], *, prefix: str = "") -> Json:
    """Consent in Google's words; what nobody stated is left out."""
    return {name: f"{prefix}{flag.upper()}" for name, flag in consent.items() if flag}
