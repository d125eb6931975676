"""The way to a conversion: its path in each window, and what it adds to the cells of journeys.

A longer window holds all of a shorter one, so a window's touches are the newest few of all and its
path is an end of the whole path: a number says where it starts.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from processors.domain.attribution.models import WINDOWS

SEPARATOR: Final = " > "
UNATTRIBUTED: Final = "unattributed"
NONE: Final = "none"
"""The bucket of a path without touches, or without their times."""

HOUR: Final = 3_600
DAY: Final = 86_400
TOUCHES: Final = (0, 1, 2, 3, 4, 5, 6, 11, 21)
SECONDS: Final = (0, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY)
"""The least of each bucket of lengths, in touches and in seconds."""

_NAMES: Final = {least: str(least) for least in TOUCHES + SECONDS}
_ALL: Final = len(WINDOWS)

Seconds = Sequence[int | None]
"""From the first touch of each window to the conversion; None without a touch, or its time."""


class Path(NamedTuple):
    """Channels as text, and the character, from 1, at which each window's part starts."""

    text: str
    starts: list[int]


class JourneyCell(NamedTuple):
    """The key of a row of journey_cells."""

    tenant_id: str
    date: date
    kind: str
    key: str
    shard: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A counting conversion as the cells see it; `revenue` in the reporting currency."""

    tenant_id: str
    shard: int
    date: date
    revenue: int
    channels: Sequence[str]
    firsts: Sequence[int]
    """The first touch of each window, as its place in `channels`."""
    seconds: Seconds


def window_firsts(first_windows: Sequence[int]) -> list[int]:
    """Of each window the place of its oldest touch; the number of touches where it has none.
    The touches are in the order of time, so their first windows never grow."""
    negative = [-window for window in first_windows]
    return [bisect_left(negative, -window) for window in range(_ALL)]


def seconds_to_convert(
    converted_at: int, occurred_at: Sequence[int | None], firsts: Sequence[int]
) -> list[int | None]:
    """Whole seconds, as windows are measured; times in epoch milliseconds."""
    at = converted_at // 1000
    ages = [None if own is None else at - own // 1000 for own in occurred_at]
    ages.append(None)
    return [ages[first] for first in firsts]


def path(channels: Sequence[str], firsts: Sequence[int]) -> Path:
    """Every touch."""
    place, places = 1, [1]
    for name in channels:
        place += len(name) + len(SEPARATOR)
        places.append(place)
    if channels:
        # After the last name there is no separator.
        places[-1] -= len(SEPARATOR)
    return Path(SEPARATOR.join(channels), [places[first] for first in firsts])


def steps(channels: Sequence[str], firsts: Sequence[int]) -> Path:
    """Runs of a channel told once; a window that begins within a run tells it, too."""
    runs: list[str] = []
    run_of: list[int] = []
    for name in channels:
        if not runs or runs[-1] != name:
            runs.append(name)
        run_of.append(len(runs) - 1)
    run_of.append(len(runs))
    return path(runs, [run_of[first] for first in firsts])


def deltas(walks: Iterable[tuple[int, Walk]]) -> dict[JourneyCell, tuple[list[int], list[int]]]:
    """(conversions, revenue) by window that the walks, each with a sign, add to each cell; cells
    that end where they began are left out."""
    sums: dict[tuple[str, date, int], _Parts] = defaultdict(dict)
    for sign, walk in walks:
        _add(sums[walk.tenant_id, walk.date, walk.shard], walk, sign)
    found: dict[JourneyCell, tuple[list[int], list[int]]] = {}
    for (tenant, day, shard), parts in sums.items():
        for (kind, key), changes in parts.items():
            if any(changes):
                cell = JourneyCell(tenant, day, kind, key, shard)
                found[cell] = (
                    list(accumulate(changes[:_ALL])),
                    list(accumulate(changes[_ALL + 1 : -1])),
                )
    return found


_Parts = dict[tuple[str, str], list[int]]
"""(kind, key) to what each window adds to the one before it: conversions, then revenue, each with
a place after the last window. A part is played in consecutive windows, so it changes but twice."""


def _add(parts: _Parts, walk: Walk, sign: int) -> None:
    revenue = sign * walk.revenue

    def span(kind: str, key: str, start: int, stop: int) -> None:
        changes = parts.get((kind, key))
        if changes is None:
            changes = parts[kind, key] = [0] * (2 * _ALL + 2)
        changes[start] += sign
        changes[stop] -= sign
        changes[_ALL + 1 + start] += revenue
        changes[_ALL + 1 + stop] -= revenue

    channels, firsts = walk.channels, walk.firsts
    count = len(channels)
    # From here on the windows have touches; the last one is the same in all of them.
    begin = bisect_right(firsts, -count, key=int.__neg__)
    if begin:
        for kind in ("first", "last", "only"):
            span(kind, UNATTRIBUTED, 0, begin)
        span("touches", "0", 0, begin)
        span("seconds", NONE, 0, begin)
    if begin == _ALL:
        return
    last, alone = channels[-1], _ALL
    span("last", last, begin, _ALL)
    seen = {last}
    start, older = begin, count
    while start < _ALL:
        first = firsts[start]
        stop = bisect_right(firsts, -first, key=int.__neg__)
        for channel in channels[first:older]:
            if channel not in seen:
                seen.add(channel)
                span("assisted", channel, start, _ALL)
                alone = min(alone, start)
        seconds = walk.seconds[start]
        span("first", channels[first], start, stop)
        span("touches", _bucket(TOUCHES, count - first), start, stop)
        span("seconds", NONE if seconds is None else _bucket(SECONDS, seconds), start, stop)
        start, older = stop, first
    if alone > begin:
        span("only", last, begin, alone)


def _bucket(least: Sequence[int], length: int) -> str:
    return _NAMES[least[bisect_right(least, length) - 1]]
