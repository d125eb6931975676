"""The schedule: which fault, on what, when and for how long, a pure function of the seed.

"When" is a number of events that were sent, not a time of the clock, so that a seed strikes at the
same places of the load on a fast machine and on a slow one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from deploy.drills.fault import Fault, Layout

EVENTS_A_ROUND: Final = 250_000
"""Every kind strikes once in so many events, and once in fewer."""
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


def schedule(
    seed: int,
    *,
    events: int,
    faults: Sequence[Fault],
    layout: Layout,
    times: int | None = None,
    only: Sequence[str] = (),
) -> tuple[Moment, ...]:
    """The strikes in their order, spread over the load: each kind so many times, or once in
    `EVENTS_A_ROUND` and at least once; `only` on these targets, where the kind has some of them."""
    rng = Random(seed)  # noqa: S311  (the same again is the point)
    rounds = times or max(1, events // EVENTS_A_ROUND)
    kinds: list[Fault] = []
    for _ in range(rounds):
        some = sorted(faults, key=lambda fault: fault.name)
        rng.shuffle(some)
        kinds += some
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
