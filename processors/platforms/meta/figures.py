"""Meta's Insights as figures of spend: pure.

Meta tells totals of a campaign and day: spend, impressions, clicks, how many people it reached and
how often, and the purchases that it claims itself, for views within 1 day (`1d_view`) and for
clicks within 7 days (`7d_click`). Who saw an ad it never tells, so nothing here is a touch.
Numbers come as strings; money is in the ad account's currency, dates in its time zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

FIELDS: Final = (
    "spend", "impressions", "clicks", "reach", "frequency", "account_currency", "campaign_id",
    "campaign_name", "date_start", "date_stop", "actions", "action_values",
)  # fmt: skip
VIEW, CLICK = "1d_view", "7d_click"
PURCHASES: Final = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
"""One purchase is listed under several types, the widest first: the first that is there counts,
and they are never added up."""

_MAX_MAGNITUDE: Final = 18

Row = Mapping[str, Any]


class Unusable(ValueError):
    """A row that has not the documented form; the text says which field."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What Meta says of the campaigns of one name on one day; money in units of `currency`."""

    date: str
    campaign: str
    currency: str
    spend: Decimal
    impressions: int
    clicks: int
    reach: int | None
    frequency: str | None
    view_conversions: int
    click_conversions: int
    view_value: Decimal
    click_value: Decimal

    def item(self, *, account: str, reported_at: int) -> dict[str, Any]:
        """The figure as the spend door takes it; `reported_at` in epoch milliseconds."""
        told = {
            "source": "meta", "platform": "meta", "account_id": account, "date": self.date,
            "campaign": self.campaign, "currency": self.currency, "amount": f"{self.spend:f}",
            "impressions": self.impressions, "clicks": self.clicks, "reach": self.reach,
            "frequency": self.frequency, "view_conversions": self.view_conversions,
            "click_conversions": self.click_conversions, "view_value": f"{self.view_value:f}",
            "click_value": f"{self.click_value:f}", "reported_at": reported_at,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}


def figures(rows: Iterable[Row]) -> list[Figure]:
    """A figure for each day and name of a campaign, which is what touches are known by.

    Raises:
        Unusable: for a row without its date, currency or numbers.
    """
    found: dict[tuple[str, str], Figure] = {}
    for row in rows:
        figure = _figure(row)
        key = figure.date, figure.campaign
        found[key] = _both(found[key], figure) if key in found else figure
    return [found[key] for key in sorted(found)]


def _figure(row: Row) -> Figure:
    date = row.get("date_start")
    if not isinstance(date, str) or date != row.get("date_stop"):
        raise Unusable("date_start and date_stop are not one day")
    currency = row.get("account_currency")
    if not isinstance(currency, str):
        raise Unusable("account_currency is missing")
    name = str(row.get("campaign_name") or "").strip() or str(row.get("campaign_id") or "")
    kind = _kind(row)
    frequency = None if row.get("frequency") is None else f"{_number(row, 'frequency'):f}"
    return Figure(
        date=date,
        campaign=name,
        currency=currency,
        spend=_number(row, "spend"),
        impressions=_count(row, "impressions"),
        clicks=_count(row, "clicks"),
        reach=None if row.get("reach") is None else _count(row, "reach"),
        frequency=frequency,
        view_conversions=_whole(_claimed(row, "actions", kind, VIEW), VIEW),
        click_conversions=_whole(_claimed(row, "actions", kind, CLICK), CLICK),
        view_value=_claimed(row, "action_values", kind, VIEW),
        click_value=_claimed(row, "action_values", kind, CLICK),
    )


def _both(one: Figure, other: Figure) -> Figure:
    """Two campaigns of one name; how many people both reached together Meta does not tell."""
    if one.currency != other.currency:
        raise Unusable("account_currency is not the same on every row")
    return Figure(
        date=one.date,
        campaign=one.campaign,
        currency=one.currency,
        spend=one.spend + other.spend,
        impressions=one.impressions + other.impressions,
        clicks=one.clicks + other.clicks,
        reach=None,
        frequency=None,
        view_conversions=one.view_conversions + other.view_conversions,
        click_conversions=one.click_conversions + other.click_conversions,
        view_value=one.view_value + other.view_value,
        click_value=one.click_value + other.click_value,
    )


def _kind(row: Row) -> str | None:
    """The type of action under which the row's purchases are counted."""
    listed = {entry.get("action_type") for entry in _entries(row, "actions")}
    return next((kind for kind in PURCHASES if kind in listed), None)


def _claimed(row: Row, name: str, kind: str | None, window: str) -> Decimal:
    """The window's part of the purchases: an entry, or a window, that is left out is none."""
    for entry in _entries(row, name):
        if kind is not None and entry.get("action_type") == kind:
            return _number(entry, window) if window in entry else Decimal(0)
    return Decimal(0)


def _entries(row: Row, name: str) -> list[Row]:
    found = row.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _number(row: Row, name: str) -> Decimal:
    try:
        number = Decimal(str(row.get(name)))
    except InvalidOperation:
        raise Unusable(f"{name} is no number") from None
    if not number.is_finite() or number < 0 or number.adjusted() > _MAX_MAGNITUDE:
        raise Unusable(f"{name} is no plausible number")
    return number


def _count(row: Row, name: str) -> int:
    """A count that is left out is none."""
    return 0 if row.get(name) is None else _whole(_number(row, name), name)


def _whole(number: Decimal, name: str) -> int:
    if number != number.to_integral_value():
        raise Unusable(f"{name} is no whole count")
    return int(number)
