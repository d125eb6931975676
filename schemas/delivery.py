"""`deliveries.<platform>.v1`: one event to be accepted once by one platform."""

from typing import Literal

from pydantic import Field

from schemas.envelope import (
    Browser,
    Consent,
    Content,
    Currency,
    Id,
    Identifiers,
    Marketing,
    Millis,
    Minor,
    Record,
    UserData,
)

Platform = Literal[
    "meta", "ga4", "google_ads", "tiktok", "snapchat", "pinterest", "linkedin",
    "microsoft_ads", "klaviyo", "whatsapp", "affiliate", "mntn", "sgtm",
]  # fmt: skip
DeliveryKind = Literal["event", "refund", "cancel", "adjust"]


class Delivery(Record):
    """What a connector turns into a request; `event_id` is deterministic (DED-01, DED-16)."""

    platform: Platform
    event_id: Id
    kind: DeliveryKind = "event"
    event_name: Id
    occurred_at: Millis
    converted_at: Millis | None = Field(None, description="of a retraction: when its purchase was")
    turn: int | None = Field(
        None, ge=0, description="of a retraction: how many the platform is told of its order before"
    )
    source_event_id: str | None = None
    source: Id | None = None
    order_id: Id | None = None
    checkout_id: Id | None = None
    person_id: str | None = None
    value: Minor | None = None
    currency: Currency | None = None
    contents: tuple[Content, ...] = ()
    identifiers: Identifiers = Identifiers()
    visitor_id: Id | None = None
    marketing: Marketing = Marketing()
    browser: Browser = Browser()
    user_data: UserData = UserData()
    consent: Consent = Consent()
