"""The register of spend, the pure part: of several figures for one subject the greatest stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from processors.domain.channels import PLATFORM_CHANNELS
from processors.engine.outcome import Dead
from processors.engine.processor import Item
from processors.summary.rows import day
from schemas.spend import Spend

SpendKey = tuple[str, str, str, date, str, str, str]

_MOST: Final = 2**63 - 1
_DAMAGED: Final = "damaged_spend"


@dataclass(frozen=True, slots=True)
class Figure:
    """What an account spent on its subject, and the place of the record that says so."""

    key: SpendKey
    record: Spend
    place: int

    @property
    def frequency(self) -> Decimal | None:
        """How often a person saw the ads, exactly as told."""
        told = self.record.frequency
        return None if told is None else Decimal(told)

    @property
    def rank(self) -> tuple[int | str | Decimal, ...]:
        """The greater one stands; all that is shown takes part, so that no tie is left."""
        own = self.record
        told = (
            own.impressions, own.clicks, own.reach, self.frequency, own.view_conversions,
            own.click_conversions, own.view_value, own.click_value,
        )  # fmt: skip
        known = (-1 if figure is None else figure for figure in told)
        return own.reported_at, own.amount, own.currency, *known


def greatest(batch: Sequence[Item]) -> tuple[list[Figure], dict[int, Dead]]:
    """The figure that stands for each subject, sorted by it; and the records that are damaged."""
    figures: dict[SpendKey, Figure] = {}
    damaged: dict[int, Dead] = {}
    for place, item in enumerate(batch):
        record = item.value
        if not isinstance(record, Spend):
            continue
        figure = _figure(record, place)
        if isinstance(figure, Dead):
            damaged[place] = figure
        elif figure.key not in figures or figure.rank > figures[figure.key].rank:
            figures[figure.key] = figure
    return [figures[key] for key in sorted(figures)], damaged


def _figure(record: Spend, place: int) -> Figure | Dead:
    channel = record.channel or PLATFORM_CHANNELS.get(record.platform, "other")
    try:
        on = day(record.date)
    except ValueError:
        return Dead(_DAMAGED, "date: not a date")
    counts = (
        record.impressions, record.clicks, record.reach, record.view_conversions,
        record.click_conversions,
    )  # fmt: skip
    if not all(0 <= (count or 0) <= _MOST for count in counts):
        return Dead(_DAMAGED, "a figure is out of range")
    texts = (record.source, record.account_id, record.platform, channel, record.campaign)
    if any("\0" in text for text in texts):
        return Dead(_DAMAGED, "a text has a NUL")
    key = (
        record.tenant_id,
        record.source,
        record.account_id,
        on,
        record.platform,
        channel,
        record.campaign,
    )
    return Figure(key=key, record=record, place=place)
