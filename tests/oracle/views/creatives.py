"""What each ad showed, cost and earned: its platform's figures beside touches with its id."""

from collections import defaultdict

from tests.oracle.spend import campaign
from tests.oracle.views.amounts import each, ratio, returned, total
from tests.oracle.views.books import Books, View
from tests.oracle.views.figures import Told, told
from tests.oracle.words import Json, Row

_NAMES = ("ad", "creative_id", "campaign", "ad_group")


def creatives(books: Books) -> list[Row]:
    """Our credit is dated by the order, the platform's figures by the ad account."""
    shown: dict[Row, list[tuple[Json, Told]]] = defaultdict(list)
    for record in books.ads.values():
        place = record["date"], record["platform"], record["ad_id"]
        shown[place].append((record, told(record, books.rules)))
    earned: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for sale, model, window, row in books.facts():
        if row is not None and row.touch.ad_id is not None:
            date = books.date(sale.conversion.converted_at)
            sums = earned[date, row.touch.platform, row.touch.ad_id, model, window]
            for n, amount in enumerate((1, row.credit, row.reporting or 0)):
                sums[n] += amount
    keys = earned.keys() | {(*place, *cell) for place in shown for cell in books.shown}
    return [_row(books, key, shown.get(key[:3], []), earned.get(key, [0, 0, 0])) for key in keys]


def _row(books: Books, key: Row, shown: list[tuple[Json, Told]], earned: list[int]) -> Row:
    figures = [own for _, own in shown]
    impressions = total(own.impressions for own in figures)
    clicks = total(own.clicks for own in figures)
    spend = total(own.spend for own in figures)
    cost = None if spend is None else spend * books.unit
    return (
        books.tenant, *key, *(_name(name, shown) for name in _NAMES), impressions, clicks,
        ratio(clicks, impressions, 6), ratio(cost, clicks),
        ratio(None if cost is None else 1000 * cost, impressions),
        total(record["video_views"] for record, _ in shown), spend, *earned,
        returned(earned[2], spend), each(spend, earned[1], books.unit),
        total(own.claimed for own in figures), total(own.claimed_value for own in figures),
    )  # fmt: skip


def _name(name: str, shown: list[tuple[Json, Told]]) -> str | None:
    """Of two accounts that tell of one ad, the greater name."""
    said = [campaign(r) if name == "campaign" else r[name] for r, _ in shown]
    return max((one for one in said if one is not None), default=None)


VIEWS = (
    View(
        "creatives", 6,
        (
            "tenant_id", "date", "platform", "ad_id", "model", "attribution_window", *_NAMES,
            "impressions", "clicks", "ctr", "cpc", "cpm", "video_views", "spend", "touchpoints",
            "conversions", "revenue", "roas", "cpa", "claimed_conversions", "claimed_revenue",
        ),
        creatives,
    ),
)  # fmt: skip
