"""The paths of windows and what they add to cells, beside the plainest way to say the same."""

import datetime
from collections import Counter
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import WINDOWS
from processors.summary.journeys import (
    Walk,
    deltas,
    path,
    seconds_to_convert,
    steps,
    window_firsts,
)

DAY = datetime.date(2026, 1, 5)
CHANNELS = st.sampled_from(["direct", "email", "é", " > ", ""])
Touches = list[tuple[str, int]]
TOUCHES = st.lists(st.tuples(CHANNELS, st.integers(0, 7)), max_size=9).map(
    lambda touches: sorted(touches, key=lambda touch: -touch[1])
)


def within(touches: Touches, window: int) -> list[str]:
    return [channel for channel, first in touches if first <= window]


def walk(touches: Touches, *, revenue: int = 100) -> Walk:
    firsts = window_firsts([first for _, first in touches])
    seconds = [None if first == len(touches) else 60 for first in firsts]
    return Walk(
        tenant_id="acme", shard=1, date=DAY, revenue=revenue,
        channels=[channel for channel, _ in touches], firsts=firsts, seconds=seconds,
    )  # fmt: skip


@given(touches=TOUCHES)
def test_each_windows_path_is_an_end_of_the_whole(touches: Touches) -> None:
    channels = [channel for channel, _ in touches]
    firsts = window_firsts([first for _, first in touches])
    whole, once = path(channels, firsts), steps(channels, firsts)
    for window in range(len(WINDOWS)):
        own = within(touches, window)
        assert whole.text[whole.starts[window] - 1 :] == " > ".join(own)
        assert once.text[once.starts[window] - 1 :] == " > ".join(name for name, _ in groupby(own))


@given(touches=TOUCHES, revenue=st.integers(1, 10**12))
def test_cells_count_each_channels_part_in_every_window(touches: Touches, revenue: int) -> None:
    found = deltas([(1, walk(touches, revenue=revenue))])
    for window in range(len(WINDOWS)):
        own = within(touches, window)
        channels = own or ["unattributed"]
        expected = Counter([("first", channels[0]), ("last", channels[-1])])
        expected.update(("assisted", channel) for channel in {*channels} if channel != channels[-1])
        expected.update(("only", channel) for channel in {*channels} if {*channels} == {channel})
        least = len(own) if len(own) < 6 else 6
        expected.update([("touches", str(least)), ("seconds", "0" if own else "none")])
        counted = {(cell.kind, cell.key): pair for cell, pair in found.items()}
        assert {
            key: pair[0][window] for key, pair in counted.items() if pair[0][window]
        } == expected
        assert all(pair[1][window] == pair[0][window] * revenue for pair in counted.values())


@given(before=TOUCHES, after=TOUCHES)
def test_what_is_taken_out_and_put_in_is_the_difference(before: Touches, after: Touches) -> None:
    changed = deltas([(1, walk(before)), (-1, walk(before)), (1, walk(after))])
    assert changed == deltas([(1, walk(after))])


def test_times_are_whole_seconds_as_windows_are_measured() -> None:
    firsts = window_firsts([7, 0])
    assert firsts == [1, 1, 1, 1, 1, 1, 1, 0]
    assert seconds_to_convert(10_500, [1_999, 10_900], firsts) == [0] * 7 + [9]
    assert seconds_to_convert(10_500, [None, 10_400], firsts) == [0] * 7 + [None]
    assert seconds_to_convert(10_500, [], window_firsts([])) == [None] * 8


def test_lengths_go_to_the_bucket_that_holds_them() -> None:
    def keys(count: int, seconds: int | None) -> set[tuple[str, str]]:
        own = Walk("acme", 0, DAY, 1, ["email"] * count, [0] * 8, [seconds] * 8)
        return {
            (cell.kind, cell.key)
            for cell in deltas([(1, own)])
            if cell.kind in ("touches", "seconds")
        }

    assert keys(10, 3_599) == {("touches", "6"), ("seconds", "0")}
    assert keys(11, 3_600) == {("touches", "11"), ("seconds", "3600")}
    assert keys(5_000, 365 * 86_400) == {("touches", "21"), ("seconds", "7776000")}
    assert keys(1, None) == {("touches", "1"), ("seconds", "none")}
