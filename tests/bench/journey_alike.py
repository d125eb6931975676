"""Our side of the cases that the libraries have, too: their models, one window, no money.

The weights, the exact split and the Markov chain are those of the pipeline; what is here brings
text to them and adds their answers up. Of paths as text each distinct one is split once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from processors.domain.attribution import STANDARD_MODELS, UNIT, model_document
from processors.domain.attribution.kernel import WEIGHTS
from processors.domain.attribution.learning import Trained, TrainingJourneys, train
from processors.domain.attribution.learning.markov import (
    Transitions,
    removal_effects,
    shares,
    transitions,
)
from processors.domain.attribution.model_document import DataDrivenModel
from processors.domain.attribution.models import FloatArray, IntArray
from processors.domain.attribution.paths import Paths
from processors.domain.attribution.split import Groups, split_credit
from processors.domain.attribution.timeline import DAY_MS, Timeline
from tests.bench.journey_rows import Counted, Text, arrays, counted, text

Answers = dict[str, dict[str, float]]
"""Conversions by model and channel."""

THREE: Final = ("first_touch", "last_touch", "linear")
FIVE: Final = (*THREE, "position_based", "time_decay")

_HOUR_MS: Final = 3_600_000
_HALF_LIFE_DAYS: Final = 7
_SEPARATOR: Final = " > "
_SOME: Final = 20_000
"""Journeys that the model of the seven is trained on, before the clock starts."""


class Coded(NamedTuple):
    """Paths as arrays: their sizes, and their channels end to end."""

    channels: Sequence[str]
    size: IntArray
    channel: IntArray


def coded(paths: Sequence[str]) -> Coded:
    """Each name is looked up once a step, in C."""
    steps = _SEPARATOR.join(paths).split(_SEPARATOR)
    channels = sorted(set(steps))
    code = {name: place for place, name in enumerate(channels)}
    channel = np.fromiter(map(code.__getitem__, steps), dtype=np.int64, count=len(steps))
    size = np.fromiter((own.count(_SEPARATOR) for own in paths), dtype=np.int64, count=len(paths))
    return Coded(channels, size + 1, channel)


def ages(hours: Sequence[str]) -> IntArray:
    """Milliseconds before the end, of all steps."""
    told = np.fromstring(_SEPARATOR.join(hours), dtype=np.float64, sep=">")
    return np.rint(told * _HOUR_MS).astype(np.int64)


def divided(
    given: Coded, models: Sequence[str], *, times: IntArray | None = None,
    age_ms: IntArray | None = None, trained: Sequence[DataDrivenModel] = (),
) -> Answers:  # fmt: skip
    """Conversions by model and channel; `times` is how often each path led to one, else once."""
    paths = _one_window(given, age_ms, trained)
    groups = Groups(first=paths.first, size=paths.size)
    often = 1 if times is None else np.repeat(times, paths.size)
    answers: Answers = {}
    for model in models:
        credit = split_credit(WEIGHTS[model](paths), groups)
        # Exact: a double holds whole numbers up to 2**53, and a million UNIT are a ninth of that.
        whole = np.bincount(given.channel, weights=credit * often, minlength=len(given.channels))
        answers[model] = _named(given.channels, whole / UNIT)
    return answers


def _one_window(given: Coded, age_ms: IntArray | None, trained: Sequence[DataDrivenModel]) -> Paths:
    count, steps = len(given.size), np.arange(len(given.channel))
    owner = np.repeat(np.arange(count), given.size)
    last = np.cumsum(given.size) - 1
    first = last + 1 - given.size
    nothing = np.zeros(len(steps), dtype=np.int64)
    line = Timeline(
        journey=owner, index=steps - first[owner], first_window=nothing,
        age_ms=nothing if age_ms is None else age_ms, channel=given.channel,
        channels=given.channels, last=last[owner], counts=given.size,
        half_life_ms=np.full(count, _HALF_LIFE_DAYS * DAY_MS),
        model=np.full(count, len(trained) - 1), models=trained,
    )  # fmt: skip
    return Paths(
        timeline=line, journey=np.arange(count), first=first, size=given.size, touch=steps,
        cells=steps[:, np.newaxis],
    )  # fmt: skip


def _named(channels: Sequence[str], values: FloatArray) -> dict[str, float]:
    return dict(zip(channels, values.tolist(), strict=True))


def _three(given: Text) -> Answers:
    return _three_counted(_sales(given))


def _three_counted(given: Counted) -> Answers:
    times = np.array(given.sold, dtype=np.int64)
    sold = times > 0
    return divided(coded(list(compress(given.paths, sold.tolist()))), THREE, times=times[sold])


def _sales(given: Text) -> Counted:
    found = Counter(compress(given.paths, given.sold))
    return Counted(list(found), list(found.values()), [0] * len(found))


def _timed(given: Text, models: Sequence[str], trained: Sequence[DataDrivenModel] = ()) -> Answers:
    paths, hours = (list(compress(own, given.sold)) for own in (given.paths, given.hours))
    return divided(coded(paths), models, age_ms=ages(hours), trained=trained)


def _markov(given: Text) -> Answers:
    seen, sold = Counter(given.paths), _sales(given)
    sales = dict(zip(sold.paths, sold.sold, strict=True))
    times = [sales.get(path, 0) for path in seen]
    return _markov_counted(
        Counted(list(seen), times, [n - own for n, own in zip(seen.values(), times, strict=True)])
    )


def _markov_counted(given: Counted) -> Answers:
    """Every distinct path's transitions, as often as it was."""
    own = coded(given.paths)
    sold, others = (np.array(often, dtype=np.int64) for often in (given.sold, given.others))
    size, often = len(own.channels), sold + others
    last = np.cumsum(own.size) - 1
    first = last + 1 - own.size
    goes_on = np.ones(len(own.channel), dtype=np.bool_)
    goes_on[last] = False
    inner = np.flatnonzero(goes_on)
    ends = own.channel[last] + 1
    width = size + 2
    counts = sum(
        np.bincount(source * width + into, weights=times, minlength=(size + 1) * width)
        for source, into, times in (
            (0, own.channel[first], often),
            (own.channel[inner] + 1, own.channel[inner + 1], np.repeat(often, own.size)[inner]),
            (ends, size, sold),
            (ends, size + 1, others),
        )
    )
    found = Transitions(tuple(own.channels), np.rint(counts).astype(np.int64).reshape(-1, width))
    return _chained(found, int(sold.sum()))


