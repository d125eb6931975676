"""A batch of journeys as flat arrays: eligible touches only, in the order all models share.

The order is (occurred_at in milliseconds, touchpoint_id by code point), so nothing downstream
depends on the order in which touches were read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.eligibility import (
    NEVER,
    click_limit_seconds,
    first_windows,
    view_limit_seconds,
    within_cap,
)
from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import BoolArray, FloatArray, IntArray, Journey, Touch

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
    models: Sequence[DataDrivenModel | None]
    """Per journey of the batch."""

    @property
    def is_direct(self) -> BoolArray:
        """Per touch, whether its channel is `direct`."""
        return np.array([name == DIRECT for name in self.channels], dtype=np.bool_)[self.channel]


def timeline(journeys: Sequence[Journey]) -> Timeline:
    """Flattens, filters, orders and caps the touches of a batch."""
    touches = [touch for journey in journeys for touch in journey.touches]
    sizes = np.array([len(journey.touches) for journey in journeys], dtype=np.int64)
    owner = np.repeat(np.arange(len(journeys)), sizes)
    occurred_at = np.array([touch.occurred_at for touch in touches], dtype=np.int64)
    converted_at = np.array([journey.converted_at for journey in journeys], dtype=np.int64)[owner]
    views = np.array([view_limit_seconds(j.settings) for j in journeys], dtype=np.int64)
    clicks = np.array([click_limit_seconds(j.settings) for j in journeys], dtype=np.int64)
    is_view = np.array([touch.is_view for touch in touches], dtype=np.bool_)
    window = first_windows(
        converted_at=converted_at,
        occurred_at=occurred_at,
        limit=np.where(is_view, views[owner], clicks[owner]),
    )
    eligible = np.flatnonzero(window < NEVER)
    order = eligible[_in_order(touches, eligible, owner=owner, occurred_at=occurred_at)]
    order = _capped(order, owner, journeys)
    codes: dict[str, int] = {}
    channel = np.array([codes.setdefault(t.channel, len(codes)) for t in touches], dtype=np.int64)
    counts = np.bincount(owner[order], minlength=len(journeys))
    return Timeline(
        journey=owner[order],
        index=(np.arange(len(touches)) - np.repeat(np.cumsum(sizes) - sizes, sizes))[order],
        first_window=window[order],
        age_ms=np.maximum(converted_at - occurred_at, 0)[order],
        channel=channel[order],
        channels=tuple(codes),
        last=(np.cumsum(counts) - 1)[owner[order]],
        counts=counts,
        half_life_ms=np.array([j.settings.half_life_days * DAY_MS for j in journeys]),
        models=tuple(journey.model for journey in journeys),
    )


def _in_order(
    touches: Sequence[Touch], chosen: IntArray, *, owner: IntArray, occurred_at: IntArray
) -> IntArray:
    """Positions in `chosen` sorted by (owner, occurred_at, touchpoint_id)."""
    owner, occurred_at = owner[chosen], occurred_at[chosen]
    order = np.lexsort((occurred_at, owner))
    tie = (np.diff(occurred_at[order]) == 0) & (np.diff(owner[order]) == 0)
    if not tie.any():
        return order
    # Ids are compared only where times are equal: Python's string order is exact (numpy's fixed
    # width strings drop trailing NULs) but slow.
    tied = order[np.append(tie, False) | np.append(False, tie)]
    names = [touches[i].touchpoint_id for i in chosen[tied].tolist()]
    rank = np.zeros(len(chosen), dtype=np.int64)
    rank[tied[sorted(range(len(names)), key=names.__getitem__)]] = np.arange(len(names))
    return np.lexsort((rank, occurred_at, owner))


def _capped(order: IntArray, owner: IntArray, journeys: Sequence[Journey]) -> IntArray:
    """Drops what is over each journey's cap from the middle of its touches."""
    counts = np.bincount(owner[order], minlength=len(journeys))
    caps = np.array([journey.settings.max_touches for journey in journeys], dtype=np.int64)
    if (counts <= caps).all():
        return order
    position = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = within_cap(position=position, count=counts[owner[order]], max_touches=caps[owner[order]])
    return order[kept]
