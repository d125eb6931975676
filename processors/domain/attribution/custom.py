"""custom: the tenant's own model, as its document says (custom_document.py).

    1. The transforms leave steps out of the path, one after the other (path_transforms.py).
    2. Steps of an excluded channel leave it, too, unless all that is left are.
    3. What stays is weighed by position: all alike; or by half-life, like time_decay, the age
       measured from the newest step whose multipliers are above 0; or `first` and `last` for the
       ends and `middle` shared by those between. Of two steps one is first and one is last, and a
       step alone is all.
    4. Weight is that times the channel's multiplier and, for a view, that of views.
    5. Where all weights of a path are 0, the steps whose multipliers are above 0 count alike, and
       where there is none, all that stayed.

Positions are those of the path that is left: an excluded channel is nobody's first touch, one with
a multiplier of 0 may be. All is whole numbers: a path's weights are divided by what divides them
all, and then, as long as one is above 2**33, halved, each rounded down (split.py asks for that).
Before that they are below 2**63: at most 1,000,000 times 5,000 by position, 100,000 by channel and
1,000 by view.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution import path_transforms
from processors.domain.attribution.columns import JourneyColumns
from processors.domain.attribution.custom_document import (
    THOUSAND,
    CustomModel,
    Ends,
    HalfLife,
    Transform,
)
from processors.domain.attribution.models import BoolArray, CreditSettings, IntArray
from processors.domain.attribution.paths import Paths
from processors.domain.attribution.split import MOST_WEIGHT
from processors.domain.attribution.time_decay import decayed
from processors.domain.attribution.timeline import DAY_MS, DIRECT

STAYS: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps of paths laid end to end, oldest first."""

    path: IntArray
    """Which path each is of; ascending, and not all numbers need be there."""
    channel: IntArray
    """Numbers of channels."""
    is_view: BoolArray
    age_ms: IntArray
    channels: Sequence[str]
    """The channels' names, by their numbers."""

    def of(self, some: IntArray | BoolArray) -> "Steps":
        """Only some of them."""
        return Steps(
            path=self.path[some],
            channel=self.channel[some],
            is_view=self.is_view[some],
            age_ms=self.age_ms[some],
            channels=self.channels,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the model says of each step."""

    left_by: IntArray
    """The place of the transform that left it out, the number of transforms if it was excluded,
    STAYS if it stays."""
    weight: IntArray
    """0 for a step that does not stay."""
    alike: BoolArray
    """True where all of the path weighed 0, so that its steps count alike."""


def weights(paths: Paths, batch: JourneyColumns) -> IntArray:
    """The weights of all steps, each journey's by the model that its settings have."""
    models: dict[str, tuple[int, CustomModel]] = {}
    own = [_numbered(settings, models) for settings in batch.settings]
    steps = _steps(paths, batch)
    weight = np.empty(len(paths.touch), dtype=np.int64)
    of_step = np.array(own)[batch.setting[paths.journey]][steps.path]
    for number, model in models.values():
        its = np.flatnonzero(of_step == number)
        if len(its):
            weight[its] = weigh(model, steps.of(its)).weight
    return weight


def _numbered(settings: CreditSettings, models: dict[str, tuple[int, CustomModel]]) -> int:
    model = settings.custom
    if model is None:
        raise ValueError("a journey without a model of its own")
    return models.setdefault(model.version, (len(models), model))[0]


def _steps(paths: Paths, batch: JourneyColumns) -> Steps:
    line = paths.timeline
    own = np.cumsum(batch.size) - batch.size
    return Steps(
        path=np.repeat(np.arange(len(paths.first)), paths.size),
        channel=line.channel[paths.touch],
        is_view=batch.is_view[own[line.journey] + line.index][paths.touch],
        age_ms=line.age_ms[paths.touch],
        channels=line.channels,
    )


def weigh(model: CustomModel, steps: Steps) -> Weighed:
    """One model on its paths."""
    left_by = np.full(len(steps.path), STAYS, dtype=np.int64)
    for place, transform in enumerate(model.transforms):
        _leave(left_by, place, steps, _STAY[transform])
    excluded = np.array([name in model.exclude for name in steps.channels], dtype=np.bool_)
    _leave(left_by, len(model.transforms), steps, lambda s: _without(s, excluded))
    weight = np.zeros(len(steps.path), dtype=np.int64)
    alike = np.zeros(len(steps.path), dtype=np.bool_)
    stay = np.flatnonzero(left_by == STAYS)
    weight[stay], alike[stay] = _weights(model, steps.of(stay))
    return Weighed(left_by=left_by, weight=weight, alike=alike)


def _leave(
    left_by: IntArray, place: int, steps: Steps, stays: Callable[[Steps], BoolArray]
) -> None:
    stay = np.flatnonzero(left_by == STAYS)
    left_by[stay[~stays(steps.of(stay))]] = place


def _without(steps: Steps, leaves: BoolArray) -> BoolArray:
    """`leaves` is told by channel."""
    return path_transforms.without(steps.path, leaves[steps.channel])


def _without_direct(steps: Steps) -> BoolArray:
    return _without(steps, np.array([name == DIRECT for name in steps.channels], dtype=np.bool_))


_STAY: Final[dict[Transform, Callable[[Steps], BoolArray]]] = {
    "unique": lambda steps: np.ones(len(steps.path), dtype=np.bool_),
    "exposure": lambda steps: path_transforms.exposure(steps.path, steps.channel),
    "first": lambda steps: path_transforms.first(steps.path, steps.channel),
    "remove_direct": _without_direct,
}


def _weights(model: CustomModel, steps: Steps) -> tuple[IntArray, BoolArray]:
    """Of steps that stay: positive in at least one step of each path; and where they are alike."""
    first = np.flatnonzero(np.diff(steps.path, prepend=STAYS))
    size = np.diff(first, append=len(steps.path))
    of_channel = np.array([model.channels.get(name, THOUSAND) for name in steps.channels])
    multiplier = of_channel[steps.channel] * np.where(steps.is_view, model.views, THOUSAND)
    match model.position:
        case Ends():
            weight = _by_ends(model.position, first, size)
        case HalfLife():
            weight = _by_age(model.position, steps, multiplier, first, size)
        case None:
            weight = np.ones(len(multiplier), dtype=np.int64)
    weight *= multiplier
    alike = np.repeat(np.maximum.reduceat(weight, first) == 0, size)
    weight[alike] = multiplier[alike] > 0
    weight[np.repeat(np.maximum.reduceat(weight, first) == 0, size)] = 1
    return _bounded(weight, first, size), alike


def _by_ends(ends: Ends, first: IntArray, size: IntArray) -> IntArray:
    """Times as many as share the middle, so that its shares are whole."""
    between = np.maximum(size - 2, 1)
    weight = np.full(int(size.sum()), ends.middle, dtype=np.int64)
    weight[first] = ends.first * between
    weight[first + size - 1] = ends.last * between
    weight[first[size == 1]] = 1
    return weight


def _by_age(
    half_life: HalfLife, steps: Steps, multiplier: IntArray, first: IntArray, size: IntArray
) -> IntArray:
    earning = np.where(multiplier > 0, np.arange(len(multiplier)), -1)
    newest = np.maximum(np.maximum.reduceat(earning, first), first)
    dt = np.maximum(steps.age_ms - np.repeat(steps.age_ms[newest], size), 0)
    return decayed(dt, half_life.days * DAY_MS)


def _bounded(weight: IntArray, first: IntArray, size: IntArray) -> IntArray:
    weight = weight // np.repeat(np.gcd.reduceat(weight, first), size)
    greatest = np.maximum.reduceat(weight, first)
    while (too_great := greatest > MOST_WEIGHT).any():
        greatest = np.where(too_great, greatest // 2, greatest)
        weight = np.where(np.repeat(too_great, size), weight // 2, weight)
    return weight
