"""What an explanation of an order consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from processors.commands.joints import Joint


@dataclass(frozen=True, kw_only=True)
class ExplainedTouch:
    """A touch that counts in some window; `credit` is None where it is too old for the asked one.

    `chain` leads from an id of the order to the id that the touch belongs to; `everywhere` is the
    credit in every model and window, when it was asked for. `why` is what the tenant's own model
    says of it.
    """

    touchpoint_id: str
    event_id: str
    anchor: str
    occurred_at: datetime
    age: timedelta
    type: str
    channel: str
    platform: str
    campaign: str
    from_window: str
    credit: Decimal | None
    revenue: Decimal | None
    revenue_reporting: Decimal | None
    chain: tuple[Joint, ...]
    everywhere: Mapping[str, Mapping[str, Decimal]]
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOutTouch:
    """A touch that does not count; a negative age is that of one after the order.

    `from_window` is where one on a cut id would have counted, if it had been joined.
    """

    touchpoint_id: str
    event_id: str
    anchor: str
    occurred_at: datetime
    age: timedelta
    type: str
    channel: str
    platform: str
    campaign: str
    from_window: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """The touches that do not count for one reason: how many, and the newest of them.

    `joint` is where they were cut off, if that is the reason.
    """

    reason: str
    total: int
    newest: tuple[LeftOutTouch, ...]
    joint: Joint | None = None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One version of the order, and what it changed of what the earlier ones had made."""

    version_at: datetime
    event_id: str
    precedence: str
    counted: bool
    changes: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What one unit of the order's currency was worth, and since when."""

    rate: Decimal
    date: str


@dataclass(frozen=True, kw_only=True)
class ChannelEffect:
    """What the touches of a channel did: their effect in logits, the probability that is left
    without them, and their share of the order."""

    channel: str
    touches: int
    effect: float
    without: float
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class ModelReason:
    """Why data_driven divided as it did. `probability` is that of the order before the next touch,
    by the model; for the fallback there is none, and `fallback` says why it stands in."""

    version: str
    fallback: str
    probability: float | None
    channels: tuple[ChannelEffect, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One order."""

    order: Mapping[str, Any]
    why: str
    model: str
    window: str
    is_fallback: bool
    note: str
    """Why there is no credit in this model, or why it is not told how it came about."""
    trained: ModelReason | None
    ids: tuple[str, ...]
    quarantined: tuple[str, ...]
    joints: tuple[Joint, ...]
    cut: tuple[Joint, ...]
    cut_total: int
    snapshots: tuple[Snapshot, ...]
    refunds: tuple[Mapping[str, Any], ...]
    rate: Rate | None
    touches: tuple[ExplainedTouch, ...]
    left_out: tuple[LeftOut, ...]
    deliveries: tuple[Mapping[str, Any], ...]
