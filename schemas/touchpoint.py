"""`touchpoints.v1`: one visit or ad view, with the ids and raw fields it came with."""

from typing import Literal

from pydantic import Field

from schemas.envelope import (
    BotReasons,
    Browser,
    Consent,
    Fingerprint,
    Id,
    Identifiers,
    Json,
    Marketing,
    Millis,
    Record,
)

TouchType = Literal["click", "view"]


class Touchpoint(Record):
    """A touch. Of two contents for one event id the smaller
    (occurred_at, anchor, content_hash) wins, in whatever order they arrive."""

    event_id: Id
    content_hash: Id = Field(description="MD5 of the item's canonical JSON as it was sent")
    occurred_at: Millis
    received_at: Millis
    late: bool = False
    type: TouchType = "click"
    visitor_id: Id | None = None
    session_id: Id | None = None
    identifiers: Identifiers = Identifiers()
    marketing: Marketing = Marketing()
    browser: Browser = Browser()
    channel: Id | None = Field(None, description="set by a server that knows; wins over the rules")
    platform: Id | None = None
    campaign_id: Id | None = None
    ad_id: Id | None = None
    consent: Consent | None = None
    properties: Json | None = None
    bot_reasons: BotReasons = ()
    device_fingerprint: Fingerprint = None
    junk_ids: int = Field(0, description="ids taken out because they were junk")
