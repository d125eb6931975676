"""`POST /v1/events`: pixel and server events, standard or custom.

`pixel_event` is also how checkout, capi and identify end: they rewrite what they get to the
neutral form first.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway import fields, lines
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import TIMED, Draft, Reader, own_id, properties, user_data
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.routes.orders import customer, order_id_of
from processors.gateway.stamps import describe

_TABLE: Final[dict[str, Reader]] = {
    **TIMED,
    "checkout_id": own_id,
    "customer_id": customer,
    "user_data": user_data,
    "properties": properties,
}


@handler("/v1/events")
def event(item: dict[str, Any], door: Door) -> Accepted:
    """Take pixel and server events."""
    return pixel_event(item, item, door, source="events")


def pixel_event(
    sent: Mapping[str, Any],
    item: Mapping[str, Any],
    door: Door,
    *,
    source: str,
    shop: str = "api",
) -> Accepted:
    """A record of the neutral `item`; ids are hashes of what was `sent`."""
    draft = Draft(sent, item, door)
    draft.read(_TABLE)
    name = fields.text(fields.required(item, "event_name"), "event_name", fields.MAX_NAME)
    if name is None:
        raise Refused("event_name", "is required")
    out = draft.out
    anonymous = door.visit is not None and door.visit.nobody is not None
    if item.get("order_id") not in (None, "") and not anonymous:
        out["order_id"] = order_id_of(item)
        said = item.get("order_source")
        shop_said = said is not None and fields.text(said, "order_source", fields.MAX_NAME // 2)
        out["order_source"] = shop_said or shop
    if not (draft.person.ids or _names_someone(out)):
        raise Refused("visitor_id", "or an id in identifiers is needed")
    occurred_at, late = draft.moment()
    record = draft.parts()
    details = draft.person.user_data(door, record.get("visitor_id"))
    if details is not None:
        record["user_data"] = details
    record["tenant_id"] = door.tenant
    record["event_id"] = draft.identify(sent)
    record["content_hash"] = draft.hash
    record["source"] = source
    record["event_name"] = name
    record["occurred_at"] = occurred_at
    record["received_at"] = door.received_at
    if late:
        record["late"] = True
    if item.get("session_start") is True:
        record["session_start"] = True
    if name in door.denied:
        door.without_effect = [*(door.without_effect or ()), door.index]
        record["filtered"] = "event_denied"
    describe(draft, record)
    _money(record, item, door)
    return accepted("pixel_events.v1", record, door)


def _names_someone(out: Mapping[str, Any]) -> bool:
    return any(name in out for name in ("visitor_id", "checkout_id", "order_id"))


def _money(record: dict[str, Any], item: Mapping[str, Any], door: Door) -> None:
    value, listed = item.get("value"), item.get("contents")
    said = item.get("currency")
    if said is None and value is None and listed is None:
        return
    code = door.currency if said is None or said == "" else fields.currency(said, "currency")
    if value is not None and value != "":
        record["value"] = fields.money(value, "value", code)
        record["currency"] = code
    elif said:
        record["currency"] = code
    if listed is not None:
        record["contents"] = lines.contents(listed, "contents", code)
        record["currency"] = code
