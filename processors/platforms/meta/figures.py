"""Meta's Insights as figures of spend: pure.

Meta tells totals of a campaign, or an ad, and day: spend, impressions, clicks, how many people it
reached and how often, and the purchases that it claims itself, for views within 1 day (`1d_view`)
and for clicks within 7 days (`7d_click`); `conversions` are both. Views of videos are those of 3
seconds (`video_view`). Who saw an ad it never tells, so nothing here is a touch. Numbers come as
strings; money is in the ad account's currency, dates in its time zone.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.platforms.spending import Figure, Level, Unusable

_FIELDS: Final = (
    "spend", "impressions", "clicks", "reach", "frequency", "account_currency", "campaign_id",
    "campaign_name", "date_start", "date_stop", "actions", "action_values",
)  # fmt: skip
FIELDS: Final[dict[Level, tuple[str, ...]]] = {
    "campaign": _FIELDS,
    "ad": (*_FIELDS, "adset_id", "adset_name", "ad_id", "ad_name"),
}
VIEW, CLICK = "1d_view", "7d_click"
PURCHASES: Final = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
"""One purchase is listed under several types, the widest first: the first that is there counts,
and they are never added up."""

_VIDEO: Final = "video_view"
_MAX_MAGNITUDE: Final = 18

Row = Mapping[str, Any]


def figure(row: Row, level: Level) -> Figure:
    """What a row says.

    Raises:
        Unusable: for a row without its date, currency, ids or numbers.
    """
    kind = _kind(row)
    view, click = (_claimed(row, "actions", kind, window) for window in (VIEW, CLICK))
    view_value, click_value = (
        _claimed(row, "action_values", kind, window) for window in (VIEW, CLICK)
    )
    is_ad = level == "ad"
    return Figure(
        date=_day(row),
        currency=_text(row, "account_currency"),
        amount=_number(row, "spend"),
        campaign_id=_text(row, "campaign_id"),
        campaign=_name(row, "campaign_name") or "",
        ad_group_id=_text(row, "adset_id") if is_ad else None,
        ad_group=_name(row, "adset_name") if is_ad else None,
        ad_id=_text(row, "ad_id") if is_ad else None,
        ad=_name(row, "ad_name") if is_ad else None,
        impressions=_count(row, "impressions"),
        clicks=_count(row, "clicks"),
        reach=None if row.get("reach") is None else _count(row, "reach"),
        frequency=None if row.get("frequency") is None else _number(row, "frequency"),
        video_views=_whole(_claimed(row, "actions", _VIDEO, "value"), _VIDEO),
        conversions=view + click,
        conversion_value=view_value + click_value,
        view_conversions=_whole(view, VIEW),
        click_conversions=_whole(click, CLICK),
        view_value=view_value,
        click_value=click_value,
    )


def _day(row: Row) -> date:
    told = row.get("date_start")
    if not isinstance(told, str) or told != row.get("date_stop"):
        raise Unusable("date_start and date_stop are not one day")
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Unusable("date_start is no date") from None


def _text(row: Row, name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found:
        raise Unusable(f"{name} is missing")
    return found


def _name(row: Row, name: str) -> str | None:
    return str(row.get(name) or "").strip() or None


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
