"""Which campaign of a platform a touch's campaign is, and what campaigns cost and earned."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tests.oracle.spend import campaign, money
from tests.oracle.views.amounts import each, returned, total
from tests.oracle.views.books import Books, View
from tests.oracle.words import Row

Matches = dict[tuple[str, str], tuple[str, str]]
"""(platform, campaign of a touch) to (the vendor's id, how it was found)."""


def _found(books: Books) -> Iterator[tuple[tuple[str, str], tuple[int, int], str, str]]:
    """(platform, campaign of a touch), (place, latest day), id, how."""
    latest: dict[tuple[str, str, str], int] = {}
    for record in books.told.values():
        if record["campaign_id"] is not None:
            key = record["platform"], record["campaign_id"], campaign(record)
            day = date.fromisoformat(record["date"]).toordinal()
            latest[key] = max(day, latest.get(key, day))
    names = {(key[3], key[4]) for key in books.cells if key[0] == "accrual" and key[4]}
    for (platform, vendor_id, name), day in latest.items():
        yield (platform, vendor_id), (2, day), vendor_id, "utm_campaign is the id"
        for touch in books.touches:
            named = touch.campaign != touch.campaign_id == vendor_id
            if named and touch.platform == platform:
                yield (platform, touch.campaign), (1, day), vendor_id, "campaign_id"
        for where, own in names:
            if where == platform and own.lower() == name.lower():
                yield (platform, own), (3, day), vendor_id, "utm_campaign is the name"


def matched(books: Books) -> Matches:
    """The first kind that is found; of several campaigns the one with the latest spend, then the
    smaller id."""
    found: dict[tuple[str, str], list[tuple[int, int, str, str]]] = defaultdict(list)
    for touch, (place, day), vendor_id, how in _found(books):
        found[touch].append((place, -day, vendor_id, how))
    return {touch: min(own)[2:] for touch, own in found.items()}


def matches(books: Books) -> list[Row]:
    """The rows of the view."""
    return [(books.tenant, *touch, *own) for touch, own in matched(books).items()]


def campaign_roas(books: Books) -> list[Row]:
    """By the touch's date; of spend, the ad account's."""
    known = matched(books)
    shown = set(books.shown)
    names: dict[Row, set[str]] = defaultdict(set)
    costs: dict[Row, list[int | None]] = defaultdict(list)
    for record in books.told.values():
        if name := campaign(record):
            key = record["date"], record["platform"], record["campaign_id"] or name
            names[key].add(name)
            costs[key].append(money(record, "amount", books.rules))
    called: dict[Row, set[str]] = defaultdict(set)
    earned: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (basis, on, _, platform, name, *cell), amounts in books.cells.items():
        if basis == "accrual" and name and tuple(cell) in shown:
            vendor_id, _ = known.get((platform, name), (name, ""))
            key = on, platform, vendor_id
            called[key].add(name)
            for n, amount in enumerate(amounts):
                earned[(*key, *cell)][n] += amount
    rows: list[Row] = []
    for key in earned.keys() | {(*place, *cell) for place in costs for cell in shown}:
        place = key[:3]
        sums, spend = earned.get(key, [0, 0, 0]), total(costs.get(place, []))
        if any(sums) or spend is not None:
            name = max(names.get(place) or called[place])
            rows.append((
                books.tenant, *key, name, spend, *sums, returned(sums[2], spend),
                each(spend, sums[1], books.unit),
            ))  # fmt: skip
    return rows


VIEWS = (
    View(
        "campaign_matches", 3,
        ("tenant_id", "platform", "touch_campaign", "campaign_id", "matched_by"),
        matches,
    ),
    View(
        "campaign_roas", 6,
        (
            "tenant_id", "date", "platform", "campaign_id", "model", "attribution_window",
            "campaign", "spend", "touchpoints", "conversions", "revenue", "roas", "cpa",
        ),
        campaign_roas,
    ),
)  # fmt: skip
