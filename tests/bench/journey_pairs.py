"""Like for like: the same journeys in the same form, the models that a library has, one window, no
money; text is parsed with the clock running, on both sides.

Both sides of a pair run in turn, each time in a process of its own. A row tells the medians, how
many times faster ours is (below 1: the library is), and how far the answers are apart. Where no
library has the models, or takes the form, ours stand alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

Row = dict[str, Any]
Answers = dict[str, dict[str, float]]

ROUNDS: Final = 3
_FIGURES: Final = ("s", "cpu_s", "peak_mb")


@dataclass(frozen=True, slots=True)
class Pair:
    """Our case, and the library's under its own name."""

    ours: str
    theirs: str | None = None


PAIRS: Final = (
    Pair("3 models, from text", "ChannelAttribution: 3 models"),
    Pair("3 models, from text", "DP6: 3 models"),
    Pair("5 models, from text", "DP6: 5 models"),
    Pair("7 models, from text"),
    Pair("Markov, from text", "ChannelAttribution: Markov"),
    Pair("Markov, from text", "DP6: Markov"),
    Pair("3 models, from counted paths", "ChannelAttribution: 3 models, counted"),
    Pair("Markov, from counted paths", "ChannelAttribution: Markov, counted"),
    Pair("3 models, from arrays"),
    Pair("5 models, from arrays"),
    Pair("7 models, from arrays"),
    Pair("Markov, from arrays"),
)


def compared(
    pair: Pair, *, ours: Callable[[str], Row], theirs: Callable[[str], Row] | None
) -> Row | None:
    """The pair's row; None for a pair whose library is left out."""
    if pair.theirs is None:
        own = [ours(pair.ours) for _ in range(ROUNDS)]
        return {"case": pair.ours, **_medians(own)}
    if theirs is None:
        return None
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(ours(pair.ours))
        other.append(theirs(pair.theirs))
    mine, library = _medians(own), _medians(other)
    return {
        "case": f"{pair.ours}, beside {pair.theirs.partition(':')[0]}",
        "ratio": f"{library['s'] / max(mine['s'], 0.01):.1f}x",
        "target": "more than 1x",
        **{name: f"{mine[name]} to {library[name]}" for name in _FIGURES},
        "cpu": f"{library['cpu_s'] / max(mine['cpu_s'], 0.01):.1f}x",
        "answers apart by at most": apart(own[0]["answers"], other[0]["answers"]),
    }


def apart(one: Answers, other: Answers) -> str:
    """The greatest difference of a channel's conversions in a model that both have, in parts of
    all conversions."""
    furthest, model = max(
        (
            max(abs(one[model].get(channel, 0.0) - other[model].get(channel, 0.0))
                for channel in one[model] | other[model]) / sum(one[model].values()),
            model,
        )
        for model in one.keys() & other.keys()
    )  # fmt: skip
    return f"{furthest * 100:.4f} % ({model})"


def _medians(rows: list[Row]) -> Row:
    return {name: median(row[name] for row in rows) for name in _FIGURES}
