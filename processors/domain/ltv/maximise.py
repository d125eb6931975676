"""The greatest value of a function of few numbers, without its slope: Nelder and Mead (1965), "A
Simplex Method for Function Minimization", started anew at what it found until that stays."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from processors.domain.ltv.cells import Floats

_STEPS: Final = 2_000
_STARTS: Final = 4
_STILL: Final = 1e-9
_EDGE: Final = 0.7


def maximise(value: Callable[[Floats], float], start: Sequence[float]) -> tuple[Floats, float]:
    """Where the value is greatest, and the value there. Where it is not finite, it is smallest."""
    best = np.array(start, dtype=np.float64)
    height = value(best)
    for _ in range(_STARTS):
        found, reached = _climb(value, best)
        gained = reached - height
        best, height = found, reached
        if gained <= _STILL * (1 + abs(height)):
            break
    return best, height


def _climb(value: Callable[[Floats], float], start: Floats) -> tuple[Floats, float]:
    def loss(point: Floats) -> float:
        told = value(point)
        return -told if np.isfinite(told) else np.inf

    size = len(start)
    points = np.vstack([start, start + _EDGE * np.eye(size)])
    losses = np.array([loss(point) for point in points])
    for _ in range(_STEPS):
        order = np.argsort(losses, kind="stable")
        points, losses = points[order], losses[order]
        if losses[-1] - losses[0] <= _STILL * (1 + abs(losses[0])):
            break
        middle = points[:-1].mean(axis=0)
        reflected = 2 * middle - points[-1]
        lost = loss(reflected)
        if lost < losses[0]:
            further = 3 * middle - 2 * points[-1]
            beyond = loss(further)
            points[-1], losses[-1] = (further, beyond) if beyond < lost else (reflected, lost)
        elif lost < losses[-2]:
            points[-1], losses[-1] = reflected, lost
        else:
            inner = 0.5 * (middle + (reflected if lost < losses[-1] else points[-1]))
            inside = loss(inner)
            if inside < min(lost, losses[-1]):
                points[-1], losses[-1] = inner, inside
            else:
                points[1:] = 0.5 * (points[1:] + points[0])
                losses[1:] = [loss(point) for point in points[1:]]
    top = int(np.argmin(losses))
    return points[top], -float(losses[top])
