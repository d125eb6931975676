"""What an item may say, in the words of the gateway's doors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Required, TypedDict

from schemas.envelope import Flag

Moment = str | int | datetime
"""RFC 3339 text, epoch milliseconds, or a datetime that has a time zone."""
Amount = str | int | float | Decimal
"""An amount of money in the currency's major unit."""


class Identifiers(TypedDict, total=False):
    """Ids of one person; the gateway hashes `email` and `phone` before it keeps them."""

    customer_id: str | int
    email: str
    phone: str
    email_sha256: str
    phone_sha256: str
    external_id: str | int
    device_id: str
    ga4_client_id: str
    ga4_session_id: str
    fbp: str
    fbc: str
    ttp: str
    scid: str
    epik: str


class ConsentFlags(TypedDict, total=False):
    """Google's consent-mode flags, and whether the person may be written to by WhatsApp; an absent
    one leaves the decision to the tenant's setting."""

    ad_storage: Flag
    ad_user_data: Flag
    ad_personalization: Flag
    analytics_storage: Flag
    whatsapp: Flag


class UserDetails(TypedDict, total=False):
    """A person's details for platforms that match by them; kept hashed and sealed, never clear."""

    email: str
    phone: str
    first_name: str
    last_name: str
    city: str
    state: str
    zip: str
    country: str
    external_id: str


class Line(TypedDict, total=False):
    """A product of an event or an order."""

    product_id: str | int
    sku: str
    title: str
    quantity: int
    price: Amount


class Refund(TypedDict, total=False):
    """One refund of an order."""

    refund_id: Required[str | int]
    amount: Required[Amount]
    refunded_at: Moment


class _Visit(TypedDict, total=False):
    """What touchpoints, events and orders share."""

    event_id: str
    visitor_id: str
    session_id: str
    identifiers: Identifiers
    consent: ConsentFlags
    url: str
    referrer: str
    user_agent: str
    ip: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_term: str
    utm_content: str
    fbclid: str
    gclid: str
    gbraid: str
    wbraid: str
    ttclid: str
    msclkid: str
    sccid: str
    epik: str
    li_fat_id: str
    ref: str
    creator: str


class Touchpoint(_Visit, total=False):
    """A visit, or an ad that was seen."""

    occurred_at: Moment
    sent_at: Moment
    type: Literal["click", "view"]
    channel: str
    platform: str
    campaign_id: str
    ad_id: str
    properties: Mapping[str, Any]


class EventDetails(_Visit, total=False):
    """What an event may say beside its name."""

    occurred_at: Moment
    sent_at: Moment
    order_id: str | int
    order_source: str
    checkout_id: str
    customer_id: str | int
    value: Amount
    currency: str
    contents: Sequence[Line]
    session_start: bool
    user_data: UserDetails
    properties: Mapping[str, Any]


class Event(EventDetails):
    """Something that a visitor did: a `StandardEvent`, or a name of your own."""

    event_name: str


class OrderDetails(_Visit, total=False):
    """What an order may say beside what it must."""

    source: str
    status: Literal[
        "pending", "paid", "partially_refunded", "refunded", "cancelled", "charged_back"
    ]
    refunded_amount: Amount
    refunds: Sequence[Refund]
    checkout_id: str
    customer_id: str | int
    discount_codes: Sequence[str]
    line_items: Sequence[Line]
    user_data: UserDetails
    paid_at: Moment
    updated_at: Moment
    test: bool


class Order(OrderDetails):
    """An order as it stands now: each snapshot says all of it. `revenue` is gross."""

    order_id: str | int
    ordered_at: Moment
    revenue: Amount
    currency: str


class Identify(TypedDict, total=False):
    """Ids that belong to one person."""

    event_id: str
    visitor_id: str
    identifiers: Required[Identifiers]
    user_data: UserDetails
    consent: ConsentFlags
    occurred_at: Moment
    sent_at: Moment


class Consent(TypedDict, total=False):
    """A person's decision; it holds for what came before, too."""

    event_id: str
    visitor_id: str
    identifiers: Identifiers
    consent: Required[ConsentFlags]
    occurred_at: Moment
    sent_at: Moment
