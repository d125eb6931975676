"""`credits.v1`: all credit of one conversion, computed from one snapshot."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Currency, Frozen, Millis, Minor, Record

ConversionState = Literal["ready", "pending_order", "pending_rate", "unattributed"]
ConversionStatus = Literal[
    "pending", "paid", "partially_refunded", "refunded", "cancelled", "charged_back"
]


class CreditedTouch(Frozen):
    """A touch that counts in window `first_window` (index into the eight) and every longer one."""

    touchpoint_id: str
    date: str = Field(description="the touch's date in the tenant's time zone")
    channel: str
    platform: str
    campaign: str
    first_window: int
    occurred_at: Millis | None = Field(None, description="null in records of earlier versions")


class Credits(Record):
    """Everything credit says of a conversion at one revision. The three arrays are flat,
    [touch][model][window] with 8 windows and 7 models, or 8 with a custom_version; credit in units
    of 1e-9, money in minor units. Touches are in the order of (occurred_at, touchpoint_id)."""

    conversion_id: str
    epoch: str = Field(description="id of the database the revision belongs to")
    rev: int = Field(ge=0, lt=2**63)
    settings_version: str
    model_version: str
    fallback_models: tuple[str, ...] = ()
    custom_version: str | None = Field(
        None, description="of the tenant's own model; null when it has none, and so has no shares"
    )
    source: str
    order_id: str
    state: ConversionState
    status: ConversionStatus
    deliverable: bool = Field(description="the order was paid at some time, and its gross is known")
    counts: bool = Field(
        description="false: adds nothing to the summary (cancelled, refunded, ...)"
    )
    converted_at: Millis
    date: str = Field(description="the order's date in the tenant's time zone")
    currency: Currency | None = None
    reporting_currency: Currency
    revenue: Minor
    revenue_reporting: Minor | None = Field(None, description="null until a rate is known")
    touches: tuple[CreditedTouch, ...]
    credit: list[int]
    touch_revenue: list[int]
    touch_revenue_reporting: list[int] | None = Field(
        None, description="null when there is no rate, or when both currencies are the same"
    )
