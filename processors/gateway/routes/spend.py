"""`POST /v1/spend`: what an ad account spent on a day, for sources that we do not pull."""

from datetime import date
from typing import Any, Final

from processors.gateway import fields
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import Draft
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler

_COUNTS: Final = ("impressions", "clicks", "reach", "view_conversions", "click_conversions")
_AMOUNTS: Final = ("view_value", "click_value")
_FREQUENCY: Final = "frequency"


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
    campaign = item.get("campaign")
    if campaign is not None:
        record["campaign"] = fields.text(campaign, "campaign", fields.MAX_SHORT) or ""
    for name in _COUNTS:
        if item.get(name) is not None:
            record[name] = fields.whole(item[name], name, fields.MAX_COUNT)
    for name in _AMOUNTS:
        if item.get(name) is not None:
            record[name] = fields.money(item[name], name, code)
    if item.get(_FREQUENCY) is not None:
        record[_FREQUENCY] = fields.decimal(item[_FREQUENCY], _FREQUENCY)
    taken = accepted("spend.v1", record, door)
    taken.event_id = draft.hash
    return taken


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
