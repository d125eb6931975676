"""How a Shopify order stands and what its refunds are worth, in the shop's currency (Order and
Refund of the REST Admin API). The webhooks' door and the reconciliation read it alike.

A refund's transactions say what was paid back, in the currency that the buyer paid in; its lines
and order adjustments say what it is worth, in the shop's currency too. So transactions count when
they are in the shop's currency, and else the worth does, as when no money has moved yet: what is
taken off an order that nobody paid is a refund without transactions. An adjustment is negative
where the shop pays back more than the lines (shipping), and positive where it keeps some.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.domain.payload import at, rows
from schemas.order import OrderStatus

_STATUSES: Final[dict[str, OrderStatus]] = {
    "pending": "pending",
    "authorized": "pending",
    "expired": "cancelled",
    "partially_paid": "paid",
    "paid": "paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "cancelled",
}


def status(order: Mapping[str, Any]) -> OrderStatus | None:
    """The status in the neutral form; None when `financial_status` is none that we know."""
    if order.get("cancelled_at"):
        return "cancelled"
    said = order.get("financial_status")
    return _STATUSES.get(said) if type(said) is str else None


def refund(row: Mapping[str, Any], currency: Any) -> dict[str, Any]:
    """The refund in the neutral form; `currency` is the shop's, None when nobody says."""
    return {
        "refund_id": row.get("id"),
        "amount": _amount(row, currency),
        "refunded_at": row.get("processed_at") or row.get("created_at"),
    }


def currency_of(row: Mapping[str, Any]) -> Any:
    """The shop's currency as the refund names it, else that of its transactions."""
    sets = [line.get("subtotal_set") for line in rows(row, "refund_line_items")]
    sets += [adjustment.get("amount_set") for adjustment in rows(row, "order_adjustments")]
    named = [at(said, "shop_money").get("currency_code") for said in sets]
    named += [move.get("currency") for move in rows(row, "transactions")]
    return next((code for code in named if code), None)


def _amount(row: Mapping[str, Any], currency: Any) -> str:
    paid = [
        move
        for move in rows(row, "transactions")
        if move.get("kind") == "refund" and move.get("status") == "success"
    ]
    if paid and all(move.get("currency") in (None, currency) for move in paid):
        return f"{_sum(move.get('amount') for move in paid):f}"[:60]
    worth = _sum(
        amount
        for line in rows(row, "refund_line_items")
        for amount in (line.get("subtotal"), line.get("total_tax"))
    )
    worth -= _sum(
        amount
        for adjustment in rows(row, "order_adjustments")
        for amount in (adjustment.get("amount"), adjustment.get("tax_amount"))
    )
    return f"{max(worth, Decimal(0)):f}"[:60]


def _sum(amounts: Iterable[Any]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        try:
            value = Decimal(str(amount)) if amount is not None else Decimal(0)
        except InvalidOperation:
            continue
        if value.is_finite():
            total += value
    return total
