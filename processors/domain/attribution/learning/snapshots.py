"""Journeys as discrete time: one snapshot after each touch, with what had been seen by then.

The question that a model answers must be the same for those who bought and those who did not. A
conversion looked at when it happened, beside people looked at when the data end, teaches that
recent touches sell: every touch of a buyer is recent by construction, and those of the others have
aged. So time is cut into periods that begin with a touch and end with the next one, as a
discrete-time survival model cuts it (Allison 1982, "Discrete-Time Methods for the Analysis of
Event Histories"; Singer and Willett 1993): the example of a period is the touches so far, with
ages *at that touch*, and its outcome is whether the conversion came before the next touch. Every
journey gives such examples until it ends; only the last one of a buyer says yes. A channel that
sells at once, and so ends journeys early, is then not punished for the touches that never came.

Three consequences. Age is measured from the newest touch, in training and in credit. Touches of
the same millisecond are one moment, so their order says nothing. The last period of someone who
has not bought is judged only when UNDECIDED_MS have passed; before that it is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.journeys import Sequences
from processors.domain.attribution.models import BoolArray, IntArray

UNDECIDED_MS: Final = 86_400_000
"""A day: most who buy after a touch do so within hours of it."""
_SEEN: Final = 100
"""The newest touches that a snapshot looks back on; bounds what a robot's journey costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshots:
    """Snapshots of some journeys, and the cells that are not empty, ordered by (of, cell)."""

    owner: IntArray
    """Per snapshot, its journey."""
    sold: BoolArray
    """Per snapshot, whether the conversion followed."""
    of: IntArray
    """Per entry, its snapshot."""
    cell: IntArray
    count: IntArray
    """Touches in the cell, not yet saturated."""


def snapshots(found: Sequences, shape: Features) -> Iterator[Snapshots]:
    """All snapshots, in chunks of whole journeys."""
    for start, stop in found.chunks():
        yield _of(found, shape, start, stop)


def moments(found: Sequences, start: int, stop: int) -> tuple[IntArray, BoolArray]:
    """Of touches from, to (whole journeys): those after which a snapshot is taken, counted from
    `start`, and whether the conversion followed."""
    owner, age = found.owner[start:stop], found.age_ms[start:stop]
    newest = np.append(owner[1:] != owner[:-1], True)
    moment = newest.copy()
    moment[:-1] |= age[1:] != age[:-1]
    undecided = newest & ~found.converted[owner] & (age < UNDECIDED_MS)
    at = np.flatnonzero(moment & ~undecided)
    return at, newest[at] & found.converted[owner[at]]


def _of(found: Sequences, shape: Features, start: int, stop: int) -> Snapshots:
    owner, age = found.owner[start:stop], found.age_ms[start:stop]
    at, sold = moments(found, start, stop)
    seen = np.minimum(at + start - found.first[owner[at]] + 1, _SEEN)
    of = np.repeat(np.arange(len(at)), seen)
    back = np.arange(len(of)) - np.repeat(np.cumsum(seen) - seen, seen)
    touch = at[of] - back
    bucket = np.searchsorted(shape.bounds_ms, age[touch] - age[at][of])
    column = shape.column[found.channel[start:stop][touch]]
    known = column >= 0
    key = (of * shape.cells + column * shape.buckets + bucket)[known]
    entries, count = np.unique(key, return_counts=True)
    own, cell = np.divmod(entries, max(shape.cells, 1))
    return Snapshots(
        owner=owner[at],
        sold=sold,
        of=own,
        cell=cell,
        count=count,
    )
