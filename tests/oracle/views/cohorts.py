"""Customers by the month and the channel of their first order, and what they have brought since."""

from collections import defaultdict

from tests.oracle.views.amounts import ratio, total
from tests.oracle.views.books import Books, Sale, View
from tests.oracle.views.figures import spent
from tests.oracle.words import Row

Bought = dict[str, list[tuple[int, Sale]]]
"""By person, the orders with their months."""


def cohorts(books: Books) -> list[Row]:
    """Months are calendar months, of which each cohort has all up to that of the newest order."""
    months = {sale.conversion.id: _month(books.date(sale.conversion.converted_at))
              for sale in books.sales}  # fmt: skip
    bought: Bought = defaultdict(list)
    for sale in books.sales:
        if sale.person and sale.conversion.ready and sale.conversion.status != "cancelled":
            bought[sale.person].append((months[sale.conversion.id], sale))
    cohorts: dict[tuple[int, str], list[list[tuple[int, Sale]]]] = defaultdict(list)
    for orders in bought.values():
        month, first = min(orders, key=lambda o: (o[1].conversion.converted_at, o[1].conversion.id))
        cohorts[month, _first_channel(first)].append(orders)
    return [
        row
        for (month, channel), people in cohorts.items()
        for row in _rows(books, month, channel, people, last=max(months.values()))
    ]


def _rows(
    books: Books, month: int, channel: str, people: list[list[tuple[int, Sale]]], *, last: int
) -> list[Row]:
    begin = f"{month // 12}-{month % 12 + 1:02}"
    spend = total(
        told.spend for (day, of, *_), told in spent(books) if of == channel and day[:7] == begin
    )
    cost, so_far = None if spend is None else spend * books.unit, 0
    rows: list[Row] = []
    for since in range(last - month + 1):
        own = [[sale for when, sale in orders if when == month + since] for orders in people]
        active = sum(bool(sales) for sales in own)
        revenue = sum(sale.reporting or 0 for sales in own for sale in sales)
        so_far += revenue
        rows.append((
            books.tenant, f"{begin}-01", channel, since, len(people), active,
            ratio(active, len(people)), sum(map(len, own)), revenue, so_far,
            ratio(so_far * books.unit, len(people)), spend, ratio(cost, len(people)),
        ))  # fmt: skip
    return rows


def _month(day: str) -> int:
    """Since the year 0."""
    return int(day[:4]) * 12 + int(day[5:7]) - 1


def _first_channel(sale: Sale) -> str:
    path = sorted({(row.touch.occurred_at, row.touch.id, row.touch.channel) for row in sale.rows})
    return path[0][2] if path else "unattributed"


VIEWS = (
    View(
        "cohorts", 4,
        (
            "tenant_id", "cohort_month", "first_channel", "months_since", "customers",
            "active_customers", "retention", "orders", "revenue", "cumulative_revenue", "ltv",
            "acquisition_spend", "cac",
        ),
        cohorts,
    ),
)  # fmt: skip
