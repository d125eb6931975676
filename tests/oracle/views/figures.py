"""Credit and what ad accounts report, side by side, added up by any place."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.oracle.commands import Commands
from tests.oracle.spend import campaign, channel, millionths, money
from tests.oracle.views.amounts import total
from tests.oracle.views.books import Books
from tests.oracle.words import Json, Row

Place = Callable[[str, str, str, str], Row]
"""Of (date, channel, platform, campaign), what of it is kept."""


@dataclass(slots=True)
class Figure:
    """Sums of one place, model and window; what nobody told is None. Money in minor units of the
    reporting currency, credit in units of 1e-9, claimed conversions in millionths."""

    touchpoints: int = 0
    credit: int = 0
    revenue: int = 0
    last_touch: int = 0
    spend: int | None = None
    impressions: int | None = None
    clicks: int | None = None
    claimed: int | None = None
    claimed_value: int | None = None

    @property
    def is_something(self) -> bool:
        """Whether anything was earned or spent."""
        return self.spend is not None or any((self.touchpoints, self.credit, self.revenue))

    @property
    def is_told(self) -> bool:
        """Whether an ad account said anything at all."""
        told = (self.spend, self.impressions, self.clicks, self.claimed, self.claimed_value)
        return any(value is not None for value in told)


@dataclass(frozen=True, slots=True)
class Told:
    """What an ad account reports of a day, money converted by that day's rate."""

    spend: int | None
    impressions: int | None
    clicks: int | None
    claimed: int | None
    claimed_value: int | None


def told(record: Json, rules: Commands) -> Told:
    """Claims are those of all windows together; where they are not told, views and clicks."""
    claimed = millionths(record, "conversions")
    if claimed is None:
        parts = (record[name] for name in ("view_conversions", "click_conversions"))
        counted = total(parts)
        claimed = None if counted is None else counted * 10**6
    value = money(record, "conversion_value", rules)
    if record["conversion_value"] is None:
        value = total(money(record, name, rules) for name in ("view_value", "click_value"))
    return Told(
        spend=money(record, "amount", rules),
        impressions=record["impressions"],
        clicks=record["clicks"],
        claimed=claimed,
        claimed_value=value,
    )


def spent(books: Books) -> Iterator[tuple[Row, Told]]:
    """Every figure of a campaign or an account, with its date, channel, platform and campaign."""
    for record in books.told.values():
        place = record["date"], channel(record), record["platform"], campaign(record)
        yield place, told(record, books.rules)


def grouped(books: Books, basis: str, place: Place) -> dict[Row, Figure]:
    """By what is kept of the place, and by model and window. Spend is the same on every model and
    window, and what last_touch gives on every model."""
    found: dict[Row, Figure] = defaultdict(Figure)
    shown = set(books.shown)
    for (of, *where, model, window), amounts in books.cells.items():
        if of == basis and (model, window) in shown:
            sums = found[(*place(*where), model, window)]
            sums.touchpoints += amounts[0]
            sums.credit += amounts[1]
            sums.revenue += amounts[2]
        if of == basis and model == "last_touch":
            for other, same in shown:
                if same == window:
                    found[(*place(*where), other, window)].last_touch += amounts[2]
    for told_of, own in spent(books):
        for cell in shown:
            _add(found[(*place(*told_of), *cell)], own)
    return dict(found)


def _add(sums: Figure, own: Told) -> None:
    sums.spend = total((sums.spend, own.spend))
    sums.impressions = total((sums.impressions, own.impressions))
    sums.clicks = total((sums.clicks, own.clicks))
    sums.claimed = total((sums.claimed, own.claimed))
    sums.claimed_value = total((sums.claimed_value, own.claimed_value))
