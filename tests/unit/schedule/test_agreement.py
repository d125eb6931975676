"""Whatever order a shop shows, the conversion of its own webhook leaves nothing to repair."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.identity.fold import Version, fold
from processors.schedule.orders import differs, standing
from schemas.order import Order
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.shop import order_webhook, post_webhook

_AMOUNT = st.sampled_from(["0.00", "1.005", "20", "28.10", "129.90", "500", None, "much"])
_CURRENCY = st.sampled_from(["USD", "EUR", "JPY", None])
_STATUS = st.sampled_from(
    ["pending", "authorized", "expired", "paid", "partially_paid", "partially_refunded",
     "refunded", "voided", "something new", None]
)  # fmt: skip
_MOVES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["refund", "void"]),
        "status": st.sampled_from(["success", "failure", "pending"]),
        "amount": _AMOUNT,
        "currency": _CURRENCY,
    }
)
_LINES = st.fixed_dictionaries(
    {"subtotal": st.sampled_from([20.0, "7.5", 0]), "total_tax": _AMOUNT}
)
_KEPT = st.fixed_dictionaries(
    {"amount": st.sampled_from(["-8.00", "3.00"]), "tax_amount": st.sampled_from(["-0.40", None])}
)


@st.composite
def shown_orders(draw: st.DrawFn) -> dict[str, Any]:
    refunds = [
        {
            "id": number,
            "created_at": "2026-09-02T12:00:00Z",
            "transactions": draw(st.lists(_MOVES, max_size=2)),
            "refund_line_items": draw(st.lists(_LINES, max_size=2)),
            "order_adjustments": draw(st.lists(_KEPT, max_size=1)),
        }
        for number in range(draw(st.integers(0, 2)))
    ]
    return order_webhook(
        currency=draw(st.sampled_from(["USD", "JPY"])),
        total_price=draw(st.sampled_from(["0.00", "129.90", "129.905", 130])),
        financial_status=draw(_STATUS),
        cancelled_at=draw(st.sampled_from([None, None, "2026-09-02T12:00:00Z"])),
        refunds=refunds,
    )


def _told(order: dict[str, Any]) -> list[Order]:
    gateway = Gateway()
    asyncio.run(post_webhook(gateway, "orders/updated", order))
    return gateway.outlet.records("orders.v1")


@settings(max_examples=300, deadline=None)
@given(order=shown_orders())
def test_the_conversion_of_an_orders_webhook_does_not_differ_from_the_order(
    order: dict[str, Any],
) -> None:
    records = _told(order)
    refunds = {r.refund_id: r.amount for record in records for r in record.refunds}
    made = fold([Version(0, record) for record in records], refunds, pixel_counts=False)
    shown = standing(order)

    assert made is not None
    assert shown is not None
    ours = {"gross": made.order.gross, "refunded": made.refunded, "status": made.status}
    assert not differs(shown, ours), (shown, ours)
