"""The shop's figures by day and by period, and who bought: new and returning customers."""

from collections import defaultdict
from collections.abc import Callable

from tests.oracle.views.amounts import each, ratio, returned, total
from tests.oracle.views.books import Books, View
from tests.oracle.views.figures import Figure, grouped, spent
from tests.oracle.views.periods import GRAINS, period
from tests.oracle.words import Row

_FIGURES = (
    "model", "attribution_window", "revenue", "attributed_revenue", "unattributed_revenue",
    "conversions", "attributed_conversions", "spend", "roas", "mer", "cpa", "aov", "new_orders",
    "returning_orders",
)  # fmt: skip
Kind = bool | None
"""Whether the customer is new; None where nobody knows who bought."""


def overview(books: Books) -> list[Row]:
    """By the order's date."""
    return [(books.tenant, *row) for row in _overview(books, lambda day: day)]


def overview_by(books: Books) -> list[Row]:
    """By each grain."""
    return [
        (books.tenant, grain, *row) for grain in GRAINS for row in _overview(books, period(grain))
    ]


def _overview(books: Books, of: Callable[[str], str]) -> list[Row]:
    whole = grouped(books, "cash", lambda day, *_: (of(day),))
    parts = grouped(books, "cash", lambda day, channel, *_: (of(day), channel))
    bought, _ = _bought(books, of)
    rows: list[Row] = []
    for (when, model, window), sums in whole.items():
        if sums.is_something:
            rest = parts.get((when, "unattributed", model, window), Figure())
            earned, credit = sums.revenue - rest.revenue, sums.credit - rest.credit
            rows.append((
                when, model, window, sums.revenue, earned, rest.revenue, sums.credit, credit,
                sums.spend, returned(earned, sums.spend), returned(sums.revenue, sums.spend),
                each(sums.spend, credit, books.unit),
                each(sums.revenue, sums.credit, books.unit),
                bought[when][True][0], bought[when][False][0],
            ))  # fmt: skip
    return rows


Bought = dict[str, dict[Kind, list[int]]]


def _bought(books: Books, of: Callable[[str], str]) -> tuple[Bought, dict[str, int | None]]:
    """[orders, revenue] by date and kind of customer, and the spend of each date that has any."""
    kinds: Bought = defaultdict(lambda: {kind: [0, 0] for kind in (True, False, None)})
    for sale in books.sales:
        if sale.counts:
            sums = kinds[of(books.date(sale.conversion.converted_at))][sale.is_first]
            sums[0] += 1
            sums[1] += sale.reporting or 0
    costs: dict[str, int | None] = {}
    for (day, *_), own in spent(books):
        costs[of(day)] = total((costs.get(of(day)), own.spend))
    return kinds, costs


def customers(books: Books) -> list[Row]:
    """A row for each date with an order that counts or a figure of an ad account."""
    kinds, costs = _bought(books, lambda day: day)
    rows: list[Row] = []
    for day in kinds.keys() | costs.keys():
        new, returning, unknown = (kinds[day][kind] for kind in (True, False, None))
        spend = costs.get(day)
        rows.append((
            books.tenant, day, new[0] + returning[0] + unknown[0], new[0], returning[0],
            unknown[0], new[1], returning[1], unknown[1], spend,
            ratio(None if spend is None else spend * books.unit, new[0]),
        ))  # fmt: skip
    return rows


def channel_customers(books: Books) -> list[Row]:
    """By the order's date; a row wherever a touch lies in the window, and wherever is spend."""
    sums: dict[Row, dict[Kind, list[int]]] = defaultdict(
        lambda: {kind: [0, 0] for kind in (True, False, None)}
    )
    for sale, model, window, row in books.facts():
        place = ("unattributed", "none") if row is None else (row.touch.channel, row.touch.platform)
        own = sums[(books.date(sale.conversion.converted_at), *place, model, window)][sale.is_first]
        own[0] += 10**9 if row is None else row.credit
        own[1] += (sale.reporting if row is None else row.reporting) or 0
    costs: dict[Row, int] = defaultdict(int)
    for (day, channel, platform, _), told in spent(books):
        for cell in books.shown:
            if told.spend is not None:
                costs[day, channel, platform, *cell] += told.spend
    rows: list[Row] = []
    for key in sums.keys() | costs.keys():
        new, returning, unknown = (sums[key][kind] for kind in (True, False, None))
        spend = costs.get(key)
        rows.append((
            books.tenant, *key, new[0], returning[0], unknown[0], new[1], returning[1], unknown[1],
            spend, each(spend, new[0], books.unit),
        ))  # fmt: skip
    return rows


VIEWS = (
    View("overview", 4, ("tenant_id", "date", *_FIGURES), overview),
    View("overview_by", 5, ("tenant_id", "grain", "period", *_FIGURES), overview_by),
    View(
        "customers", 2,
        (
            "tenant_id", "date", "orders", "new_orders", "returning_orders", "unknown_orders",
            "new_revenue", "returning_revenue", "unknown_revenue", "spend", "cac",
        ),
        customers,
    ),
    View(
        "channel_customers", 6,
        (
            "tenant_id", "date", "channel", "platform", "model", "attribution_window",
            "new_conversions", "returning_conversions", "unknown_conversions", "new_revenue",
            "returning_revenue", "unknown_revenue", "spend", "cac",
        ),
        channel_customers,
    ),
)  # fmt: skip
