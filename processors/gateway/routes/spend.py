"""`POST /v1/spend`: what an ad account spent on a day, for sources that we do not pull."""

from datetime import date
from typing import Any, Final

from processors.gateway import fields
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import Draft
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler

_IDS: Final = ("campaign_id", "ad_group_id", "ad_id", "creative_id")
_TEXTS: Final = ("campaign", "campaign_type", "ad_group", "ad")
_OF_ADS: Final = ("ad_group_id", "ad_group", "ad", "creative_id")
_COUNTS: Final = (
    "impressions", "clicks", "reach", "view_conversions", "click_conversions", "video_views",
)  # fmt: skip
_AMOUNTS: Final = ("view_value", "click_value", "conversion_value")
_DECIMALS: Final = ("frequency", "conversions")


@handler("/v1/spend", server_only=True)
def spend(item: dict[str, Any], door: Door) -> Accepted:
    """Take figures of ad spend."""
    draft = Draft(item, item, door)
    code = fields.currency(fields.required(item, "currency"), "currency")
    said = item.get("reported_at")
    record: dict[str, Any] = {
        "tenant_id": door.tenant,
        "source": _name(item.get("source", "api"), "source") or "api",
        "account_id": _name(item.get("account_id", "default"), "account_id") or "default",
        "date": _date(fields.required(item, "date")),
        "platform": _needed(item, "platform").lower(),
        "currency": code,
        "amount": fields.money(fields.required(item, "amount"), "amount", code),
        "reported_at": (
            door.received_at if said is None else fields.past(said, "reported_at", door.received_at)
        ),
        "received_at": door.received_at,
    }
    channel = _name(item.get("channel"), "channel")
    if channel:
        record["channel"] = channel
    record |= _subject(item)
    for name in _COUNTS:
        if item.get(name) is not None:
            record[name] = fields.whole(item[name], name, fields.MAX_COUNT)
    for name in _AMOUNTS:
        if item.get(name) is not None:
            record[name] = fields.money(item[name], name, code)
    for name in _DECIMALS:
        if item.get(name) is not None:
            record[name] = fields.decimal(item[name], name)
    taken = accepted("spend.v1", record, door)
    taken.event_id = draft.hash
    return taken


def _subject(item: dict[str, Any]) -> dict[str, str]:
    """What the figure is of. Only an ad has an ad group: figures of ad groups would be taken for
    their campaign's."""
    found = {}
    for name in _IDS:
        if item.get(name) is not None and (own := fields.ident(item[name], name)):
            found[name] = own
    for name in _TEXTS:
        if item.get(name) is not None:
            own = fields.text(item[name], name, fields.MAX_SHORT)
            if own:
                found[name] = own
    if "ad_id" not in found:
        for name in _OF_ADS:
            if name in found:
                raise Refused(name, "needs an ad_id")
    return found


def _name(value: Any, name: str) -> str | None:
    return None if value is None else fields.ident(value, name, fields.MAX_NAME)


def _needed(item: dict[str, Any], name: str) -> str:
    found = fields.text(fields.required(item, name), name, fields.MAX_NAME)
    if found is None:
        raise Refused(name, "is required")
    return found


def _date(value: Any) -> str:
    text = fields.text(value, "date", 10)
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        raise Refused("date", "is not a date like 2026-01-31") from None
    if len(text or "") != 10 or day.year < 2000:
        raise Refused("date", "is not a date like 2026-01-31 from 2000 on")
    return day.isoformat()
