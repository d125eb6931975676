"""What a shop's order is worth and where it stands, beside our conversion of it: pure.

Only what a repair can mend counts as a difference. We may know of more refunds than the shop
lists, since refunds of an order only grow, and of a chargeback, which an order never tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processors.domain.money import is_currency, to_minor
from processors.domain.order_money import settled
from processors.domain.payload import rows
from processors.domain.shopify_orders import refund, status
from schemas.order import OrderStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as the shop shows it; `gross` has every figure that counts as its total."""

    order_id: str
    gross: frozenset[int]
    refunded: int
    status: OrderStatus | None


def standing(order: Mapping[str, Any]) -> Standing | None:
    """None for a test order, and for one without an id or a currency, which no gateway takes."""
    order_id, currency = order.get("id"), order.get("currency")
    if order.get("test") is True or type(order_id) not in (int, str):
        return None
    if type(currency) is not str or not is_currency(currency):
        return None
    totals = (_minor(order.get(name), currency) for name in ("total_price", "current_total_price"))
    gross = frozenset(total for total in totals if total is not None)
    amounts = (refund(row, currency)["amount"] for row in rows(order, "refunds"))
    refunded = sum(_minor(amount, currency) or 0 for amount in amounts)
    return Standing(str(order_id), gross, refunded, status(order))


def differs(shown: Standing, ours: Mapping[str, Any]) -> bool:
    """Whether our conversion (gross, refunded, status) lacks what the shop shows."""
    if shown.gross and ours["gross"] not in shown.gross:
        return True
    expected, refunded, _ = settled(
        shown.status,
        gross=ours["gross"] or 0,
        refunded=max(shown.refunded, ours["refunded"]),
        charged_back=ours["status"] == "charged_back",
    )
    if refunded > ours["refunded"]:
        return True
    return shown.status is not None and ours["status"] != expected


def _minor(value: Any, currency: str) -> int | None:
    if type(value) not in (str, int, float):
        return None
    try:
        return to_minor(value, currency)
    except ValueError:
        return None
