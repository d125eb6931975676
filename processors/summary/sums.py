"""Changes of conversions added up by cell of the channel summary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from processors.domain.attribution.models import MODELS, UNIT, WINDOWS, IntArray
from processors.summary.rows import CELLS, CELLS_WITH_CUSTOM, Earned

UNATTRIBUTED: Final = ("unattributed", "none", "")

_WINDOW_OF_CELL: Final = np.tile(np.arange(len(WINDOWS)), len(MODELS))
_COUNTED: Final = (np.arange(len(WINDOWS) + 1)[:, np.newaxis] <= _WINDOW_OF_CELL).astype(np.int64)
"""Row f: 1 in the cells in which a touch with first window f counts; the last row is all 0."""
_TOUCHES_AT_ONCE: Final = 5_000
_BASES: Final = ("accrual", "cash")
_PLACES: Final = 2**32
"""More than there are places in any Sums."""
_ROWS_AT_FIRST: Final = 64


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


def cell_deltas(changes: Iterable[Change]) -> dict[Cell, IntArray]:
    """The sum of the changes by cell, as (touchpoints, conversions, revenue) x cells; cells
    that end where they began are left out."""
    sums = Sums()
    sums.add(changes)
    return {cell: total for cell, total in sums.totals() if total.any()}


def added(one: IntArray, other: IntArray) -> IntArray:
    """The sum by cell, where the narrower has 0 in the cells that it has not; no wider than needed,
    so that the cells of a model that a tenant took away go, too."""
    wide, narrow = (one, other) if one.shape[1] >= other.shape[1] else (other, one)
    total = wide.copy()
    total[:, : narrow.shape[1]] += narrow
    return _no_wider_than_needed(total)


def _no_wider_than_needed(total: IntArray) -> IntArray:
    return total if total[:, CELLS:].any() else total[:, :CELLS]


class Sums:
    """Changes added up by cell, for as long as the caller likes.

    A cell is a row of one array, and its key a number until the end: days, bases and places are
    few, so that what is done for each cell of each portion is done in numpy.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str, str, int], int] = {}
        self._rows: dict[int, int] = {}
        self._totals = np.zeros((_ROWS_AT_FIRST, 3, CELLS_WITH_CUSTOM), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, changes: Iterable[Change]) -> None:
        """Add what they change."""
        for portion in _portions(changes):
            self._add(portion)

    def totals(self) -> Iterator[tuple[Cell, IntArray]]:
        """Every cell that was ever touched, with its sum."""
        places = list(self._places)
        for code, row in self._rows.items():
            on, number = divmod(code, _PLACES)
            day, basis = divmod(on, len(_BASES))
            tenant_id, channel, platform, campaign, shard = places[number]
            when = date.fromordinal(day)
            cell = Cell(tenant_id, _BASES[basis], when, channel, platform, campaign, shard)
            yield cell, _no_wider_than_needed(self._totals[row])

    def _add(self, changes: Sequence[Change]) -> None:
        """Every touch, dated by itself or by the order, and what no touch earned."""
        earned = [change.earned for change in changes]
        signs = np.array([change.sign for change in changes], dtype=np.int64)
        sizes = np.array([len(own.dates) for own in earned], dtype=np.int64)
        windows = np.concatenate([own.first_windows for own in earned])
        touched = _touched(earned, windows)
        touched *= np.repeat(signs, sizes)[:, np.newaxis, np.newaxis]
        left, rest = _rest(earned, windows, sizes)
        rest *= signs[left, np.newaxis, np.newaxis]
        of_touch = self._numbers(changes, _places_of)
        of_rest = self._numbers([changes[i] for i in left.tolist()], lambda _: (UNATTRIBUTED,))
        ordered = np.array([own.date.toordinal() for own in earned], dtype=np.int64)
        accrual = np.array([on.toordinal() for own in earned for on in own.dates], dtype=np.int64)
        for basis, days in enumerate((accrual, np.repeat(ordered, sizes))):
            self._sum(days * len(_BASES) + basis, of_touch, touched)
            self._sum(ordered[left] * len(_BASES) + basis, of_rest, rest)

    def _numbers(
        self, changes: Sequence[Change], places: Callable[[Earned], Iterable[tuple[str, str, str]]]
    ) -> IntArray:
        """The number of each place of each change."""
        known = self._places
        return np.array(
            [
                known.setdefault((change.tenant_id, *place, change.shard), len(known))
                for change in changes
                for place in places(change.earned)
            ],
            dtype=np.int64,
        )

    def _sum(self, on: IntArray, place: IntArray, values: IntArray) -> None:
        """Add the values to the rows of their cells."""
        if not len(values):
            return
        code = on * _PLACES + place
        order = np.argsort(code, kind="stable")
        code = code[order]
        starts = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
        rows = self._rows
        row = np.array([rows.setdefault(own, len(rows)) for own in code[starts].tolist()])
        while len(rows) > len(self._totals):
            self._totals = np.concatenate([self._totals, np.zeros_like(self._totals)])
        self._totals[row, :, : values.shape[2]] += np.add.reduceat(values[order], starts, axis=0)


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


def _touched(earned: Sequence[Earned], windows: IntArray) -> IntArray:
    """What each touch adds: (touches, 3, cells)."""
    cells = earned[0].cells
    touched = np.empty((len(windows), 3, cells), dtype=np.int64)
    touched[:, 0] = _COUNTED[windows, :cells]
    touched[:, 1] = np.concatenate([own.credit for own in earned])
    touched[:, 2] = np.concatenate([own.money for own in earned])
    return touched


def _rest(
    earned: Sequence[Earned], windows: IntArray, sizes: IntArray
) -> tuple[IntArray, IntArray]:
    """Which conversions have windows without a touch, and what these add."""
    uncounted = 1 - _COUNTED[_widest_gaps(windows, sizes), : earned[0].cells]
    left = np.flatnonzero(uncounted.any(axis=1))
    rest = np.zeros((len(left), 3, earned[0].cells), dtype=np.int64)
    rest[:, 1] = uncounted[left] * UNIT
    rest[:, 2] = uncounted[left] * np.array([own.revenue for own in earned])[left, np.newaxis]
    return left, rest


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