def _chained(found: Transitions, conversions: int) -> Answers:
    told = shares(removal_effects(found))
    return {"markov": {channel: own * conversions for channel, own in told.items()}}


def training_of(found: dict[str, Any]) -> TrainingJourneys:
    """All of them, whether they sold or not."""
    return TrainingJourneys(
        channels=tuple(found["channels"].tolist()),
        journey=found["journey"],
        channel=found["channel"],
        age_ms=found["age_ms"],
        converted=found["converted"][found["journey"]],
    )


def trained_on_some(found: dict[str, Any]) -> list[DataDrivenModel]:
    """A model of the first journeys."""
    upto = int(np.searchsorted(found["journey"], _SOME))
    steps = {name: found[name][:upto] for name in ("journey", "channel", "age_ms")}
    told = train(training_of(found | steps))
    assert isinstance(told, Trained), told
    return [model_document.parse(told.document)]


def _from_arrays(
    found: dict[str, Any], models: Sequence[str], trained: Sequence[DataDrivenModel]
) -> Answers:
    own = found["converted"][found["journey"]]
    size = np.bincount(found["journey"])[found["converted"]]
    given = Coded(found["channels"].tolist(), size, found["channel"][own])
    return divided(given, models, age_ms=found["age_ms"][own], trained=trained)


CASES: Final[dict[str, tuple[Callable[[Path], Any], Callable[[Any], Answers]]]] = {
    "3 models, from text": (text, _three),
    "5 models, from text": (text, lambda given: _timed(given, FIVE)),
    "7 models, from text": (
        lambda folder: (text(folder), trained_on_some(arrays(folder))),
        lambda given: _timed(given[0], STANDARD_MODELS, given[1]),
    ),
    "Markov, from text": (text, _markov),
    "3 models, from counted paths": (counted, _three_counted),
    "Markov, from counted paths": (counted, _markov_counted),
    "3 models, from arrays": (arrays, lambda given: _from_arrays(given, THREE, ())),
    "5 models, from arrays": (arrays, lambda given: _from_arrays(given, FIVE, ())),
    "7 models, from arrays": (
        lambda folder: (arrays(folder), trained_on_some(arrays(folder))),
        lambda given: _from_arrays(given[0], STANDARD_MODELS, given[1]),
    ),
    "Markov, from arrays": (
        arrays,
        lambda own: _chained(transitions(training_of(own)), int(own["converted"].sum())),
    ),
}  # fmt: skip
