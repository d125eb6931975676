"""The registers of spend, the pure part: of several figures for one subject the greatest stands.

Campaigns (or accounts as a whole) are one register, ads another. A name, a channel or a type is no
part of a subject: a campaign that is renamed, or mapped to another channel, is not counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from processors.domain.channels import of_spend
from processors.engine.outcome import Dead
from processors.engine.processor import Item
from processors.summary.rows import day
from schemas.spend import Spend

Level = Literal["campaign", "ad"]
SpendKey = tuple[str, str, str, date, str, str]
"""Tenant, source, account, date, platform and subject."""

_MOST: Final = 2**63 - 1
_DAMAGED: Final = "damaged_spend"


@dataclass(frozen=True, slots=True)
class Figure:
    """What an account spent on its subject, and the place of the record that says so."""

    key: SpendKey
    record: Spend
    place: int

    @property
    def level(self) -> Level:
        """Which register it belongs to."""
        return "campaign" if self.record.ad_id is None else "ad"

    @property
    def channel(self) -> str:
        """As told, else by the campaign's type, else the platform's."""
        return self.record.channel or of_spend(self.record.platform, self.record.campaign_type)

    @property
    def campaign(self) -> str:
        """What the campaign is called; empty for the account as a whole."""
        return self.record.campaign or self.record.campaign_id or ""

    @property
    def told(self) -> tuple[int | Decimal | None, ...]:
        """The platform's figures, in the order of the tables' columns."""
        own = self.record
        return (
            own.impressions, own.clicks, own.reach, _decimal(own.frequency), own.view_conversions,
            own.click_conversions, own.view_value, own.click_value, own.video_views,
            _decimal(own.conversions), own.conversion_value,
        )  # fmt: skip

    @property
    def about(self) -> tuple[str | None, ...]:
        """What the subject is called, in the order of the columns."""
        own = self.record
        names = [own.campaign_id, own.campaign_type]
        if self.level == "ad":
            names += [own.ad_group_id, own.ad_group, own.ad, own.creative_id]
        return (self.channel, self.campaign, *(name or None for name in names))

    @property
    def row(self) -> tuple[Any, ...]:
        """The columns of its table."""
        own = self.record
        return (*self.key, *self.about, own.currency, own.amount, *self.told, own.reported_at)

    @property
    def rank(self) -> tuple[int | str | Decimal, ...]:
        """The greater one stands; all that is shown takes part, so that no tie is left."""
        own = self.record
        known = (-1 if figure is None else figure for figure in self.told)
        return own.reported_at, own.amount, own.currency, *known, *(t or "" for t in self.about)


def greatest(batch: Sequence[Item]) -> tuple[list[Figure], dict[int, Dead]]:
    """The figure that stands for each subject, sorted by it; and the records that are damaged."""
    figures: dict[tuple[Level, SpendKey], Figure] = {}
    damaged: dict[int, Dead] = {}
    for place, item in enumerate(batch):
        record = item.value
        if not isinstance(record, Spend):
            continue
        figure = _figure(record, place)
        if isinstance(figure, Dead):
            damaged[place] = figure
            continue
        key = figure.level, figure.key
        if key not in figures or figure.rank > figures[key].rank:
            figures[key] = figure
    return [figures[key] for key in sorted(figures)], damaged


def subject(record: Spend) -> str:
    """What the figure is of, as its register knows it: an ad by its id; a campaign, the kind of its
    name said before it; an account as a whole by its channel, of which it may tell several."""
    if record.ad_id is not None:
        return record.ad_id
    if record.campaign_id:
        return f"id:{record.campaign_id}"
    if record.campaign:
        return f"name:{record.campaign}"
    return f"channel:{record.channel or of_spend(record.platform, record.campaign_type)}"


def _figure(record: Spend, place: int) -> Figure | Dead:
    try:
        on = day(record.date)
    except ValueError:
        return Dead(_DAMAGED, "date: not a date")
    counts = (
        record.impressions, record.clicks, record.reach, record.view_conversions,
        record.click_conversions, record.video_views,
    )  # fmt: skip
    if not all(0 <= (count or 0) <= _MOST for count in counts):
        return Dead(_DAMAGED, "a figure is out of range")
    of = subject(record)
    figure = Figure(
        key=(record.tenant_id, record.source, record.account_id, on, record.platform, of),
        record=record,
        place=place,
    )
    texts = (record.source, record.account_id, record.platform, of, *figure.about)
    if any("\0" in (text or "") for text in texts):
        return Dead(_DAMAGED, "a text has a NUL")
    return figure


def _decimal(told: str | None) -> Decimal | None:
    """Exactly as told."""
    return None if told is None else Decimal(told)
