"""`pixel_events.v1`: a browser or server event, standard or custom; also `identify` calls, answers
to post-purchase surveys, and what platforms tell by webhook, which is told to no platform."""

from typing import Literal

from pydantic import Field

from schemas.envelope import (
    BotReasons,
    Browser,
    Consent,
    Content,
    Currency,
    Fingerprint,
    Frozen,
    Id,
    Identifiers,
    Json,
    Marketing,
    Millis,
    Minor,
    Record,
    UserData,
)

Rule = Literal["event_denied"]
EventSource = Literal[
    "events", "checkout", "capi", "identify", "survey", "ga4", "segment", "webhook"
]


class Survey(Frozen):
    """A buyer's answer in a post-purchase survey. It is about the order that the event names, joins
    nobody, is never a touch and is told to no platform."""

    provider: Id
    response_id: Id = Field(description="of the provider; an edited answer keeps it")
    question: str | None = None
    answer: str
    channel: Id | None = Field(None, description="wins over what the answer is known to mean")
    platform: Id | None = None


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
    survey: Survey | None = None
    filtered: Rule | None = Field(
        None, description="a restriction of the key it came by: it is kept, and has no effect"
    )
    bot_reasons: BotReasons = ()
    device_fingerprint: Fingerprint = None
    junk_ids: int = 0
