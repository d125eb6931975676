"""What platforms claim beside what views and clicks earned by our own credit."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from tests.oracle.commands import Commands
from tests.oracle.credit import Credit
from tests.oracle.people import local_date
from tests.oracle.spend import Figures, campaign, millionths, money
from tests.oracle.words import Json, Row

COLUMNS = (
    "tenant_id", "date", "platform", "campaign", "model", "attribution_window",
    "impressions", "clicks", "reach", "frequency", "spend",
    "claimed_view_conversions", "claimed_click_conversions",
    "claimed_view_revenue", "claimed_click_revenue",
    "view_conversions", "click_conversions", "view_revenue", "click_revenue",
)  # fmt: skip
_TYPES = ("view", "click")


def reach_rows(
    tenant: str, figures: Figures, earned: list[list[Credit]], rules: Commands
) -> list[Row]:
    """A row for each day, platform, campaign, model and window that either side knows."""
    told: dict[Row, list[Json]] = defaultdict(list)
    for record in figures.values():
        told[record["date"], record["platform"], campaign(record)].append(record)
    platforms = {platform for _, platform, _ in told}
    own: dict[Row, dict[str, list[int]]] = defaultdict(lambda: {t: [0, 0] for t in _TYPES})
    for row in (row for rows in earned for row in rows):
        touch = row.touch
        if touch.platform in platforms:
            date = local_date(touch.occurred_at, rules.settings["time_zone"])
            place = (date, touch.platform, touch.campaign, row.model, row.window)
            total = own[place][touch.type]
            total[0] += row.credit
            total[1] += row.reporting or 0
    cells = list(product(rules.listed_models, rules.enabled_windows))
    keys = {(*place, *cell) for place in told for cell in cells}
    keys |= {key for key in own if key[3:] in cells}
    return [
        (tenant, *key, *_told(told.get(key[:3], []), rules), *_own(own[key]))
        for key in sorted(keys)
    ]


def _told(records: list[Json], rules: Commands) -> Row:
    alone = records[0] if len(records) == 1 else None
    spent = [money(record, "amount", rules) for record in records]
    waits = None in spent
    values = [
        None if waits else _sum(money(record, name, rules) for record in records)
        for name in ("view_value", "click_value")
    ]
    return (
        _sum(record["impressions"] for record in records),
        _sum(record["clicks"] for record in records),
        alone["reach"] if alone else None,
        millionths(alone, "frequency") if alone else None,
        None if waits else _sum(spent),
        _sum(record["view_conversions"] for record in records),
        _sum(record["click_conversions"] for record in records),
        *values,
    )


def _sum(values: Iterable[int | None]) -> int | None:
    """Of those that were told; None when none was."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _own(totals: dict[str, list[int]]) -> Row:
    (view, view_revenue), (click, click_revenue) = (totals[of] for of in _TYPES)
    return view, click, view_revenue, click_revenue
