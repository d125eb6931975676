"""Changes of conversions, and their sums by cell of the channel summary."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat
from typing import Final

import numpy as np

from processors.domain.attribution.models import IntArray
from processors.summary.rows import Earned
from processors.summary.sums import UNATTRIBUTED, Cell, Earnings, Place, Sums

_TOUCHES_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What one conversion adds to the cells of its shard, or with sign -1 takes out."""

    tenant_id: str
    shard: int
    sign: int
    earned: Earned


def cell_deltas(changes: Iterable[Change]) -> dict[Cell, IntArray]:
    """The sum of the changes by cell, as (touchpoints, conversions, revenue) x cells; cells
    that end where they began are left out."""
    sums = Sums()
    for portion in _portions(changes):
        sums.add(_earnings(portion, sums))
    return {cell: total for cell, total in sums.totals() if total.any()}


def _earnings(changes: Sequence[Change], sums: Sums) -> Earnings:
    earned = [change.earned for change in changes]
    dates = chain.from_iterable(own.dates for own in earned)
    return Earnings(
        sign=np.array([change.sign for change in changes], dtype=np.int64),
        day=np.array([own.date.toordinal() for own in earned], dtype=np.int64),
        revenue=np.array([own.revenue for own in earned], dtype=np.int64),
        rest=sums.places.of((change.tenant_id, *UNATTRIBUTED, change.shard) for change in changes),
        size=np.array([len(own.dates) for own in earned], dtype=np.int64),
        touch_day=np.array([on.toordinal() for on in dates], dtype=np.int64),
        place=sums.places.of(chain.from_iterable(map(_places, changes))),
        first_window=np.concatenate([own.first_windows for own in earned]),
        credit=np.concatenate([own.credit for own in earned]),
        money=np.concatenate([own.money for own in earned]),
    )


def _places(change: Change) -> Iterable[Place]:
    own = change.earned
    return zip(
        repeat(change.tenant_id, len(own.channels)),
        own.channels,
        own.platforms,
        own.campaigns,
        repeat(change.shard, len(own.channels)),
        strict=True,
    )


def _portions(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes in portions that bound the working memory, whatever a batch holds; those of a
    portion have as many cells a touch."""
    for _, alike in groupby(sorted(changes, key=_cells_of), key=_cells_of):
        portion: list[Change] = []
        touches = 0
        for change in alike:
            portion.append(change)
            touches += len(change.earned.dates)
            if touches >= _TOUCHES_AT_ONCE:
                yield portion
                portion, touches = [], 0
        if portion:
            yield portion


def _cells_of(change: Change) -> int:
    return change.earned.cells
