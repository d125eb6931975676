"""A key that alone outruns a partition: a robot, or an id that a shop gives to everybody.

Facts are free of order, and a joined person is found in Postgres, not in a partition. So a touch or
an event may lie in any partition, under the key that it has; only orders and commands may not. The
records of one key beyond so many a second go round all partitions. They are counted by a sketch
that may take one key for another; then a few more records go round, which does no harm.
"""

from collections.abc import Sequence
from itertools import count
from typing import Final

from processors.engine.kafka import Raw

SPREAD: Final = frozenset({"touchpoints.v1", "pixel_events.v1"})
WINDOW_SECONDS: Final = 1.0
_CELLS: Final = 65_536


class HotKeys:
    """Counts of this second."""

    def __init__(self, *, per_second: int) -> None:
        self._limit = int(per_second * WINDOW_SECONDS)
        self._counts = [0] * _CELLS
        self._until = 0.0
        self._next = count()

    def hot(self, rows: Sequence[Raw], now: float) -> list[int]:
        """Count the rows, and say which of them go round."""
        if now >= self._until:
            self._counts = [0] * _CELLS
            self._until = now + WINDOW_SECONDS
        counts, limit, found = self._counts, self._limit, []
        for index, row in enumerate(rows):
            cell = hash(row.key) % _CELLS
            counts[cell] = total = counts[cell] + 1
            if total > limit and row.topic in SPREAD:
                found.append(index)
        return found

    def round(self, row: Raw, partitions: int) -> Raw:
        """The row on the next partition of so many."""
        return row._replace(partition=next(self._next) % partitions)
