"""The schedule: which fault, on what, when and for how long, a pure function of the seed.

"When" is a number of events that were sent, not a time of the clock, so that a seed strikes at the
same places of the load on a fast machine and on a slow one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import Final

from deploy.drills.fault import Fault, Layout

_USUAL: Final = 12
_USUAL_EVENTS: Final = 50_000
_FIRST: Final = 0.04
_LAST: Final = 0.92
_JITTER: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One strike: after `at` events."""

    at: int
    fault: str
    target: str
    seconds: float
    seed: int


def usual(events: int) -> int:
    """How many strikes a load of that size has: 12 in 50,000 events, 54 in a million."""
    return max(1, round(_USUAL * sqrt(events / _USUAL_EVENTS)))


def schedule(
    seed: int,
    *,
    events: int,
    faults: Sequence[Fault],
    layout: Layout,
    strikes: int,
    only: Sequence[str] = (),
) -> tuple[Moment, ...]:
    """So many strikes in their order, spread over the load: no kind twice before each has been
    once; `only` on these targets, where the kind has some of them."""
    rng = Random(seed)  # noqa: S311  (the same again is the point)
    kinds: list[Fault] = []
    while len(kinds) < strikes:
        some = sorted(faults, key=lambda fault: fault.name)
        rng.shuffle(some)
        kinds += some[: strikes - len(kinds)]
    room = (_LAST - _FIRST) * events / max(1, len(kinds))
    found = []
    for place, fault in enumerate(kinds):
        targets = list(fault.targets(layout))
        targets = [name for name in targets if name in only] or targets
        at = _FIRST * events + room * (place + _JITTER * rng.random())
        found.append(
            Moment(
                at=int(at),
                fault=fault.name,
                target=rng.choice(targets),
                seconds=round(rng.uniform(*fault.seconds), 1),
                seed=rng.getrandbits(32),
            )
        )
    return tuple(found)
