"""What channels, platforms and campaigns earned and cost, and how they compare."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from tests.oracle.views.amounts import each, ratio, returned
from tests.oracle.views.books import Books, View
from tests.oracle.views.figures import Figure, Place, grouped
from tests.oracle.views.periods import GRAINS, period
from tests.oracle.words import UNIT, Row

BASES: Final = ("accrual", "cash")
_AXES = ("model", "attribution_window")
_EARNED = ("touchpoints", "conversions", "revenue")
_LEVELS: Final[dict[str, Place]] = {
    "channel": lambda day, channel, *_: (day, "channel", channel, None, None),
    "platform": lambda day, channel, platform, _: (day, "platform", channel, platform, None),
    "campaign": lambda day, *place: (day, "campaign", *place),
}


def _by_platform(day: str, channel: str, platform: str, _campaign: str) -> Row:
    return day, channel, platform


def _earned(sums: Figure) -> Row:
    return sums.touchpoints, sums.credit, sums.revenue


def _cost(sums: Figure, books: Books) -> Row:
    """Spend, ROAS and CPA."""
    cpa = each(sums.spend, sums.credit, books.unit)
    return sums.spend, returned(sums.revenue, sums.spend), cpa


def _summary(books: Books, basis: str, place: Place) -> list[Row]:
    return [
        (books.tenant, *key, *_earned(sums), *_cost(sums, books))
        for key, sums in grouped(books, basis, place).items()
        if sums.is_something
    ]


def channels(books: Books) -> list[Row]:
    """Each level on each basis."""
    return [
        (
            books.tenant, basis, *key, *_earned(sums), *_cost(sums, books), sums.impressions,
            sums.clicks,
        )
        for basis in BASES
        for place in _LEVELS.values()
        for key, sums in grouped(books, basis, place).items()
        if sums.is_something
    ]  # fmt: skip


def platforms(books: Books) -> list[Row]:
    """By the touch's date, ours beside what the platform tells."""
    rows: list[Row] = []
    by_platform = grouped(books, "accrual", lambda day, _, platform, __: (day, platform))
    for key, sums in by_platform.items():
        if sums.is_something or sums.is_told:
            spend, roas, cpa = _cost(sums, books)
            cost = None if spend is None else spend * books.unit
            rows.append((
                books.tenant, *key, sums.impressions, sums.clicks,
                ratio(sums.clicks, sums.impressions, 6), ratio(cost, sums.clicks), spend,
                *_earned(sums), roas, cpa, sums.claimed, sums.claimed_value,
                returned(sums.claimed_value, spend),
                ratio(None if sums.claimed is None else sums.claimed * UNIT // 10**6, sums.credit),
            ))  # fmt: skip
    return rows


def models(books: Books) -> list[Row]:
    """By the order's date, each model beside last_touch in the same window."""
    found = {k: s for k, s in grouped(books, "cash", _by_platform).items() if s.is_something}
    whole = _totals(((day, *cell), sums.revenue) for (day, _, _, *cell), sums in found.items())
    rows: list[Row] = []
    for (day, channel, platform, model, window), sums in found.items():
        more = sums.revenue - sums.last_touch
        rows.append((
            books.tenant, day, channel, platform, window, model, *_earned(sums),
            *_cost(sums, books)[:2], ratio(sums.revenue, whole[day, model, window], 6),
            sums.last_touch, more, ratio(more, sums.last_touch),
        ))  # fmt: skip
    return rows


def roas_index(books: Books) -> list[Row]:
    """By the touch's date, those with spend beside all of them."""
    found = {k: s for k, s in grouped(books, "accrual", _by_platform).items() if s.spend}
    revenue = _totals(((day, *cell), sums.revenue) for (day, _, _, *cell), sums in found.items())
    spend = _totals(((day, *cell), sums.spend or 0) for (day, _, _, *cell), sums in found.items())
    rows: list[Row] = []
    for key, sums in found.items():
        day, _, _, *cell = key
        all_revenue, all_spend = revenue[(day, *cell)], spend[(day, *cell)]
        rows.append((
            books.tenant, *key, sums.revenue, sums.spend, returned(sums.revenue, sums.spend),
            all_revenue, all_spend, returned(all_revenue, all_spend),
            ratio(100 * sums.revenue * all_spend, (sums.spend or 0) * all_revenue, 2),
        ))  # fmt: skip
    return rows


def summary_by(books: Books) -> list[Row]:
    """By each grain, on either basis."""
    return [row for grain in GRAINS for basis in BASES for row in _by(books, grain, basis)]


def _by(books: Books, grain: str, basis: str) -> Iterable[Row]:
    of = period(grain)
    sums_of = grouped(books, basis, lambda day, channel, platform, _: (of(day), channel, platform))
    found = {key: sums for key, sums in sums_of.items() if sums.is_something}
    parts = [((when, *cell), sums) for (when, _, _, *cell), sums in found.items()]
    revenue = _totals((whole, sums.revenue) for whole, sums in parts)
    spend = _totals((whole, sums.spend or 0) for whole, sums in parts)
    paid = _totals((whole, sums.revenue if sums.spend else 0) for whole, sums in parts)
    for key, sums in found.items():
        when, _, _, *cell = key
        whole = (when, *cell)
        index = ratio(100 * sums.revenue * spend[whole], (sums.spend or 0) * paid[whole], 2)
        own, roas, cpa = _cost(sums, books)
        yield (
            books.tenant, grain, basis, *key, *_earned(sums),
            ratio(sums.revenue, revenue[whole], 6), own, roas, cpa, index,
        )  # fmt: skip


def _totals(parts: Iterable[tuple[Row, int]]) -> dict[Row, int]:
    sums: dict[Row, int] = defaultdict(int)
    for key, amount in parts:
        sums[key] += amount
    return sums


_PLACE = ("channel", "platform")
_COST = ("spend", "roas", "cpa")
VIEWS = (
    View(
        "summary_accrual", 6, ("tenant_id", "date", *_PLACE, *_AXES, *_EARNED, *_COST),
        lambda books: _summary(books, "accrual", _by_platform),
    ),
    View(
        "summary_cash", 6, ("tenant_id", "date", *_PLACE, *_AXES, *_EARNED, *_COST),
        lambda books: _summary(books, "cash", _by_platform),
    ),
    View(
        "summary_campaigns", 7,
        ("tenant_id", "date", *_PLACE, "campaign", *_AXES, *_EARNED, *_COST),
        lambda books: _summary(books, "accrual", lambda *place: place),
    ),
    View(
        "channels", 9,
        (
            "tenant_id", "basis", "date", "level", *_PLACE, "campaign", *_AXES, *_EARNED, *_COST,
            "impressions", "clicks",
        ),
        channels,
    ),
    View(
        "platform_comparison", 5,
        (
            "tenant_id", "date", "platform", *_AXES, "impressions", "clicks", "ctr", "cpc",
            "spend", *_EARNED, "roas", "cpa", "claimed_conversions", "claimed_revenue",
            "claimed_roas", "claimed_ratio",
        ),
        platforms,
    ),
    View(
        "model_comparison", 6,
        (
            "tenant_id", "date", *_PLACE, "attribution_window", "model", *_EARNED, "spend", "roas",
            "revenue_share", "last_touch_revenue", "revenue_difference", "relative_difference",
        ),
        models,
    ),
    View(
        "roas_index", 6,
        (
            "tenant_id", "date", *_PLACE, *_AXES, "revenue", "spend", "roas", "blended_revenue",
            "blended_spend", "blended_roas", "roas_index",
        ),
        roas_index,
    ),
    View(
        "summary_by", 8,
        (
            "tenant_id", "grain", "basis", "period", *_PLACE, *_AXES, *_EARNED, "revenue_share",
            *_COST, "roas_index",
        ),
        summary_by,
    ),
)  # fmt: skip
