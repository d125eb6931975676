"""Figures as the spend door takes them, and nothing where there was something: pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from processors.platforms.spending import Figure

_MOST_LETTERS: Final = 512
_NAMES: Final = ("campaign", "campaign_type", "ad_group", "ad")
_NOTHING: Final = dict.fromkeys(
    (
        "amount", "impressions", "clicks", "video_views", "conversions", "conversion_value",
        "view_conversions", "click_conversions", "view_value", "click_value",
    ),
    0,
)  # fmt: skip
_SUBJECT: Final = (
    "channel", "campaign", "campaign_id", "campaign_type", "ad_group_id", "ad_group", "ad_id", "ad",
    "creative_id",
)  # fmt: skip

Item = dict[str, Any]
Known = tuple[date, str]
"""A date, and a subject as the registers of spend have it."""


def known(figure: Figure) -> Known:
    """What the figure is of."""
    if figure.ad_id is not None:
        return figure.date, figure.ad_id
    if figure.campaign_id:
        return figure.date, f"id:{figure.campaign_id}"
    return figure.date, f"name:{figure.campaign}"


@dataclass(frozen=True, slots=True)
class Whose:
    """The ad account that tells, and when it was asked, epoch milliseconds."""

    platform: str
    account_id: str
    asked_at: int

    @property
    def item(self) -> Item:
        """As the door takes it. Who imports an export of the platform names the same source, so
        that one figure stands."""
        return {
            "source": self.platform,
            "platform": self.platform,
            "account_id": self.account_id,
            "reported_at": self.asked_at,
        }


def item(figure: Figure, whose: Whose) -> Item:
    """What the vendor told."""
    told = {field.name: getattr(figure, field.name) for field in fields(figure)}
    found: Item = {name: _written(value) for name, value in told.items() if value is not None}
    for name in _NAMES:
        if name in found:
            found[name] = found[name][:_MOST_LETTERS]
    return {**found, **whose.item}


def vanished(before: Iterable[Mapping[str, Any]], seen: set[Known], whose: Whose) -> Iterator[Item]:
    """Nothing, of each of the rows that a reading of their whole range did not name."""
    for row in before:
        if (row["date"], row["subject"]) not in seen:
            subject = {name: row[name] for name in _SUBJECT if row.get(name)}
            day = {"date": row["date"].isoformat(), "currency": row["currency"]}
            yield {**subject, **day, **_NOTHING, **whose.item}


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
