"""Why each touch of an order got what it got under the tenant's own model, a line a touch.

What stays and what weighs is decided by the model that credit uses (domain/attribution/custom.py);
only the words are made here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np

from processors.commands.explanation import ExplainedTouch
from processors.domain.attribution.custom import STAYS, Steps, Weighed, weigh
from processors.domain.attribution.custom_document import (
    THOUSAND,
    CustomModel,
    Ends,
    HalfLife,
    Transform,
)

NONE: Final = "the tenant has no model of its own: tenant set TENANT custom_model=@FILE"
CHANGED: Final = "the model has changed since this credit was given, and the new one is on its way"

_MILLISECOND: Final = timedelta(milliseconds=1)
_LEFT_OUT: Final[dict[Transform, str]] = {
    "exposure": "a touch of the same channel just before it stands for it",
    "first": "an earlier touch of the same channel stands for it",
    "remove_direct": "it is direct, and others are not",
}


def told(
    model: CustomModel | None, version: str | None, touches: tuple[ExplainedTouch, ...]
) -> tuple[str, tuple[ExplainedTouch, ...]]:
    """The touches with their whys, by the model that stands; or else a note instead, where the
    credit has another `version` or none."""
    if version is None and model is None:
        return NONE, touches
    if model is None or model.version != version:
        return CHANGED, touches
    counted = [touch for touch in touches if touch.credit is not None]
    whys = iter(_whys(model, counted)) if counted else iter(())
    return "", tuple(
        touch if touch.credit is None else replace(touch, why=next(whys)) for touch in touches
    )


def _whys(model: CustomModel, path: Sequence[ExplainedTouch]) -> Iterator[str]:
    weighed = weigh(model, _steps(path))
    stay = np.flatnonzero(weighed.left_by == STAYS).tolist()
    for step, (touch, left_by) in enumerate(zip(path, weighed.left_by.tolist(), strict=True)):
        if left_by == STAYS:
            yield _why(model, path, stay, weighed, step)
        elif left_by == len(model.transforms):
            yield f"left out: {touch.channel} is excluded"
        else:
            transform = model.transforms[left_by]
            yield f"left out by {transform}: {_LEFT_OUT[transform]}"


def _steps(path: Sequence[ExplainedTouch]) -> Steps:
    channels = list(dict.fromkeys(touch.channel for touch in path))
    return Steps(
        path=np.zeros(len(path), dtype=np.int64),
        channel=np.array([channels.index(touch.channel) for touch in path], dtype=np.int64),
        is_view=np.array([touch.type == "view" for touch in path], dtype=np.bool_),
        age_ms=np.array([touch.age // _MILLISECOND for touch in path], dtype=np.int64),
        channels=channels,
    )


def _why(
    model: CustomModel,
    path: Sequence[ExplainedTouch],
    stay: Sequence[int],
    weighed: Weighed,
    step: int,
) -> str:
    """Of a touch that stays: its place among those that do, and what it is multiplied by."""
    place, count = stay.index(step), len(stay)
    where = "alone" if count == 1 else "first" if place == 0 else f"{place + 1} of {count}"
    where = "last" if count > 1 and place == count - 1 else where
    factors = [*_base(model, path, stay, step), *_multipliers(model, path[step])]
    product = " x ".join(factors) or "1"
    if not weighed.alike[step]:
        return f"{where}: weight {product}"
    if weighed.weight[step]:
        return f"{where}: weight {product}; since all weigh 0, those that may earn count alike"
    return f"{where}: weight {product}; all weigh 0, and others may earn"


def _base(
    model: CustomModel, path: Sequence[ExplainedTouch], stay: Sequence[int], step: int
) -> Iterator[str]:
    match model.position:
        case Ends(first=first, middle=middle, last=last) if len(stay) > 1:
            if step == stay[0]:
                yield _number(first)
            elif step == stay[-1]:
                yield _number(last)
            else:
                between = len(stay) - 2
                yield _number(middle) + (f" / {between}" if between > 1 else "")
        case HalfLife(days=days):
            earning = [s for s in stay if _multiplier(model, path[s])] or list(stay)
            older = max(path[step].age - path[earning[-1]].age, timedelta())
            yield f"1/2 ^ ({older / timedelta(days=1):.3f} d / {days:g} d)"


def _multipliers(model: CustomModel, touch: ExplainedTouch) -> Iterator[str]:
    if touch.channel in model.channels:
        yield f"{_number(model.channels[touch.channel])} ({touch.channel})"
    if touch.type == "view" and model.views != THOUSAND:
        yield f"{_number(model.views)} (view)"


def _multiplier(model: CustomModel, touch: ExplainedTouch) -> int:
    return model.channels.get(touch.channel, THOUSAND) * (
        model.views if touch.type == "view" else THOUSAND
    )


def _number(thousandths: int) -> str:
    return f"{thousandths / THOUSAND:g}"
