"""What a training found, as its row in attribution_trainings has it: pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np

from processors.domain.attribution.learning import Refused, Trained, TrainingJourneys, train
from processors.domain.attribution.learning.half_life import HalfLife, half_life
from processors.domain.attribution.learning.markov import (
    Transitions,
    added,
    removal_effects,
    shares,
    transitions,
)
from processors.domain.attribution.model_document import version
from processors.domain.attribution.models import IntArray

State = Literal["trained", "insufficient_data", "failed"]
MILLION: Final = 1_000_000
START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"

Transition = tuple[int, str, str, int]
"""(day since 1970, from, to, how often)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Without a model the reason says why. `journeys` and `conversions` count what was read."""

    state: State
    reason: str | None = None
    version: str | None = None
    document: str | None = None
    journeys: int = 0
    conversions: int = 0
    metrics: dict[str, Any] | None = None
    channels: list[dict[str, Any]] | None = None
    half_life: dict[str, Any] | None = None
    removal: list[dict[str, Any]] | None = None
    transitions: tuple[Transition, ...] = ()

    @property
    def half_life_days(self) -> float | None:
        """The fitted one, if there is one."""
        return None if self.half_life is None else self.half_life.get("days")


def learn(given: TrainingJourneys, ended_on: IntArray) -> Learned:
    """The same for the same journeys; `ended_on` is, per touch, the day of its journey's end.
    Takes seconds and more: nothing for an event loop."""
    _, first = np.unique(given.journey, return_index=True)
    by_day = list(_by_day(given, ended_on))
    common: dict[str, Any] = {
        "journeys": len(first),
        "conversions": int(given.converted[first].sum()),
        "half_life": _half_life(half_life(given)),
        "removal": _removal([counts for _, counts in by_day]),
        "transitions": tuple(row for day, counts in by_day for row in _rows(day, counts)),
    }
    match train(given):
        case Refused(reason):
            return Learned(state="insufficient_data", reason=reason, **common)
        case Trained() as found:
            return Learned(
                state="trained",
                version=version(found.document),
                document=found.document,
                metrics=asdict(found.metrics),
                channels=[asdict(share) for share in found.shares],
                **common,
            )


def _half_life(found: HalfLife | Refused) -> dict[str, Any]:
    return asdict(found)


def _removal(days: list[Transitions]) -> list[dict[str, Any]]:
    effects = removal_effects(added(days)) if days else {}
    of_all = shares(effects)
    return [
        {"channel": name, "effect": round(effect * MILLION), "share": round(of_all[name] * MILLION)}
        for name, effect in sorted(effects.items())
    ]


def _by_day(given: TrainingJourneys, ended_on: IntArray) -> Iterator[tuple[int, Transitions]]:
    order = np.argsort(ended_on, kind="stable")
    days, starts = np.unique(ended_on[order], return_index=True)
    for day, own in zip(days.tolist(), np.split(order, starts[1:]), strict=True):
        part = TrainingJourneys(
            channels=given.channels, journey=given.journey[own], channel=given.channel[own],
            age_ms=given.age_ms[own], converted=given.converted[own],
        )  # fmt: skip
        yield day, transitions(part)


def _rows(day: int, found: Transitions) -> Iterator[Transition]:
    sources = (START, *found.channels)
    targets = (*found.channels, CONVERSION, NULL)
    for source, target in np.argwhere(found.counts).tolist():
        yield day, sources[source], targets[target], int(found.counts[source, target])
