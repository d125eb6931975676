"""What each channel sold of each product: an order's net, split over what was in it."""

from collections import defaultdict
from dataclasses import dataclass

from tests.oracle.fold import Conversion
from tests.oracle.views.books import Books, View
from tests.oracle.words import UNIT, Row


@dataclass(frozen=True, slots=True)
class Part:
    """One product of an order, and its weight in it."""

    product: str
    titles: frozenset[str]
    skus: frozenset[str]
    quantity: int
    weight: int


def parts(conversion: Conversion) -> list[Part]:
    """In the order of the products' names: by price times quantity; where a price is missing, or
    all are 0, by quantity; without that all alike. An order without lines is one nameless part."""
    lines = defaultdict(list)
    for line in conversion.lines or ({},):
        said = [line.get(name) for name in ("product_id", "sku", "title")]
        lines[next((name for name in said if name is not None), "")].append(line)
    quantity = {name: sum(_pieces(line) for line in own) for name, own in lines.items()}
    worth = {
        name: sum(_pieces(line) * (line.get("price") or 0) for line in own)
        for name, own in lines.items()
    }
    priced = all(line.get("price") is not None for own in lines.values() for line in own)
    weights = dict.fromkeys(lines, 1)
    if priced and sum(worth.values()) > 0:
        weights = worth
    elif sum(quantity.values()) > 0:
        weights = quantity
    return [
        Part(
            name, _names(lines[name], "title"), _names(lines[name], "sku"), quantity[name],
            weights[name],
        )
        for name in sorted(lines)
    ]  # fmt: skip


def _pieces(line: dict[str, int]) -> int:
    return line.get("quantity") or 0


def _names(lines: list[dict[str, str]], kind: str) -> frozenset[str]:
    return frozenset(line[kind] for line in lines if line.get(kind) is not None)


def products(books: Books) -> list[Row]:
    """By the order's date. What a touch earned is cut at the weights' running sums, each cut
    rounded down, so that its products add up to it."""
    sums: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    titles: dict[Row, set[str]] = defaultdict(set)
    skus: dict[Row, set[str]] = defaultdict(set)
    split = {sale.conversion.id: parts(sale.conversion) for sale in books.sales if sale.counts}
    for sale, model, window, row in books.facts():
        place, credit, money = ("unattributed", "none"), UNIT, sale.reporting or 0
        if row is not None:
            place = (row.touch.channel, row.touch.platform)
            credit, money = row.credit, row.reporting or 0
        own = split[sale.conversion.id]
        whole, upto = sum(part.weight for part in own), 0
        for part in own:
            before, upto = upto, upto + part.weight
            date = books.date(sale.conversion.converted_at)
            key = (date, part.product, *place, model, window)
            total = sums[key]
            total[0] += credit
            total[1] += credit * part.quantity
            total[2] += money * upto // whole - money * before // whole
            titles[key] |= part.titles
            skus[key] |= part.skus
    return [
        (books.tenant, *key, max(titles[key], default=None), max(skus[key], default=None), *total)
        for key, total in sums.items()
    ]


VIEWS = (
    View(
        "products", 7,
        (
            "tenant_id", "date", "product_id", "channel", "platform", "model",
            "attribution_window", "title", "sku", "conversions", "units", "revenue",
        ),
        products,
    ),
)  # fmt: skip
