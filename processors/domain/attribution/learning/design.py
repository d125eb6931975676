"""The design matrix by rows of equal fill, so that sums over it touch only what is not 0.

A snapshot fills about four of some eighty cells; a dense product would spend its time on zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.domain.attribution.learning.sums import summed
from processors.domain.attribution.models import FloatArray, IntArray

_PAIRS: Final = 400_000
"""Of cells of one row, in a block: bounds the working memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of the same fill. Column 0 is the intercept, column 1 + cell the cell."""

    rows: IntArray
    column: IntArray
    """(fill, rows), growing along the fill."""
    count: npt.NDArray[np.uint8]
    """(fill, rows)."""

    def logits(self, coefficients: IntArray) -> IntArray:
        """Per row, in micro-logits."""
        total: IntArray = (coefficients[self.column] * self.count).sum(axis=0)
        return total

    def gathered(self, terms: FloatArray, size: int) -> FloatArray:
        """The matrix transposed, times one term a row."""
        return summed(self.column.ravel(), (terms * self.count).ravel(), size)

    def squared(self, terms: FloatArray, size: int) -> FloatArray:
        """The matrix transposed, times one term a row, times the matrix; its upper triangle."""
        one, other = np.triu_indices(len(self.column))
        pair = self.column[one] * size + self.column[other]
        count = self.count.astype(np.float64)
        both = (terms * count)[one] * count[other]
        return summed(pair.ravel(), both.ravel(), size**2).reshape(size, size)


def blocks(counts: npt.NDArray[np.uint8]) -> Iterator[Block]:
    """All rows of (rows, cells)."""
    fill = np.count_nonzero(counts, axis=1)
    for filled in np.unique(fill).tolist():
        alike = np.flatnonzero(fill == filled)
        most = max(1, _PAIRS // (filled + 1) ** 2)
        for start in range(0, len(alike), most):
            rows = alike[start : start + most]
            own = counts[rows]
            shape = (filled + 1, len(rows))
            column, count = np.zeros(shape, dtype=np.int64), np.ones(shape, dtype=np.uint8)
            cell = (np.flatnonzero(own) % counts.shape[1]).reshape(len(rows), filled)
            column[1:] = cell.T + 1
            count[1:] = np.take_along_axis(own, cell, axis=1).T
            yield Block(rows=rows, column=column, count=count)
