"""Shopify's order export: several lines an order, of which the first has the order and each has
a product.

An export is dated by the last thing that it says of an order, so that it does not stand before a
webhook that came later.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.domain.columns import LOST, amount, moment, plain
from processors.engine.files import Row
from processors.gateway import attributes

COLUMNS: Final = frozenset({
    "name", "email", "financial_status", "paid_at", "fulfilled_at", "currency", "total",
    "discount_code", "created_at", "cancelled_at", "lineitem_quantity", "lineitem_name",
    "lineitem_price", "lineitem_sku", "billing_name", "billing_city", "billing_zip",
    "billing_province", "billing_country", "billing_phone", "shipping_name", "shipping_city",
    "shipping_zip", "shipping_province", "shipping_country", "shipping_phone", "note_attributes",
    "refunded_amount", "id", "phone",
})  # fmt: skip
_STATUSES: Final = {
    "pending": "pending", "authorized": "pending", "expired": "cancelled", "voided": "cancelled",
    "paid": "paid", "partially_paid": "paid", "refunded": "refunded",
    "partially_refunded": "partially_refunded",
}  # fmt: skip
_SIGNS: Final = {"name", "financial_status", "lineitem_name", "total", "created_at"}
_TIMES: Final = ("created_at", "paid_at", "fulfilled_at", "cancelled_at")
_ATTRIBUTE: Final = re.compile(r"^\s*([^:\n]{1,128}):[ \t]*(.*)$", re.MULTILINE)


def is_export(names: set[str]) -> bool:
    """Whether these are the columns of an order export."""
    return {plain(name) for name in names} >= _SIGNS


def orders(rows: Iterator[Row]) -> Iterator[Row]:
    """Lines of one name in a row as one order, under the place of the first."""
    group: list[Row] = []
    for row in rows:
        if row.error:
            yield from _flush(group)
            group = []
            yield row
            continue
        said = {plain(name): value for name, value in row.item.items()}
        line = Row(row.number, row.line, said)
        if group and said.get("name") != group[0].item.get("name"):
            yield from _flush(group)
            group = []
        group.append(line)
    yield from _flush(group)


def _flush(group: list[Row]) -> Iterator[Row]:
    if group:
        first = group[0]
        damaged = any(LOST in value for row in group for value in row.item.values())
        if damaged:
            error = "has characters that are none in the file's encoding"
            yield Row(first.number, first.line, error=error)
        elif "total" not in first.item:
            error = "the line of the order itself, which has its Total, is missing"
            yield Row(first.number, first.line, error=error)
        else:
            yield Row(first.number, first.line, _order([row.item for row in group]))


def _order(lines: list[Mapping[str, str]]) -> dict[str, Any]:
    said = lines[0]
    item: dict[str, Any] = attributes.read(_ATTRIBUTE.findall(said.get("note_attributes", "")))
    times = [moment(said[name]) for name in _TIMES if name in said]
    item |= {
        "source": "shopify",
        "order_id": said.get("id") or said.get("name", "").lstrip("#"),
        "ordered_at": moment(said["created_at"]) if "created_at" in said else None,
        "updated_at": max(times, default=None),
        "revenue": amount(said["total"]),
        "currency": said.get("currency"),
        "status": _status(said),
        "line_items": [_line(line) for line in lines if "lineitem_name" in line],
        "user_data": _details(said),
    }
    if "refunded_amount" in said:
        item["refunded_amount"] = amount(said["refunded_amount"])
    if "discount_code" in said:
        item["discount_codes"] = [code.strip() for code in said["discount_code"].split(",")]
    return {name: value for name, value in item.items() if value not in (None, [], {})}


def _status(said: Mapping[str, str]) -> str | None:
    if "cancelled_at" in said:
        return "cancelled"
    return _STATUSES.get(said.get("financial_status", "").lower())


def _line(said: Mapping[str, str]) -> dict[str, Any]:
    line = {
        "product_id": said.get("lineitem_sku"),
        "sku": said.get("lineitem_sku"),
        "title": said.get("lineitem_name"),
        "quantity": said.get("lineitem_quantity"),
        "price": amount(said["lineitem_price"]) if "lineitem_price" in said else None,
    }
    return {name: value for name, value in line.items() if value is not None}


def _details(said: Mapping[str, str]) -> dict[str, str]:
    """The buyer's details, of the billing address, else of the shipping address."""
    where = "billing" if any(name.startswith("billing_") for name in said) else "shipping"
    first, _, last = said.get(f"{where}_name", "").strip().rpartition(" ")
    found = {
        "email": said.get("email"),
        "phone": said.get("phone") or said.get("billing_phone") or said.get("shipping_phone"),
        "first_name": first,
        "last_name": last,
        "city": said.get(f"{where}_city"),
        "state": said.get(f"{where}_province"),
        # Spreadsheets must not take it for a number, so Shopify writes it behind a quote.
        "zip": said.get(f"{where}_zip", "").lstrip("'"),
        "country": said.get(f"{where}_country"),
    }
    return {name: value for name, value in found.items() if value}
