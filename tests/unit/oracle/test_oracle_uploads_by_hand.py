"""Uploads of offline conversions, worked out by hand."""

from typing import Any

from schemas.command import Command, SetOfflineBatch
from schemas.envelope import Identifiers
from schemas.order import Batch, Order
from schemas.touchpoint import Touchpoint
from tests.oracle.compute import served
from tests.oracle.log import log_of

NOON = 1_767_614_400_000


def row(number: int, batch_id: str, order_id: str, customer: str, at: int = NOON) -> Order:
    return Order(
        tenant_id="acme", source="offline", order_id=order_id, event_id=order_id,
        content_hash=f"h-{order_id}", received_at=at, ordered_at=NOON, currency="USD", gross=100,
        identifiers=Identifiers(customer_id=customer),
        batch=Batch(batch_id=batch_id, row=number, upload_type="conversions"),
    )  # fmt: skip


def report(batch_id: str, status: Any, at: int, **counts: int) -> Command:
    body = SetOfflineBatch(
        batch_id=batch_id, batch_name=batch_id.upper(), upload_type="conversions", status=status,
        created_at=at, completed_at=at + 1 if counts else None, **counts,
    )  # fmt: skip
    return Command(
        tenant_id="acme", command_id=f"{status}-{at}", issued_at=at, received_at=at, body=body
    )


def test_rows_belong_to_who_was_first_and_a_finished_report_stands() -> None:
    touch = Touchpoint(
        tenant_id="acme", event_id="t", content_hash="h", occurred_at=NOON - 1, received_at=NOON,
        visitor_id="v", identifiers=Identifiers(customer_id="c1"),
    )  # fmt: skip
    result = served(log_of([
        ("touchpoints.v1", touch),
        ("orders.v1", row(1, "late", "o1", "c1", NOON + 9)),
        ("orders.v1", row(1, "early", "o1", "c1")),
        ("orders.v1", row(2, "early", "o2", "c2")),
        ("orders.v1", row(3, "early", "o1", "c1")),
        ("commands.v1", report("early", "completed", NOON, total_records=4, failed_records=1)),
        ("commands.v1", report("early", "processing", NOON + 5)),
        ("commands.v1", report("late", "processing", NOON + 9)),
    ]))  # fmt: skip
    early, late = result["offline_batches"]
    assert early[1:] == (
        "early", "EARLY", None, "conversions", 4, 2, 1, 1, 6667, "completed", NOON, NOON + 1,
    )  # fmt: skip
    assert late[1:] == (
        "late", "LATE", None, "conversions", 1, 0, 0, 1, 10000, "processing", NOON + 9, None,
    )  # fmt: skip
    assert [(r[1], r[2], r[8], r[9]) for r in result["offline_conversions"]] == [
        ("early", 1, False, True),
        ("early", 2, False, False),
        ("early", 3, True, True),
        ("late", 1, True, True),
    ]
