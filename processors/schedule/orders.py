"""What a shop's order is worth and where it stands, beside our conversion of it: pure.

Only what a repair can mend counts as a difference. We may know of more refunds than the shop
lists, since refunds of an order only grow, and of a chargeback, which an order never tells.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.domain.money import is_currency, to_minor

_STATUSES: Final = {
    "pending": "pending", "authorized": "pending", "expired": "cancelled", "voided": "cancelled",
    "paid": "paid", "partially_paid": "paid", "partially_refunded": "partially_refunded",
    "refunded": "refunded",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as the shop shows it; `gross` has every figure that counts as its total."""

    order_id: str
    gross: frozenset[int]
    refunded: int
    status: str | None


def standing(order: Mapping[str, Any]) -> Standing | None:
    """None for a test order, and for one without an id or a currency, which no gateway takes."""
    order_id, currency = order.get("id"), order.get("currency")
    if order.get("test") is True or type(order_id) not in (int, str):
        return None
    if type(currency) is not str or not is_currency(currency):
        return None
    totals = (_minor(order.get(name), currency) for name in ("total_price", "current_total_price"))
    gross = frozenset(total for total in totals if total is not None)
    refunded = sum(_minor(_refunded(row), currency) or 0 for row in _rows(order, "refunds"))
    return Standing(str(order_id), gross, refunded, _status(order, gross, refunded))


def differs(shown: Standing, ours: Mapping[str, Any]) -> bool:
    """Whether our conversion (gross, refunded, status) lacks what the shop shows."""
    if shown.gross and ours["gross"] not in shown.gross:
        return True
    if ours["refunded"] < shown.refunded:
        return True
    more_refunded = ours["refunded"] > shown.refunded
    if shown.status is None or ours["status"] == "charged_back" or more_refunded:
        return False
    return bool(ours["status"] != shown.status)


def _status(order: Mapping[str, Any], gross: frozenset[int], refunded: int) -> str | None:
    said = order.get("financial_status")
    status = "cancelled" if order.get("cancelled_at") else _STATUSES.get(str(said))
    if status in (None, "cancelled") or not gross:
        return status
    if refunded and refunded >= min(gross):
        return "refunded"
    if refunded and status != "refunded":
        return "partially_refunded"
    return status


def _refunded(refund: Mapping[str, Any]) -> Decimal:
    """What was paid back; when no money moved yet, the lines' value."""
    moved = [
        row.get("amount")
        for row in _rows(refund, "transactions")
        if row.get("kind") == "refund" and row.get("status") == "success"
    ]
    if moved:
        return _sum(moved)
    return _sum(
        amount
        for line in _rows(refund, "refund_line_items")
        for amount in (line.get("subtotal"), line.get("total_tax"))
    )


def _sum(amounts: Iterable[Any]) -> Decimal:
    return sum((_decimal(amount) or Decimal(0) for amount in amounts), Decimal(0))


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _minor(value: Any, currency: str) -> int | None:
    found = _decimal(value)
    try:
        return None if found is None else to_minor(f"{found:f}", currency)
    except (ValueError, ArithmeticError):
        return None


def _rows(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
