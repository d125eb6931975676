"""The pure part: which credits to apply, and what they change in the cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from typing import Final, NamedTuple

import numpy as np

from processors.domain.attribution.models import MODELS, UNIT, WINDOWS, IntArray
from processors.engine.outcome import DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
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
        keys, values = _entries(portion)
        for cell, total in _summed(keys, values):
            sums[cell] = added(sums[cell], total) if cell in sums else total
    return {cell: total for cell, total in sums.items() if total.any()}


def added(one: IntArray, other: IntArray) -> IntArray:
    """The sum by cell, where the narrower has 0 in the cells that it has not; no wider than needed,
    so that the cells of a model that a tenant took away go, too."""
    wide, narrow = (one, other) if one.shape[1] >= other.shape[1] else (other, one)
    total = wide.copy()
    total[:, : narrow.shape[1]] += narrow
    return total if total[:, CELLS:].any() else total[:, :CELLS]


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


def _entries(changes: Sequence[Change]) -> tuple[list[Cell], IntArray]:
    """Every touch twice (dated by itself and by the order), then what no touch earned."""
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
    rest = np.zeros((len(changes), 3, cells), dtype=np.int64)
    uncounted = 1 - counted[[_widest_gap(own) for own in earned]]
    rest[:, 1] = uncounted * UNIT
    rest[:, 2] = uncounted * np.array([own.revenue for own in earned])[:, np.newaxis]
    rest *= signs[:, np.newaxis, np.newaxis]
    left = np.flatnonzero(uncounted.any(axis=1)).tolist()
    keys = [
        *chain.from_iterable(_touch_cells(change, "accrual") for change in changes),
        *chain.from_iterable(_touch_cells(change, "cash") for change in changes),
        *(_rest_cell(changes[i], "accrual") for i in left),
        *(_rest_cell(changes[i], "cash") for i in left),
    ]
    return keys, np.concatenate([touched, touched, rest[left], rest[left]])


def _widest_gap(earned: Earned) -> int:
    """The first window that has a touch: windows nest, so all smaller ones have none."""
    return int(earned.first_windows.min()) if len(earned.first_windows) else len(WINDOWS)


def _touch_cells(change: Change, basis: str) -> Iterator[Cell]:
    own = change.earned
    dates = own.dates if basis == "accrual" else [own.date] * len(own.dates)
    for of_touch in zip(dates, own.channels, own.platforms, own.campaigns, strict=True):
        yield Cell(change.tenant_id, basis, *of_touch, change.shard)


def _rest_cell(change: Change, basis: str) -> Cell:
    return Cell(change.tenant_id, basis, change.earned.date, *UNATTRIBUTED, change.shard)


def _summed(keys: Sequence[Cell], values: IntArray) -> Iterator[tuple[Cell, IntArray]]:
    """The values of equal keys, added up."""
    numbers: dict[Cell, int] = {}
    number = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(len(numbers)))
    totals = np.add.reduceat(values[order], starts, axis=0) if len(keys) else values
    yield from zip(numbers, totals, strict=True)
