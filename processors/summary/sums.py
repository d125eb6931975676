"""What conversions earn, added up by cell of the channel summary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from processors.domain.attribution.models import MODELS, STANDARD_MODELS, UNIT, WINDOWS, IntArray
from processors.domain.numbered import Numbered
from processors.summary.rows import CELLS, CELLS_WITH_CUSTOM

UNATTRIBUTED: Final = ("unattributed", "none", "")

_BASES: Final = ("accrual", "cash")
_PLACES: Final = 2**32
"""More than there are places in any Sums."""
_ROWS_AT_FIRST: Final = 64
_ROWS_AT_ONCE: Final = 2_048
_WIDTHS: Final = {CELLS: 0, CELLS_WITH_CUSTOM: 1}

Place = tuple[str, str, str, str, int]
"""Tenant, channel, platform, campaign, shard."""


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
class Earnings:
    """What some conversions add, which have as many cells a touch: one element a conversion, then
    one a touch, grouped by conversion. Days as `date.toordinal`, places as `Sums.places` numbers
    them."""

    sign: IntArray | None
    """1, or -1 for what is taken out; None: 1 for all."""
    day: IntArray
    revenue: IntArray
    rest: IntArray
    """The place of what no touch earned."""
    size: IntArray
    touch_day: IntArray
    place: IntArray
    first_window: IntArray
    credit: IntArray
    """(touches, cells), and so is money."""
    money: IntArray


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
    """Earnings added up by cell, for as long as the caller likes.

    A cell is a row of each array, and its key a number until the end. Touches, and revenue that no
    touch earned, are the same in all models, and a touch counts in all windows from its first on:
    so both are counted by first window, and become cells at the end.
    """

    def __init__(self) -> None:
        self.places: Final = Numbered[Place]()
        self._rows: Final = Numbered[int]()
        self._shares = np.zeros((_ROWS_AT_FIRST, 2, CELLS_WITH_CUSTOM), dtype=np.int64)
        counts = (_ROWS_AT_FIRST, len(_WIDTHS), len(WINDOWS) + 1)
        self._touches, self._rests, self._revenues = (
            np.zeros(counts, dtype=np.int64) for _ in range(3)
        )

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, own: Earnings) -> None:
        """Every touch, dated by itself and by the order, and what no touch earned."""
        width = _WIDTHS[own.credit.shape[1]]
        touches, credit, money = np.ones(len(own.place), dtype=np.int64), own.credit, own.money
        orders, revenue = np.ones(len(own.size), dtype=np.int64), own.revenue
        if own.sign is not None:
            orders, touches = own.sign, np.repeat(own.sign, own.size)
            credit, money = (part * touches[:, np.newaxis] for part in (credit, money))
            revenue = revenue * orders
        first = _first_touched(own.first_window, own.size)
        left = np.flatnonzero(first)
        for basis, day in enumerate((own.touch_day, np.repeat(own.day, own.size))):
            rows = self._of(basis, day, own.place)
            self._add_shares(rows, credit, money)
            _count(self._touches, rows, width, own.first_window, touches)
            rows = self._of(basis, own.day[left], own.rest[left])
            _count(self._rests, rows, width, first[left], orders[left])
            _count(self._revenues, rows, width, first[left], revenue[left])

    def totals(self) -> Iterator[tuple[Cell, IntArray]]:
        """Every cell that was ever touched, with its sum as (touchpoints, conversions, revenue) x
        cells."""
        places, codes = list(self.places), list(self._rows)
        for start in range(0, len(codes), _ROWS_AT_ONCE):
            some = codes[start : start + _ROWS_AT_ONCE]
            totals = self._totals(slice(start, start + len(some)))
            for code, total in zip(some, totals, strict=True):
                on, place = divmod(code, _PLACES)
                day, basis = divmod(on, len(_BASES))
                tenant_id, channel, platform, campaign, shard = places[place]
                key = tenant_id, _BASES[basis], date.fromordinal(day), channel, platform, campaign
                yield Cell(*key, shard), _no_wider_than_needed(total)

    def _of(self, basis: int, day: IntArray, place: IntArray) -> IntArray:
        """The rows of cells; made where there is none."""
        code = (day * len(_BASES) + basis) * _PLACES + place
        rows = self._rows.of(code.tolist())
        while len(self._rows) > len(self._shares):
            for name in ("_shares", "_touches", "_rests", "_revenues"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate([array, np.zeros_like(array)]))
        return rows

    def _add_shares(self, rows: IntArray, credit: IntArray, money: IntArray) -> None:
        """One long array is added to at once: sums by row would be over a few touches each."""
        cells = credit.shape[1]
        at = rows[:, np.newaxis] * (2 * CELLS_WITH_CUSTOM) + np.arange(cells)
        flat = self._shares.reshape(-1)
        np.add.at(flat, at.ravel(), credit.ravel())
        at += CELLS_WITH_CUSTOM
        np.add.at(flat, at.ravel(), money.ravel())

    def _totals(self, some: slice) -> IntArray:
        standard, windows = len(STANDARD_MODELS), len(WINDOWS)
        totals = np.zeros((len(self._shares[some]), 3, len(MODELS), windows), dtype=np.int64)
        totals[:, 1:] = self._shares[some].reshape(-1, 2, len(MODELS), windows)
        for width, models in enumerate((standard, len(MODELS))):
            touches = np.cumsum(self._touches[some, width, :windows], axis=1)
            rests, revenues = (_before(part[some, width]) for part in (self._rests, self._revenues))
            parts = np.stack([touches, rests * UNIT, revenues], axis=1)
            totals[:, :, :models] += parts[:, :, np.newaxis]
        return totals.reshape(-1, 3, CELLS_WITH_CUSTOM)


def _count(counts: IntArray, rows: IntArray, width: int, first: IntArray, values: IntArray) -> None:
    _, widths, windows = counts.shape
    np.add.at(counts.reshape(-1), (rows * widths + width) * windows + first, values)


def _before(counts: IntArray) -> IntArray:
    """By window what is counted in the windows after it."""
    after: IntArray = counts.sum(axis=1, keepdims=True) - np.cumsum(counts, axis=1)
    return after[:, : len(WINDOWS)]


def _first_touched(windows: IntArray, sizes: IntArray) -> IntArray:
    """Of each conversion the first window that has a touch: windows nest, so all smaller ones have
    none."""
    first = np.full(len(sizes), len(WINDOWS), dtype=np.int64)
    touched = np.flatnonzero(sizes)
    if len(touched):
        starts = (np.cumsum(sizes) - sizes)[touched]
        first[touched] = np.minimum.reduceat(windows, starts)
    return first
