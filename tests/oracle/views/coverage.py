"""The share of each day's orders that touches earned, and why the others are without."""

from collections import Counter, defaultdict

from tests.oracle.views.amounts import ratio
from tests.oracle.views.books import Books, View
from tests.oracle.words import Row

_REASONS = ("no_visitor", "shared_ids", "no_touch", "out_of_window")


def coverage(books: Books) -> list[Row]:
    """By the order's date; every order, cancelled ones too."""
    days: dict[str, Counter[str | None]] = defaultdict(Counter)
    for sale in books.sales:
        days[books.date(sale.conversion.converted_at)][sale.reason] += 1
    rows: list[Row] = []
    for day, reasons in days.items():
        pending = reasons["pending_order"] + reasons["pending_rate"]
        rows.append((
            books.tenant, day, reasons.total(), reasons[None],
            *(reasons[name] for name in _REASONS), pending,
            ratio(reasons[None], reasons.total()),
        ))  # fmt: skip
    return rows


VIEWS = (
    View(
        "coverage", 2,
        ("tenant_id", "date", "orders", "attributed", *_REASONS, "pending", "coverage"),
        coverage,
    ),
)  # fmt: skip
