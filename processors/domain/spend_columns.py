"""Names of columns as ad platforms export what ads cost, and the item of such a row.

Meta puts the currency into the name (`Amount spent (EUR)`); counts have marks of thousands. What a
network of affiliates exports is spend, too, as commissions by day and publisher.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.domain.columns import LOST, Lost, amount, plain

_TEXTS: Final = (
    "source", "account_id", "date", "platform", "channel", "campaign_id", "campaign",
    "campaign_type", "ad_group_id", "ad_group", "ad_id", "ad", "creative_id", "currency",
    "reported_at",
)  # fmt: skip
_COUNTS: Final = (
    "impressions", "clicks", "reach", "video_views", "view_conversions", "click_conversions",
)  # fmt: skip
_AMOUNTS: Final = (
    "amount", "frequency", "conversions", "conversion_value", "view_value", "click_value",
)  # fmt: skip
_MICROS: Final = "cost_micros"
SPEND: Final = {
    **{name: name for name in (*_TEXTS, *_COUNTS, *_AMOUNTS, _MICROS)},
    "day": "date", "reporting_starts": "date", "segments_date": "date", "stat_time_day": "date",
    "start_date": "date", "report_date": "date",
    "spend": "amount", "cost": "amount", "amount_spent": "amount", "total_spend": "amount",
    "total_cost": "amount", "metrics_cost_micros": _MICROS,
    "commission": "amount", "commissions": "amount", "commission_amount": "amount",
    "total_commission": "amount",
    "currency_code": "currency", "account_currency": "currency",
    "customer_currency_code": "currency",
    "account": "account_id", "customer_id": "account_id", "ad_account_id": "account_id",
    "advertiser_id": "account_id",
    "publisher": "campaign", "publisher_name": "campaign", "publisher_id": "campaign_id",
    "affiliate": "campaign", "affiliate_name": "campaign", "affiliate_id": "campaign_id",
    "campaign_name": "campaign", "advertising_channel_type": "campaign_type",
    "adgroup_id": "ad_group_id", "adset_id": "ad_group_id", "ad_set_id": "ad_group_id",
    "ad_squad_id": "ad_group_id", "ad_group_name": "ad_group", "adgroup_name": "ad_group",
    "adset_name": "ad_group", "ad_set_name": "ad_group", "ad_squad_name": "ad_group",
    "ad_name": "ad",
    "impr": "impressions", "clicks_all": "clicks", "swipes": "clicks",
    "conv_value": "conversion_value", "conversions_value": "conversion_value",
    "total_conversion_value": "conversion_value", "sale_amount": "conversion_value",
    "video_plays": "video_views",
}  # fmt: skip
"""What a name of a column means in a row of spend."""
SPENT: Final = frozenset(
    {
        "spend", "cost", "amount_spent", "total_spend", "total_cost", "commission", "commissions",
        "commission_amount", "total_commission",
    }
)  # fmt: skip
"""Names that nothing but spend has."""
SINGLE: Final = frozenset({"transaction_id", "action_id", "order_ref", "order_reference"})
"""Names of columns that set sales apart: of many rows of one day only one would stand."""

_IN_CURRENCY: Final = re.compile(r"(?:amount_spent|spend|cost)_([a-z]{3})", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[T ].*)?", re.ASCII)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,. ]\d{3})+", re.ASCII)


def meaning(name: str) -> str | None:
    """What a column means, if it means anything here.

    >>> meaning("Amount spent (EUR)"), meaning("Ad set name"), meaning("Delivery")
    ('amount', 'ad_group', None)
    """
    bare = plain(name)
    return "amount" if _IN_CURRENCY.fullmatch(bare) else SPEND.get(bare)


def tells_spend(names: set[str]) -> bool:
    """Whether a table with these columns is one of spend."""
    bare = {plain(name) for name in names}
    spent = bare & SPENT or any(_IN_CURRENCY.fullmatch(name) for name in bare)
    return bool(spent) and "date" in {meaning(name) for name in names}


def of_spend(said: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The item that a row says; `given` stands in for what the file does not name. An export of a
    platform has the platform as its source, as our own reading has, so that one figure stands.

    Raises:
        Lost: when the text of a value is damaged.
    """
    item: dict[str, Any] = {}
    for key, value in said.items():
        name = meaning(key)
        if name is None or value is None or value == "":
            continue
        if type(value) is str and LOST in value:
            raise Lost(name)
        item.setdefault(name, value)
        if named := _IN_CURRENCY.fullmatch(plain(key)):
            item.setdefault("currency", named[1].upper())
    for name, value in given.items():
        item.setdefault(name, value)
    if "platform" in item:
        item.setdefault("source", str(item["platform"]).strip().lower())
    if (micros := item.pop(_MICROS, None)) is not None:
        item.setdefault("amount", _units(micros))
    for name in _AMOUNTS:
        if type(item.get(name)) is str:
            item[name] = amount(item[name])
    for name in _COUNTS:
        told = item.get(name)
        if type(told) is str and _THOUSANDS.fullmatch(told.strip()):
            item[name] = re.sub(r"\D", "", told)
    if type(item.get("date")) is str and (day := _DAY.fullmatch(item["date"].strip())):
        item["date"] = f"{day[1]}-{day[3]}-{day[4]}"
    return item


def _units(micros: object) -> object:
    try:
        return f"{Decimal(str(micros)) / 1_000_000:f}"
    except InvalidOperation:
        return micros
