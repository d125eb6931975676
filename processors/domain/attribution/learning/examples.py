"""Snapshots collapsed to distinct vectors with how often each was seen and how often it sold.

These are sufficient statistics of the logistic model and additive: those of two sets of journeys,
merged, are those of both together. A vector's key is a 64-bit sum of one word per cell and count;
two vectors share a key with a chance of about 3e-8 among a million, and then count as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.journeys import Sequences, WordArray, mixed
from processors.domain.attribution.learning.snapshots import Snapshots, snapshots
from processors.domain.attribution.models import BoolArray, IntArray

TRAINED, HELD_OUT = 0, 1
_ONE_HELD_OUT_IN: Final = 5
_MERGE_ROWS: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows are distinct vectors, by key; `seen` and `sold` are (rows, parts)."""

    key: WordArray
    counts: npt.NDArray[np.uint8]
    """(rows, cells), saturated."""
    seen: IntArray
    sold: IntArray

    @property
    def fingerprint(self) -> bytes:
        """A hash of the data, from which all that looks random is derived."""
        found = sha256()
        for column in (self.key, self.seen, self.sold):
            found.update(np.ascontiguousarray(column).astype("<u8").tobytes())
        return found.digest()


def examples(found: Sequences, shape: Features) -> Examples:
    """The examples of all journeys; there must be one."""
    parts: list[Examples] = []
    rows = 0
    for some in snapshots(found, shape):
        parts.append(_of(some, found, shape))
        rows += len(parts[-1].key)
        if rows > _MERGE_ROWS:
            parts, rows = [merged(parts)], 0
    return merged(parts)


def merged(parts: Sequence[Examples]) -> Examples:
    """The examples of all parts together."""
    key, first, own = np.unique(
        np.concatenate([part.key for part in parts]), return_index=True, return_inverse=True
    )
    counts = np.concatenate([part.counts for part in parts])[first]
    seen, sold = (
        np.stack(
            [
                np.bincount(own, weights=column, minlength=len(key)).astype(np.int64)
                for column in np.concatenate(tables).T
            ],
            axis=1,
        )
        for tables in ([part.seen for part in parts], [part.sold for part in parts])
    )
    return Examples(key=key, counts=counts, seen=seen, sold=sold)


def held_out(ids: IntArray) -> BoolArray:
    """Whether each journey is kept from the training that is judged: one in five, by its id."""
    out: BoolArray = mixed(ids) % np.uint64(_ONE_HELD_OUT_IN) == 0
    return out


def _of(some: Snapshots, found: Sequences, shape: Features) -> Examples:
    count = np.minimum(some.count, shape.saturation)
    words = mixed(some.cell * (shape.saturation + 1) + count)
    key = np.zeros(len(some.owner), dtype=np.uint64)
    starts = np.flatnonzero(np.append(True, some.of[1:] != some.of[:-1])[: len(some.of)])
    if len(starts):
        key[some.of[starts]] = np.add.reduceat(words, starts)
    distinct, first, own = np.unique(key, return_index=True, return_inverse=True)
    row = np.full(len(key), -1, dtype=np.int64)
    row[first] = np.arange(len(first))
    told = row[some.of] >= 0
    counts = np.zeros((len(distinct), shape.cells), dtype=np.uint8)
    counts[row[some.of[told]], some.cell[told]] = count[told]
    part = np.where(held_out(found.ids[some.owner]), HELD_OUT, TRAINED)
    rows = len(distinct)
    return Examples(
        key=distinct,
        counts=counts,
        seen=np.bincount(own * 2 + part, minlength=2 * rows).reshape(rows, 2),
        sold=np.bincount((own * 2 + part)[some.sold], minlength=2 * rows).reshape(rows, 2),
    )
