"""Names of columns, as shops, tills and ad platforms spell them, and the neutral item of a row.

Amounts may have a decimal comma and marks of thousands where both cannot be confused; times may
have the forms that spreadsheets and shops write.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from processors.domain.consent import FLAGS
from processors.domain.urls import MARKETING

LOST: Final = "\ufffd"
"""Stands for bytes that are no character in the file's encoding."""

_IDS: Final = (
    "customer_id", "email", "phone", "email_sha256", "phone_sha256", "external_id", "device_id",
    "ga4_client_id", "fbp", "fbc", "ttp", "scid",
)  # fmt: skip
_DETAILS: Final = ("first_name", "last_name", "city", "state", "zip", "country")
_WHO: Final = {
    **dict.fromkeys(_IDS, "identifiers"),
    **dict.fromkeys(FLAGS, "consent"),
}
_SHARED: Final = ("visitor_id", "session_id", *MARKETING, *_WHO, "identifiers", "consent")
_SHARED_NAMES: Final = {
    "email_address": "email", "hashed_email": "email_sha256",
    "phone_number": "phone", "hashed_phone_number": "phone_sha256",
    "google_click_id": "gclid", "client_id": "ga4_client_id",
}  # fmt: skip
_BROWSER: Final = ("url", "referrer", "user_agent", "ip")

ORDERS: Final = {
    **{name: name for name in (
        *_SHARED, *_BROWSER, *_DETAILS, "order_id", "ordered_at", "updated_at", "revenue",
        "currency", "source", "event_name", "status", "refunded_amount", "refunds", "checkout_id",
        "discount_codes", "line_items", "user_data",
    )},
    **_SHARED_NAMES,
    "transaction_id": "order_id", "order": "order_id", "order_number": "order_id",
    "occurred_at": "ordered_at", "conversion_time": "ordered_at", "event_time": "ordered_at",
    "conversion_date_time": "ordered_at", "timestamp": "ordered_at", "date": "ordered_at",
    "value": "revenue", "conversion_value": "revenue", "amount": "revenue", "total": "revenue",
    "currency_code": "currency", "conversion_currency": "currency",
    "conversion_name": "event_name", "discount_code": "discount_codes", "coupon": "discount_codes",
    "zip_code": "zip", "postal_code": "zip", "country_code": "country",
}  # fmt: skip
TOUCHES: Final = {
    **{name: name for name in (
        *_SHARED, *_BROWSER, "event_id", "occurred_at", "type", "channel", "platform",
        "campaign_id", "ad_id", "properties",
    )},
    **_SHARED_NAMES,
    "timestamp": "occurred_at", "event_time": "occurred_at", "time": "occurred_at",
    "date": "occurred_at", "touchpoint_type": "type",
    "source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign",
    "landing_page": "url", "page_url": "url", "page_location": "url",
    "page_referrer": "referrer", "referrer_url": "referrer",
    "anonymous_id": "visitor_id",
}  # fmt: skip
"""What a name of a column means, for each kind of row."""

_NESTED: Final = {**_WHO, **dict.fromkeys(_DETAILS, "user_data")}
_AMOUNTS: Final = ("revenue", "refunded_amount")
_TIMES: Final = ("ordered_at", "updated_at", "occurred_at")
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d+")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+")
_OFFSET: Final = re.compile(r"(\d) (?=[+-]\d\d:?\d\d$)")


class Lost(ValueError):
    """A value with characters that were lost before it came here."""

    def __init__(self, field: str) -> None:
        super().__init__("has characters that are none in the file's encoding")
        self.field = field


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name in lower case, with _ for whatever stands between its words."""
    return _PUNCTUATION.sub("_", name.strip().lower()).strip("_")


def neutral(
    said: Mapping[str, Any], names: Mapping[str, str], *, currency: str | None = None
) -> dict[str, Any]:
    """The neutral item that a row says; `names` is ORDERS or TOUCHES, what it does not have is
    left out, `currency` stands in for one that the row does not name.

    Raises:
        Lost: when the text of a value is damaged.
    """
    item: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for key, value in said.items():
        name = names.get(plain(key))
        if name is None or value is None or value == "":
            continue
        if type(value) is str and LOST in value:
            raise Lost(name)
        part = _NESTED.get(name)
        if part is None:
            item.setdefault(name, value)
        else:
            nested.setdefault(part, {}).setdefault(name, value)
    for part, values in nested.items():
        own = item.get(part)
        if own is None or type(own) is dict:
            item[part] = {**(own or {}), **values}
    if currency is not None:
        item.setdefault("currency", currency)
    for name in _AMOUNTS:
        if type(item.get(name)) is str:
            item[name] = amount(item[name])
    for name in _TIMES:
        if type(item.get(name)) is str:
            item[name] = moment(item[name])
    if type(codes := item.get("discount_codes")) is str:
        item["discount_codes"] = [code.strip() for code in re.split("[;,]", codes) if code.strip()]
    return item


def amount(text: str) -> str:
    """`49,90`, `1.234,50` and `1,234.50` can only mean one thing; `1,234` is left as it is."""
    bare = text.strip()
    if "," not in bare:
        return bare
    if _DECIMAL_COMMA.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    return bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare


def moment(text: str) -> str:
    """A time whose offset stands apart, as in `2026-01-31 10:00:00 -0500`, in one piece."""
    return _OFFSET.sub(r"\1", text)
