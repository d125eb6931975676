"""Journeys as objects: into the kernel's arrays, and its answer apart again.

Those who run it have arrays; a test that reads one journey wants to see its touches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from processors.domain.attribution import (
    CreditedColumns,
    CreditSettings,
    JourneyColumns,
    credit_columns,
)
from processors.domain.attribution.columns import NO_MODEL
from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import IntArray


@dataclass(frozen=True, slots=True)
class Touch:
    """One touchpoint of the person; `occurred_at` in epoch milliseconds."""

    touchpoint_id: str
    occurred_at: int
    is_view: bool
    channel: str


@dataclass(frozen=True, slots=True)
class Journey:
    """One conversion and every touch of its person, in any order, each touchpoint once.

    Money is in minor units, not negative and below 2**63; `revenue_reporting` is None as long as
    there is no rate. Without a `model` data_driven divides as linear does.
    """

    converted_at: int
    revenue: int
    revenue_reporting: int | None
    touches: Sequence[Touch]
    settings: CreditSettings
    model: DataDrivenModel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Credited:
    """The shares of one conversion; the first axis of the arrays runs along `touches`.

    `touches` are indices into the journey's touches, ordered by (occurred_at, touchpoint_id);
    touches eligible in no window are absent. A touch counts in the windows from its `first_window`
    on and has 0 in the smaller ones. Arrays are (touches, models, windows), with as many models as
    the journey has: STANDARD_MODELS, or MODELS where its tenant has one of its own. Wherever a
    window has a touch, credit adds up to UNIT and money to the journey's, in every model.
    """

    touches: list[int]
    first_window: list[int]
    credit: IntArray
    revenue: IntArray
    revenue_reporting: IntArray | None


def credit_batch(journeys: Sequence[Journey]) -> list[Credited]:
    """One answer per journey, in their order."""
    own = [journey for journey in journeys if journey.settings.custom is not None]
    if not own:
        return list(_credited(journeys))
    answers = (
        _credited(own),
        _credited([journey for journey in journeys if journey.settings.custom is None]),
    )
    return [next(answers[journey.settings.custom is None]) for journey in journeys]


def _credited(journeys: Sequence[Journey]) -> Iterator[Credited]:
    following = iter(journeys)
    for chunk in credit_columns(columns_of(journeys)):
        yield from _apart(chunk, following)


def columns_of(journeys: Sequence[Journey]) -> JourneyColumns:
    """The same journeys; without a reporting amount it is 0."""
    touches = [touch for journey in journeys for touch in journey.touches]
    channels: dict[str, int] = {}
    settings: dict[int, tuple[int, CreditSettings]] = {}
    models: dict[str, tuple[int, DataDrivenModel]] = {}

    def model(own: DataDrivenModel | None) -> int:
        return NO_MODEL if own is None else models.setdefault(own.version, (len(models), own))[0]

    def integers(values: list[int]) -> IntArray:
        return np.array(values, dtype=np.int64)

    return JourneyColumns(
        converted_at=integers([j.converted_at for j in journeys]),
        revenue=integers([j.revenue for j in journeys]),
        revenue_reporting=integers([j.revenue_reporting or 0 for j in journeys]),
        setting=integers(
            [settings.setdefault(id(j.settings), (len(settings), j.settings))[0] for j in journeys]
        ),
        model=integers([model(j.model) for j in journeys]),
        size=integers([len(j.touches) for j in journeys]),
        occurred_at=integers([t.occurred_at for t in touches]),
        is_view=np.array([t.is_view for t in touches], dtype=np.bool_),
        channel=integers([channels.setdefault(t.channel, len(channels)) for t in touches]),
        touchpoint_id=[t.touchpoint_id for t in touches],
        channels=tuple(channels),
        settings=[own for _, own in settings.values()],
        models=[own for _, own in models.values()],
    )


def _apart(chunk: CreditedColumns, following: Iterator[Journey]) -> Iterator[Credited]:
    index, first_window = chunk.index.tolist(), chunk.first_window.tolist()
    start = 0
    for count, journey in zip(chunk.counts.tolist(), following, strict=False):
        own = slice(start, start + count)
        start += count
        reporting = None if journey.revenue_reporting is None else chunk.revenue_reporting[own]
        yield Credited(
            touches=index[own],
            first_window=first_window[own],
            credit=chunk.credit[own],
            revenue=chunk.revenue[own],
            revenue_reporting=reporting,
        )
