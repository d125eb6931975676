"""Product lines of events and orders, and the refunds and disputes of an order."""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway import fields
from processors.gateway.refusal import Refused

_PRODUCT_NAMES: Final = ("product_id", "id", "item_id", "content_id", "variant_id")
_TITLE_NAMES: Final = ("title", "name", "item_name", "content_name")
_PRICE_NAMES: Final = ("price", "item_price")
DISPUTES: Final = ("open", "won", "lost")


def contents(value: Any, name: str, currency: str) -> list[dict[str, Any]]:
    """Product lines; a bare id is a line, too."""
    return [
        _line(line, f"{name}[{index}]", currency)
        for index, line in enumerate(fields.entries(value, name))
        if line is not None
    ]


def _line(value: Any, name: str, currency: str) -> dict[str, Any]:
    if type(value) is not dict:
        product = fields.ident(value, name)
        return {} if product is None else {"product_id": product}
    line: dict[str, Any] = {}
    found = first(value, _PRODUCT_NAMES)
    if found is not None:
        _put(line, "product_id", fields.ident(found, f"{name}.product_id"))
    if value.get("sku") is not None:
        _put(line, "sku", fields.ident(value["sku"], f"{name}.sku"))
    title = first(value, _TITLE_NAMES)
    if title is not None:
        _put(line, "title", fields.text(title, f"{name}.title", fields.MAX_SHORT * 4))
    if value.get("quantity") is not None:
        quantity = fields.whole(value["quantity"], f"{name}.quantity", fields.MAX_QUANTITY)
        line["quantity"] = quantity
    price = first(value, _PRICE_NAMES)
    if price is not None:
        line["price"] = fields.money(price, f"{name}.price", currency)
    return line


def refunds(value: Any, currency: str, received_at: int) -> list[dict[str, Any]]:
    """Refunds in the neutral form."""
    found = []
    for index, row in enumerate(fields.entries(value, "refunds")):
        name = f"refunds[{index}]"
        said = fields.mapping(row, name)
        refund_id = _id(said, "refund_id", name)
        amount = fields.money(_needed(said, "amount", name), f"{name}.amount", currency)
        refund: dict[str, Any] = {"refund_id": refund_id, "amount": amount}
        if said.get("refunded_at") is not None:
            at = fields.past(said["refunded_at"], f"{name}.refunded_at", received_at)
            refund["refunded_at"] = at
        found.append(refund)
    return found


def disputes(value: Any, received_at: int) -> list[dict[str, Any]]:
    """Disputes in the neutral form."""
    found = []
    for index, row in enumerate(fields.entries(value, "disputes")):
        name = f"disputes[{index}]"
        said = fields.mapping(row, name)
        dispute_id = _id(said, "dispute_id", name)
        if said.get("status") not in DISPUTES:
            raise Refused(f"{name}.status", f"must be one of {', '.join(DISPUTES)}")
        dispute: dict[str, Any] = {"dispute_id": dispute_id, "status": said["status"]}
        if said.get("decided_at") is not None:
            at = fields.past(said["decided_at"], f"{name}.decided_at", received_at)
            dispute["decided_at"] = at
        found.append(dispute)
    return found


def codes(value: Any) -> list[str]:
    """Discount codes, as strings or as objects with a code."""
    found = []
    for index, row in enumerate(fields.entries(value, "discount_codes")):
        said = row.get("code") if type(row) is dict else row
        if said is not None:
            code = fields.ident(said, f"discount_codes[{index}]")
            if code is not None:
                found.append(code)
    return found


def first(said: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first of the names that has a value."""
    for name in names:
        value = said.get(name)
        if value is not None and value != "":
            return value
    return None


def _id(said: Mapping[str, Any], key: str, name: str) -> str:
    found = fields.ident(_needed(said, key, name), f"{name}.{key}")
    if found is None:
        raise Refused(f"{name}.{key}", "is required")
    return found


def _needed(said: Mapping[str, Any], key: str, name: str) -> Any:
    if said.get(key) in (None, ""):
        raise Refused(f"{name}.{key}", "is required")
    return said[key]


def _put(line: dict[str, Any], key: str, value: str | None) -> None:
    if value is not None:
        line[key] = value
