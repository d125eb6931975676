"""A batch of journeys as flat arrays: the form in which the kernel reads them, so that nobody
makes an object per touch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import BoolArray, CreditSettings, IntArray

NO_MODEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class JourneyColumns:
    """One element per journey, then one per touch; touches are grouped by journey, in any order.

    Times are epoch milliseconds; money is in minor units, not negative and below 2**63. Without a
    model data_driven divides as linear does.
    """

    converted_at: IntArray
    revenue: IntArray
    revenue_reporting: IntArray
    setting: IntArray
    """Where the journey's settings are in `settings`."""
    model: IntArray
    """Where the journey's model is in `models`, or NO_MODEL."""
    size: IntArray
    """Touches of the journey, 0 included."""
    occurred_at: IntArray
    is_view: BoolArray
    channel: IntArray
    """Where the touch's channel is in `channels`."""
    touchpoint_id: Sequence[str] | Sequence[int]
    """Orders touches of one journey and millisecond; looked at for those only."""
    channels: Sequence[str]
    settings: Sequence[CreditSettings]
    models: Sequence[DataDrivenModel]

    def chunks(self, touches: int) -> Iterator["JourneyColumns"]:
        """Whole journeys of up to so many touches (one journey may have more)."""
        ends = np.cumsum(self.size)
        start, done = 0, 0
        while start < len(self.size):
            stop = max(int(np.searchsorted(ends, done + touches, side="right")), start + 1)
            yield self._part(slice(start, stop), slice(done, int(ends[stop - 1])))
            start, done = stop, int(ends[stop - 1])

    def _part(self, own: slice, touches: slice) -> "JourneyColumns":
        return replace(
            self,
            converted_at=self.converted_at[own],
            revenue=self.revenue[own],
            revenue_reporting=self.revenue_reporting[own],
            setting=self.setting[own],
            model=self.model[own],
            size=self.size[own],
            occurred_at=self.occurred_at[touches],
            is_view=self.is_view[touches],
            channel=self.channel[touches],
            touchpoint_id=self.touchpoint_id[touches],
        )
