"""What the demo says of its training."""

from decimal import Decimal
from typing import Any, Final

from deploy.demo.learning import lines

FOUND: Final[dict[str, Any]] = {
    "tenant_id": "demo", "state": "trained", "reason": None, "version": "m1",
    "promotion": "promoted", "journeys": 2_000, "conversions": 400,
}  # fmt: skip
CREDIT: Final = {
    ("email", "data_driven"): Decimal(3), ("direct", "data_driven"): Decimal(1),
    ("email", "linear"): Decimal(1), ("direct", "linear"): Decimal(1),
}  # fmt: skip


def test_a_model_is_told_with_its_quality_and_its_shares_beside_linears() -> None:
    assert list(lines(FOUND, auc=Decimal("0.71234"), credit=CREDIT)) == [
        "data_driven was trained on 2,000 journeys, 400 with a conversion: model m1 (promoted),"
        " AUC 0.712 on held-out journeys",
        "its shares of the credit, beside linear's: email 75.0 % (50.0 %), direct 25.0 % (50.0 %)",
    ]


def test_too_little_to_learn_from_is_told_with_the_number_that_is_needed() -> None:
    refused = FOUND | {
        "state": "insufficient_data", "version": None, "promotion": None, "conversions": 205,
        "reason": "insufficient_conversions: 205 of 300",
    }  # fmt: skip
    assert list(lines(refused, auc=None, credit=CREDIT)) == [
        "data_driven has no model yet and divides as linear does: insufficient_conversions:"
        " 205 of 300 (2,000 journeys, 205 with a conversion); another `make demo` on this stack"
        " adds a day"
    ]
