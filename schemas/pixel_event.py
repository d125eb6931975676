"""`pixel_events.v1`: a browser or server event, standard or custom; also `identify` calls."""

from typing import Literal

from pydantic import Field

from schemas.envelope import (
    Browser,
    Consent,
    Content,
    Currency,
    Id,
    Identifiers,
    Json,
    Marketing,
    Millis,
    Minor,
    Record,
    UserData,
)

EventSource = Literal["events", "checkout", "capi", "identify"]


class PixelEvent(Record):
    """One event. `source` tells the door it came in by."""

    event_id: Id
    content_hash: Id
    source: EventSource
    event_name: Id
    occurred_at: Millis
    received_at: Millis
    late: bool = False
    visitor_id: Id | None = None
    session_id: Id | None = None
    session_start: bool = False
    identifiers: Identifiers = Identifiers()
    marketing: Marketing = Marketing()
    browser: Browser = Browser()
    user_data: UserData = UserData()
    value: Minor | None = None
    currency: Currency | None = None
    contents: tuple[Content, ...] = ()
    order_source: Id | None = Field(None, description="the shop whose order id it is: shopify, api")
    order_id: Id | None = None
    checkout_id: Id | None = None
    consent: Consent | None = None
    properties: Json | None = None
    junk_ids: int = 0
