"""What a model sees: for each conversion and window, the touches eligible in it, oldest first.

Windows nest, so the touches of a window are the newest few of the widest one, and windows that
hold the same touches are one path. Models and splits run once per distinct path; `cells` spreads
the answers to all windows.
"""

from dataclasses import dataclass

import numpy as np

from processors.domain.attribution.models import WINDOWS, IntArray
from processors.domain.attribution.timeline import Timeline


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Distinct, non-empty paths laid end to end: steps `first[i] .. first[i] + size[i] - 1`."""

    timeline: Timeline
    journey: IntArray
    first: IntArray
    size: IntArray
    touch: IntArray
    """Per step, its touch in the timeline."""
    cells: IntArray
    """(touches, windows): the touch's step in the path of that window; `len(touch)` if none."""

    @property
    def last(self) -> IntArray:
        """The newest step of each path."""
        return self.first + self.size - 1


def distinct_paths(timeline: Timeline) -> Paths:
    """The paths of every journey of the timeline; needs at least one touch."""
    windows = len(WINDOWS)
    journeys = len(timeline.counts)
    held = np.bincount(
        timeline.journey * windows + timeline.first_window, minlength=journeys * windows
    ).reshape(journeys, windows)
    held_up_to = np.cumsum(held, axis=1)
    fresh = held > 0
    # Unchanged windows carry the path of the window before; where a journey has none yet this
    # names a foreign path, which no eligible touch ever looks up.
    path = np.cumsum(fresh.ravel()).reshape(journeys, windows) - 1
    journey = np.nonzero(fresh)[0]
    size = held_up_to[fresh]
    first = np.cumsum(size) - size
    oldest = np.cumsum(timeline.counts)[journey] - size
    shift = first - oldest
    steps = int(size.sum())
    position = np.arange(len(timeline.journey))[:, np.newaxis]
    eligible = timeline.first_window[:, np.newaxis] <= np.arange(windows)
    return Paths(
        timeline=timeline,
        journey=journey,
        first=first,
        size=size,
        touch=np.arange(steps) - np.repeat(shift, size),
        cells=np.where(eligible, position + shift[path[timeline.journey]], steps),
    )
