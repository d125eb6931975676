"""The eligible touches of a batch of journeys, in the order that all models share.

The order is (occurred_at in milliseconds, touchpoint_id by code point), so nothing downstream
depends on the order in which touches were read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.columns import JourneyColumns
from processors.domain.attribution.eligibility import (
    NEVER,
    click_limit_seconds,
    first_windows,
    view_limit_seconds,
    within_cap,
)
from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import BoolArray, FloatArray, IntArray

DAY_MS: Final = 86_400_000.0
DIRECT: Final = "direct"


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One element per eligible touch, grouped by journey, oldest first."""

    journey: IntArray
    index: IntArray
    """Where the touch is in its journey's `touches`."""
    first_window: IntArray
    age_ms: IntArray
    channel: IntArray
    """Where the touch's channel is in `channels`."""
    channels: Sequence[str]
    """The channels of the batch; their order means nothing."""
    last: IntArray
    """Where in the timeline the newest touch of the same journey is."""
    counts: IntArray
    """Touches per journey of the batch, 0 included."""
    half_life_ms: FloatArray
    """Per journey of the batch."""
    model: IntArray
    """Per journey of the batch, where its model is in `models`, or NO_MODEL."""
    models: Sequence[DataDrivenModel]

    @property
    def is_direct(self) -> BoolArray:
        """Per touch, whether its channel is `direct`."""
        return np.array([name == DIRECT for name in self.channels], dtype=np.bool_)[self.channel]


def timeline(batch: JourneyColumns) -> Timeline:
    """Filters, orders and caps the touches of a batch."""
    journeys = len(batch.size)
    owner = np.repeat(np.arange(journeys), batch.size)
    converted_at = batch.converted_at[owner]
    views, clicks, caps = (
        np.array([limit(own) for own in batch.settings], dtype=np.int64)[batch.setting]
        for limit in (view_limit_seconds, click_limit_seconds, lambda own: own.max_touches)
    )
    half_lives = np.array([own.half_life_days * DAY_MS for own in batch.settings])
    window = first_windows(
        converted_at=converted_at,
        occurred_at=batch.occurred_at,
        limit=np.where(batch.is_view, views[owner], clicks[owner]),
    )
    order = _in_order(np.flatnonzero(window < NEVER), batch, owner)
    order = _capped(order, owner, caps)
    counts = np.bincount(owner[order], minlength=journeys)
    index = np.arange(len(owner)) - np.repeat(np.cumsum(batch.size) - batch.size, batch.size)
    return Timeline(
        journey=owner[order],
        index=index[order],
        first_window=window[order],
        age_ms=np.maximum(converted_at - batch.occurred_at, 0)[order],
        channel=batch.channel[order],
        channels=batch.channels,
        last=(np.cumsum(counts) - 1)[owner[order]],
        counts=counts,
        half_life_ms=half_lives[batch.setting],
        model=batch.model,
        models=batch.models,
    )


def _in_order(chosen: IntArray, batch: JourneyColumns, owner: IntArray) -> IntArray:
    """The chosen touches, by (owner, occurred_at, touchpoint_id)."""
    owner, occurred_at = owner[chosen], batch.occurred_at[chosen]
    order = np.lexsort((occurred_at, owner))
    tie = (np.diff(occurred_at[order]) == 0) & (np.diff(owner[order]) == 0)
    if not tie.any():
        return chosen[order]
    # Ids are compared only where times are equal: Python's string order is exact (numpy's fixed
    # width strings drop trailing NULs) but slow.
    tied = order[np.append(tie, False) | np.append(False, tie)]
    names = [batch.touchpoint_id[i] for i in chosen[tied].tolist()]
    rank = np.zeros(len(chosen), dtype=np.int64)
    rank[tied[sorted(range(len(names)), key=names.__getitem__)]] = np.arange(len(names))
    return chosen[np.lexsort((rank, occurred_at, owner))]


def _capped(order: IntArray, owner: IntArray, caps: IntArray) -> IntArray:
    """Drops what is over each journey's cap from the middle of its touches."""
    counts = np.bincount(owner[order], minlength=len(caps))
    if (counts <= caps).all():
        return order
    position = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = within_cap(position=position, count=counts[owner[order]], max_touches=caps[owner[order]])
    return order[kept]
