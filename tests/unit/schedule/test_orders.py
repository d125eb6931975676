"""A shop's order beside ours."""

from typing import Any

import pytest

from processors.schedule.orders import differs, standing

PAID = {"gross": 12_990, "refunded": 0, "status": "paid"}


def order(**changes: Any) -> dict[str, Any]:
    return {
        "id": 820_982_911_946_154_508, "currency": "USD", "total_price": "129.90", "test": False,
        "financial_status": "paid", "cancelled_at": None, "refunds": [], **changes,
    }  # fmt: skip


def refund(amount: str, *, status: str = "success") -> dict[str, Any]:
    return {"id": 1, "transactions": [{"kind": "refund", "status": status, "amount": amount}]}


@pytest.mark.parametrize(
    ("changes", "ours", "is_different"),
    [
        ({}, PAID, False),
        ({"total_price": "130.00"}, PAID, True),
        ({"total_price": "150.00", "current_total_price": "129.90"}, PAID, False),
        ({"refunds": [refund("29.90")]}, PAID, True),
        ({"refunds": [refund("29.90", status="failure")]}, PAID, False),
        ({"refunds": [refund("29.90")], "financial_status": "partially_refunded"},
         {"gross": 12_990, "refunded": 2_990, "status": "partially_refunded"}, False),
        ({"refunds": [refund("129.90")], "financial_status": "refunded"},
         {"gross": 12_990, "refunded": 12_990, "status": "refunded"}, False),
        ({}, {"gross": 12_990, "refunded": 2_990, "status": "partially_refunded"}, False),
        ({"cancelled_at": "2026-09-01T12:00:00Z"}, PAID, True),
        ({"financial_status": "voided"}, PAID, True),
        ({}, {"gross": 12_990, "refunded": 0, "status": "charged_back"}, False),
        ({"financial_status": "something new"}, PAID, False),
        ({}, {"gross": None, "refunded": 0, "status": "pending"}, True),
        ({"total_price": "1290", "currency": "JPY"},
         {"gross": 1_290, "refunded": 0, "status": "paid"}, False),
    ],
)  # fmt: skip
def test_only_what_a_repair_can_mend_is_a_difference(
    changes: dict[str, Any], ours: dict[str, Any], is_different: bool
) -> None:
    shown = standing(order(**changes))
    assert shown is not None
    assert differs(shown, ours) is is_different


@pytest.mark.parametrize(
    "changes", [{"test": True}, {"id": None}, {"id": 1.5}, {"currency": None}, {"currency": "XXQ"}]
)
def test_what_no_gateway_would_make_a_conversion_of_is_not_compared(
    changes: dict[str, Any],
) -> None:
    assert standing(order(**changes)) is None


def test_damaged_refunds_and_amounts_are_no_reason_to_stop() -> None:
    shown = standing(order(total_price="much", refunds=[5, {"transactions": "x"}]))
    assert shown is not None
    assert not differs(shown, PAID)
