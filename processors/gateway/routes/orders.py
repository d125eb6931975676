"""`POST /v1/orders`: snapshots of orders in the neutral form."""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.identifiers import is_junk
from processors.domain.ids import normalise_order_id
from processors.gateway import fields, lines
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import SHARED, Draft, Reader, own_id, user_data
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler

STATUSES: Final = (
    "pending", "paid", "partially_refunded", "refunded", "cancelled", "charged_back",
)  # fmt: skip

_TABLE: Final[dict[str, Reader]] = {**SHARED, "checkout_id": own_id, "user_data": user_data}


def customer(draft: Draft, value: Any, name: str) -> None:
    """A customer id at the top of the item."""
    found = draft.person.clean(fields.ident(value, name))
    if found is not None:
        draft.person.ids.setdefault("customer_id", found)


_TABLE["customer_id"] = customer


@handler("/v1/orders", server_only=True)
def order(item: dict[str, Any], door: Door) -> Accepted:
    """Take snapshots of orders."""
    require(item)
    return snapshot(item, item, door)


def require(item: Mapping[str, Any]) -> None:
    """Refuse an item that is no whole order."""
    for name in ("ordered_at", "revenue", "currency"):
        fields.required(item, name)


def snapshot(sent: Mapping[str, Any], item: Mapping[str, Any], door: Door) -> Accepted:
    """A record of the neutral `item`; ids are hashes of what was `sent`."""
    draft = Draft(sent, item, door)
    draft.read(_TABLE)
    record = draft.parts()
    details = draft.person.user_data(door, record.get("visitor_id"))
    if details is not None:
        record["user_data"] = details
    record["tenant_id"] = door.tenant
    record["source"] = source_of(item)
    record["order_id"] = order_id_of(item)
    record["event_id"] = draft.event_id or draft.hash
    record["content_hash"] = draft.hash
    record["received_at"] = door.received_at
    _times(record, item, door.received_at)
    _money(record, item, door)
    status = item.get("status", "paid")
    if status is not None:
        if status not in STATUSES:
            raise Refused("status", f"must be one of {', '.join(STATUSES)}")
        record["status"] = status
    if item.get("test") is True:
        record["test"] = True
    if item.get("disputes") is not None:
        record["disputes"] = lines.disputes(item["disputes"], door.received_at)
    if item.get("discount_codes") is not None:
        record["discount_codes"] = lines.codes(item["discount_codes"])
    if door.batch is not None:
        record["batch"] = {**door.batch, "row": door.index}
        if (name := item.get("event_name")) is not None:
            record["event_name"] = fields.text(name, "event_name", fields.MAX_NAME)
    return accepted("orders.v1", record, door)


def source_of(item: Mapping[str, Any]) -> str:
    """The shop; `api` when the item does not say."""
    said = item.get("source")
    return (said is not None and fields.text(said, "source", fields.MAX_NAME // 2)) or "api"


def order_id_of(item: Mapping[str, Any]) -> str:
    """The order's bare id; an order without one cannot be taken."""
    found = fields.ident(fields.required(item, "order_id"), "order_id")
    if found is None or is_junk(found):
        raise Refused("order_id", "is required")
    return normalise_order_id(found)


def _times(record: dict[str, Any], item: Mapping[str, Any], received_at: int) -> None:
    for name in ("ordered_at", "updated_at", "paid_at"):
        value = item.get(name)
        if value is not None and value != "":
            record[name] = fields.past(value, name, received_at)


def _money(record: dict[str, Any], item: Mapping[str, Any], door: Door) -> None:
    said = item.get("currency")
    if said is None:
        return
    code = fields.currency(said, "currency")
    record["currency"] = code
    for name, field in (("revenue", "gross"), ("refunded_amount", "refunded")):
        if item.get(name) is not None:
            record[field] = fields.money(item[name], name, code)
    if item.get("refunds") is not None:
        record["refunds"] = lines.refunds(item["refunds"], code, door.received_at)
    if item.get("line_items") is not None:
        record["line_items"] = lines.contents(item["line_items"], "line_items", code)
