"""What credit knows of the conversions of a batch: all of it from one database snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from processors.domain.attribution import CreditSettings
from processors.domain.attribution.eligibility import click_limit_seconds, view_limit_seconds
from processors.domain.attribution.model_document import DataDrivenModel
from schemas.credit import ConversionStatus


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant may tune; the defaults hold for a tenant that has no row."""

    time_zone: str = "UTC"
    currency: str = "USD"
    credit: CreditSettings = field(default_factory=CreditSettings)
    version: str = "default"


class FoundTouches(NamedTuple):
    """Touches of a person, in any order, each touchpoint once: one element a touch in each list,
    times in epoch milliseconds. A batch has so many that an object each would cost more than
    their credit."""

    touchpoint_ids: Sequence[str] = ()
    occurred_at: Sequence[int] = ()
    is_view: Sequence[bool] = ()
    channels: Sequence[str] = ()
    platforms: Sequence[str] = ()
    campaigns: Sequence[str] = ()

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.touchpoint_ids)


class FoundConversion(NamedTuple):
    """The conversion as identity has it now; money in minor units, time in milliseconds."""

    tenant_id: str
    conversion_id: str
    epoch: str
    rev: int
    source: str
    order_id: str
    person_id: str | None
    currency: str | None
    net: int
    converted_at: int
    status: ConversionStatus
    is_pending: bool
    deliverable: bool


class Case(NamedTuple):
    """A conversion with everything that its credit depends on."""

    conversion: FoundConversion
    settings: TenantSettings
    date: str
    rate: Decimal | None
    """Units of the reporting currency for one of the order's; 1 when they are the same."""
    touches: FoundTouches
    model: DataDrivenModel | None = None
    """The trained model that stands for the conversion; None when there is none."""


class Span(NamedTuple):
    """The seconds in which a touch may be eligible: [first, end), a view from `view` on."""

    first: int
    end: int
    view: int


def span(converted_at: int, settings: CreditSettings) -> Span:
    """Exactly the touches that the kernel finds eligible, so that a limit may be put on them."""
    second = converted_at // 1000
    return Span(
        first=second - click_limit_seconds(settings),
        end=second + 1,
        view=second - view_limit_seconds(settings),
    )
