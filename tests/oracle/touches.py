"""Touches and pixel events: one row an event id, whichever content came first or last."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.oracle import channels, ids
from tests.oracle.devices import device_type
from tests.oracle.log import Log, events
from tests.oracle.nodes import anchor
from tests.oracle.rules import own_rules
from tests.oracle.rules import version as rules_version
from tests.oracle.urls import (
    CHAT_CLICK_ID,
    CLICK_IDS,
    MARKETING,
    UTMS,
    external_referrer,
    marketing,
)
from tests.oracle.words import Json, Row


@dataclass(frozen=True, slots=True)
class Touch:
    """What credit and the summary need of a touch, and its served row."""

    id: str
    anchor: str
    occurred_at: int
    type: str
    channel: str
    platform: str
    campaign: str
    row: Row
    is_bot: bool = False
    creator: str | None = None
    ref: str | None = None
    campaign_id: str | None = None
    ad_id: str | None = None
    visitor_id: str | None = None


def touches(tenant: str, log: Log, *, rules: str = "") -> list[Touch]:
    """The touches of one tenant; a page view that brings news of marketing is one. `rules` is the
    document of the tenant's own channel rules."""
    records = [*log["touchpoints.v1"], *filter(is_touch, events(log))]
    own, version = own_rules(rules), rules_version(rules)
    return [_touch(tenant, record, own, version) for record in winners(records)]


def winners(records: list[Json]) -> Iterator[Json]:
    """Of the contents of one event id the smallest (occurred_at, anchor, content_hash)."""
    best: dict[str, tuple[tuple[int, str, str], Json]] = {}
    for record in records:
        rank = (record["occurred_at"], anchor(record), record["content_hash"])
        event_id = record["event_id"]
        if event_id not in best or rank < best[event_id][0]:
            best[event_id] = (rank, record)
    return (record for _, record in best.values())


def is_touch(event: Json) -> bool:
    """A page view with marketing, from outside, or at the start of a session."""
    return (
        event["event_name"] == "PageView"
        and event["source"] != "survey"
        and bool(
            event["session_start"] or any(marketing(event).values()) or external_referrer(event)
        )
    )


def _touch(tenant: str, record: Json, own: list[Json], version: str) -> Touch:
    said = marketing(record)
    # A pixel event has none of the fields that only a server sets.
    sent = {k: record.get(k) for k in ("channel", "platform", "campaign_id", "ad_id")}
    channel, platform = channels.resolve(
        {**said, **sent}, external_referrer(record), url=record["browser"]["url"] or "", own=own
    )
    campaign = said["utm_campaign"] or sent["campaign_id"] or ""
    kind = record.get("type", "click")
    touch_id = ids.touchpoint(tenant, record["event_id"])
    row = (
        tenant, touch_id, record["event_id"], anchor(record), record["visitor_id"],
        record["session_id"], record["occurred_at"], kind, channel, platform, version, campaign,
        sent["campaign_id"], sent["ad_id"], *(said[name] for name in (*UTMS, *CLICK_IDS)),
        said["ref"], said["creator"], said[CHAT_CLICK_ID],
        device_type(record["browser"]["user_agent"]), record["content_hash"], *_maker(record),
    )  # fmt: skip
    return Touch(
        touch_id, anchor(record), record["occurred_at"], kind, channel, platform, campaign, row,
        is_bot=bool(record["bot_reasons"]), creator=said["creator"], ref=said["ref"],
        campaign_id=sent["campaign_id"], ad_id=sent["ad_id"], visitor_id=record["visitor_id"],
    )  # fmt: skip


def _maker(record: Json) -> Row:
    """Who made the hit, as far as the gateway could tell."""
    reasons = record["bot_reasons"]
    return bool(reasons), list(reasons) or None, record["device_fingerprint"]


_MAKER = ("is_bot", "bot_reasons", "device_fingerprint")
TOUCH_COLUMNS = (
    "tenant_id", "touchpoint_id", "event_id", "anchor", "visitor_id",
    "session_id", "occurred_at", "touchpoint_type", "channel", "platform", "rules_version",
    "campaign", "campaign_id", "ad_id", *MARKETING, "device_type", "content_hash", *_MAKER,
)  # fmt: skip
PIXEL_COLUMNS = (
    "tenant_id", "event_id", "source", "event_type", "occurred_at", "anchor", "visitor_id",
    "session_id", "customer_id", "order_id", "checkout_id", "content_hash", *_MAKER,
)  # fmt: skip


def pixel_events(tenant: str, log: Log) -> list[Row]:
    """The rows of pixel_events."""
    return [
        (
            tenant, event["event_id"], event["source"], event["event_name"], event["occurred_at"],
            anchor(event), event["visitor_id"], event["session_id"],
            event["identifiers"]["customer_id"],
            ids.order_number(event["order_id"]) if event["order_id"] else None,
            event["checkout_id"], event["content_hash"], *_maker(event),
        )
        for event in winners(events(log))
    ]  # fmt: skip
