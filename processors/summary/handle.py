"""The pure part: which credits to apply, and what they change in the cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from processors.domain.attribution.models import MODELS, UNIT, WINDOWS, IntArray
from processors.engine.outcome import DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
from processors.summary.journeys import JourneyCell, Walk, deltas
from processors.summary.rows import CELLS, Earned, Shown, shown
from schemas.credit import Credits

Key = tuple[str, str]

OTHER_EPOCH: Final = Drop("other_epoch")
UNATTRIBUTED: Final = ("unattributed", "none", "")

_WINDOW_OF_CELL: Final = np.tile(np.arange(len(WINDOWS)), len(MODELS))
_COUNTED: Final = (np.arange(len(WINDOWS) + 1)[:, np.newaxis] <= _WINDOW_OF_CELL).astype(np.int64)
"""Row f: 1 in the cells in which a touch with first window f counts; the last row is all 0."""
_TOUCHES_AT_ONCE: Final = 5_000


class Cell(NamedTuple):
    """The key of a row of the channel summary."""

    tenant_id: str
    basis: str
    date: date
    channel: str
    platform: str
    campaign: str
    shard: int


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What one conversion adds to the cells of its shard, or with sign -1 takes out."""

    tenant_id: str
    shard: int
    sign: int
    earned: Earned


@dataclass(frozen=True, slots=True)
class Candidate:
    """The credits of a conversion that may be applied, and where in the batch they are."""

    row: Shown
    place: int
    shard: int


def choose(batch: Sequence[Item], epoch: str) -> tuple[dict[Key, Candidate], list[Outcome]]:
    """The greatest revision of each conversion, and how the batch ends if none is applied."""
    chosen: dict[Key, Candidate] = {}
    outcomes: list[Outcome] = []
    for place, item in enumerate(batch):
        record = item.value
        end: Outcome = DUPLICATE
        if isinstance(record, Dead):
            end = record
        elif isinstance(record, Credits):
            row = shown(record) if record.epoch == epoch else OTHER_EPOCH
            if isinstance(row, Shown):
                key = record.tenant_id, record.conversion_id
                if key not in chosen or record.rev > chosen[key].row.record.rev:
                    chosen[key] = Candidate(row=row, place=place, shard=item.message.partition)
            else:
                end = row
        outcomes.append(end)
    return chosen, outcomes


def cell_deltas(changes: Iterable[Change]) -> dict[Cell, IntArray]:
    """The sum of the changes by cell, as (touchpoints, conversions, revenue) x cells; cells
    that end where they began are left out."""
    sums: dict[Cell, IntArray] = {}
    for portion in _portions(changes):
        for cell, total in _summed(portion):
            sums[cell] = added(sums[cell], total) if cell in sums else total
    return {cell: total for cell, total in sums.items() if total.any()}


def added(one: IntArray, other: IntArray) -> IntArray:
    """The sum by cell, where the narrower has 0 in the cells that it has not; no wider than needed,
    so that the cells of a model that a tenant took away go, too."""
    wide, narrow = (one, other) if one.shape[1] >= other.shape[1] else (other, one)
    total = wide.copy()
    total[:, : narrow.shape[1]] += narrow
    return total if total[:, CELLS:].any() else total[:, :CELLS]


def journey_deltas(changes: Iterable[Change]) -> dict[JourneyCell, tuple[list[int], list[int]]]:
    """The same for the cells of journeys, as (conversions, revenue) x windows."""
    return deltas(
        (
            change.sign,
            Walk(
                tenant_id=change.tenant_id,
                shard=change.shard,
                date=change.earned.date,
                revenue=change.earned.revenue,
                channels=change.earned.channels,
                firsts=change.earned.firsts,
                seconds=change.earned.seconds,
            ),
        )
        for change in changes
        if change.earned.seconds is not None
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


def _summed(changes: Sequence[Change]) -> Iterator[tuple[Cell, IntArray]]:
    """Of either basis every touch, dated by itself or by the order, and what no touch earned."""
    earned = [change.earned for change in changes]
    signs = np.array([change.sign for change in changes], dtype=np.int64)
    sizes = np.array([len(own.dates) for own in earned], dtype=np.int64)
    windows = np.concatenate([own.first_windows for own in earned])
    cells = earned[0].cells
    counted = _COUNTED[:, :cells]
    touched = np.empty((len(windows), 3, cells), dtype=np.int64)
    touched[:, 0] = counted[windows]
    touched[:, 1] = np.concatenate([own.credit for own in earned])
    touched[:, 2] = np.concatenate([own.money for own in earned])
    touched *= np.repeat(signs, sizes)[:, np.newaxis, np.newaxis]
    uncounted = 1 - counted[_widest_gaps(windows, sizes)]
    left = np.flatnonzero(uncounted.any(axis=1))
    rest = np.zeros((len(left), 3, cells), dtype=np.int64)
    rest[:, 1] = uncounted[left] * UNIT
    rest[:, 2] = uncounted[left] * np.array([own.revenue for own in earned])[left, np.newaxis]
    rest *= signs[left, np.newaxis, np.newaxis]
    places = _Places()
    of_touch = places.numbers(changes, _places_of)
    of_rest = places.numbers([changes[i] for i in left.tolist()], lambda _: (UNATTRIBUTED,))
    ordered = np.array([own.date.toordinal() for own in earned], dtype=np.int64)
    touched_on = np.array([on.toordinal() for own in earned for on in own.dates], dtype=np.int64)
    yield from places.sums("accrual", touched_on, of_touch, touched)
    yield from places.sums("cash", np.repeat(ordered, sizes), of_touch, touched)
    for basis in ("accrual", "cash"):
        yield from places.sums(basis, ordered[left], of_rest, rest)


def _places_of(own: Earned) -> Iterable[tuple[str, str, str]]:
    return zip(own.channels, own.platforms, own.campaigns, strict=True)


def _widest_gaps(windows: IntArray, sizes: IntArray) -> IntArray:
    """Of each conversion the first window that has a touch: windows nest, so all smaller ones have
    none."""
    gaps = np.full(len(sizes), len(WINDOWS), dtype=np.int64)
    touched = np.flatnonzero(sizes)
    if len(touched):
        starts = (np.cumsum(sizes) - sizes)[touched]
        gaps[touched] = np.minimum.reduceat(windows, starts)
    return gaps


class _Places:
    """Cells without their dates, by number: they are few, and numbers are sorted faster."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str, str, int], int] = {}

    def numbers(
        self, changes: Sequence[Change], places: Callable[[Earned], Iterable[tuple[str, str, str]]]
    ) -> IntArray:
        """The number of each place of each change."""
        known = self._numbers
        return np.array(
            [
                known.setdefault((change.tenant_id, *place, change.shard), len(known))
                for change in changes
                for place in places(change.earned)
            ],
            dtype=np.int64,
        )

    def sums(
        self, basis: str, day: IntArray, place: IntArray, values: IntArray
    ) -> Iterator[tuple[Cell, IntArray]]:
        """The values of equal days and places, added up."""
        if not len(values):
            return
        names = list(self._numbers)
        code = day * len(names) + place
        order = np.argsort(code, kind="stable")
        code = code[order]
        starts = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
        totals = np.add.reduceat(values[order], starts, axis=0)
        for own, total in zip(code[starts].tolist(), totals, strict=True):
            on, number = divmod(own, len(names))
            tenant_id, channel, platform, campaign, shard = names[number]
            when = date.fromordinal(on)
            yield Cell(tenant_id, basis, when, channel, platform, campaign, shard), total
