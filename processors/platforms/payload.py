"""What vendors' payloads have in common: decimal money, the page, the order id they know, hashed
details of a person, no empty values."""

from collections.abc import Iterable

from processors.domain import ids, money
from processors.platforms.base import Unsendable
from schemas.delivery import Delivery
from schemas.envelope import Json


def amount(minor: int, currency: str) -> float:
    """Minor units as the number a vendor expects; its shortest form is the exact decimal.

    Raises:
        Unsendable: for a code that is no currency.
    """
    return float(amount_text(minor, currency))


def amount_text(minor: int, currency: str) -> str:
    """Minor units as decimal text with all the decimals of the currency: `129.90`, `500`.

    Raises:
        Unsendable: for a code that is no currency.
    """
    try:
        return f"{money.to_decimal(minor, currency):f}"
    except ValueError:
        raise Unsendable(f"{currency} is no ISO 4217 currency") from None


def page_url(delivery: Delivery) -> str | None:
    """The page's address with its protocol and host, which vendors want; what a sender told as a
    path alone is none."""
    url = delivery.browser.url
    return url if url and url.startswith(("https://", "http://")) else None


def order_reference(delivery: Delivery) -> str | None:
    """The order id under which browser and server agree."""
    if not delivery.order_id:
        return None
    return ids.order_key(delivery.source or "api", delivery.order_id)


def hashed_person(delivery: Delivery, names: Iterable[str]) -> dict[str, list[str]]:
    """The hashes of these names, a list each. For vendors that hash the very form of the join keys:
    those stand in where the gateway's own forms of email (`em`) and phone (`ph`) are absent."""
    hashed, known = delivery.user_data.hashed, delivery.identifiers
    fields = {name: [hashed[name]] for name in names if name in hashed}
    if known.email_sha256:
        fields.setdefault("em", [known.email_sha256])
    if known.phone_sha256:
        fields.setdefault("ph", [known.phone_sha256])
    return fields


def compact(fields: Json) -> Json:
    """The fields that say something: no nulls, no empty strings, lists or objects."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, ())}
