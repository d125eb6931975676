"""A batch of journeys as flat arrays: the form in which the kernel reads them.

Whoever has journeys as objects gets here by `columns_of`; whoever has arrays already, such as an
analysis of millions of journeys, begins here and never makes an object per touch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import BoolArray, CreditSettings, IntArray, Journey

NO_MODEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class JourneyColumns:
    """One element per journey, then one per touch; touches are grouped by journey, in any order.

    Times are epoch milliseconds, money is in minor units, not negative.
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


def columns_of(journeys: Sequence[Journey]) -> JourneyColumns:
    """The same journeys; without a reporting amount it is 0."""
    touches = [touch for journey in journeys for touch in journey.touches]
    channels: dict[str, int] = {}
    settings: dict[int, tuple[int, CreditSettings]] = {}
    models: dict[str, tuple[int, DataDrivenModel]] = {}

    def model(own: DataDrivenModel | None) -> int:
        return NO_MODEL if own is None else models.setdefault(own.version, (len(models), own))[0]

    def integers(values: list[int]) -> IntArray:
        return np.array(values, dtype=np.int64)

    return JourneyColumns(
        converted_at=integers([j.converted_at for j in journeys]),
        revenue=integers([j.revenue for j in journeys]),
        revenue_reporting=integers([j.revenue_reporting or 0 for j in journeys]),
        setting=integers(
            [settings.setdefault(id(j.settings), (len(settings), j.settings))[0] for j in journeys]
        ),
        model=integers([model(j.model) for j in journeys]),
        size=integers([len(j.touches) for j in journeys]),
        occurred_at=integers([t.occurred_at for t in touches]),
        is_view=np.array([t.is_view for t in touches], dtype=np.bool_),
        channel=integers([channels.setdefault(t.channel, len(channels)) for t in touches]),
        touchpoint_id=[t.touchpoint_id for t in touches],
        channels=tuple(channels),
        settings=[own for _, own in settings.values()],
        models=[own for _, own in models.values()],
    )
