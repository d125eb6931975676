"""The credit of a batch of conversions under all models and windows.

A pure function of its arguments: integers only, the same for a journey alone or in any batch, and
indifferent to the order of its touches.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from processors.domain.attribution import (
    data_driven,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from processors.domain.attribution.models import MODELS, WINDOWS, Credited, IntArray, Journey
from processors.domain.attribution.paths import Paths, distinct_paths
from processors.domain.attribution.split import Groups, split_credit, split_money
from processors.domain.attribution.timeline import Timeline, timeline

WEIGHTS: Final[dict[str, Callable[[Paths], IntArray]]] = {
    "first_touch": first_touch.weights,
    "last_touch": last_touch.weights,
    "linear": linear.weights,
    "time_decay": time_decay.weights,
    "position_based": position_based.weights,
    "data_driven": data_driven.weights,
    "last_non_direct": last_non_direct.weights,
}

_CHUNK_TOUCHES: Final = 2048
"""Bounds the working memory to what caches hold; larger chunks measured up to 30 % slower."""


def credit_batch(journeys: Sequence[Journey]) -> list[Credited]:
    """One answer per journey, in their order."""
    return [credited for chunk in _chunks(journeys) for credited in _credit(chunk)]


def _chunks(journeys: Sequence[Journey]) -> Iterator[Sequence[Journey]]:
    start = touches = 0
    for stop, journey in enumerate(journeys):
        if touches and touches + len(journey.touches) > _CHUNK_TOUCHES:
            yield journeys[start:stop]
            start, touches = stop, 0
        touches += len(journey.touches)
    if start < len(journeys):
        yield journeys[start:]


def _credit(journeys: Sequence[Journey]) -> Iterator[Credited]:
    line = timeline(journeys)
    credit, revenue, reporting = _cells(line, journeys)
    index, first_window = line.index.tolist(), line.first_window.tolist()
    start = 0
    for journey, count in zip(journeys, line.counts.tolist(), strict=True):
        own = slice(start, start + count)
        start += count
        yield Credited(
            touches=index[own],
            first_window=first_window[own],
            credit=credit[own],
            revenue=revenue[own],
            revenue_reporting=None if journey.revenue_reporting is None else reporting[own],
        )


def _cells(line: Timeline, journeys: Sequence[Journey]) -> tuple[IntArray, IntArray, IntArray]:
    """Credit, revenue and reporting revenue as (touches, models, windows)."""
    if not len(line.journey):
        nothing = np.zeros((0, len(MODELS), len(WINDOWS)), dtype=np.int64)
        return nothing, nothing, nothing
    paths = distinct_paths(line)
    steps = len(paths.touch)
    offsets = steps * np.arange(len(MODELS))[:, np.newaxis]
    groups = Groups(first=(offsets + paths.first).ravel(), size=np.tile(paths.size, len(MODELS)))
    credit = split_credit(np.concatenate([WEIGHTS[model](paths) for model in MODELS]), groups)

    def money(amounts: list[int]) -> IntArray:
        per_path = np.array(amounts, dtype=np.int64)[paths.journey]
        return split_money(credit, np.tile(per_path, len(MODELS)), groups)

    revenue = money([journey.revenue for journey in journeys])
    reporting = money([journey.revenue_reporting or 0 for journey in journeys])
    return _spread(credit, paths), _spread(revenue, paths), _spread(reporting, paths)


def _spread(shares: IntArray, paths: Paths) -> IntArray:
    """From steps of distinct paths to every cell; 0 where the touch is not eligible."""
    cells = np.empty((len(paths.cells), len(MODELS), len(WINDOWS)), dtype=np.int64)
    for model, own in enumerate(shares.reshape(len(MODELS), -1)):
        cells[:, model, :] = np.append(own, 0)[paths.cells]
    return cells
