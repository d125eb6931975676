"""Which touches count, in which windows, at the edges."""

import pytest

from processors.domain.attribution import UNIT, WINDOW_DAYS, WINDOWS, CreditSettings
from tests.support.crediting import Touch, credit_batch

from .journeys import DAY, journey, touch

# The conversion is at half past a second: it has 500 ms of its second behind and 499 ahead.


def eligible(*touches: Touch, settings: CreditSettings | None = None) -> dict[str, str]:
    """The first window of each touch that counts, in the kernel's order."""
    [credited] = credit_batch([journey(*touches, settings=settings)])
    return {
        touches[i].touchpoint_id: WINDOWS[first]
        for i, first in zip(credited.touches, credited.first_window, strict=True)
    }


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_holds_the_whole_second_of_its_edge(window: str) -> None:
    edge = WINDOW_DAYS[window] * DAY
    larger = [*WINDOWS, None][WINDOWS.index(window) + 1]
    assert eligible(touch("t", edge + 500)) == {"t": window}
    assert eligible(touch("t", edge + 501)) == ({"t": larger} if larger else {})


def test_a_touch_counts_until_the_end_of_the_second_of_the_conversion() -> None:
    assert eligible(touch("t", -499)) == {"t": "1d"}
    assert eligible(touch("t", -500)) == {}


def test_views_count_like_clicks_unless_told_otherwise() -> None:
    assert eligible(touch("v", 20 * DAY, view=True)) == {"v": "28d"}


def test_clicks_only_ignores_views() -> None:
    settings = CreditSettings(attribution_mode="clicks_only", view_window_days=30)
    touches = touch("v", 0, view=True), touch("c", DAY)
    assert eligible(*touches, settings=settings) == {"c": "1d"}


def test_a_view_counts_within_the_smaller_of_window_and_view_window() -> None:
    settings = CreditSettings(view_window_days=7)
    touches = (
        touch("beyond", 7 * DAY + 501, view=True),
        touch("edge", 7 * DAY + 500, view=True),
        touch("recent", DAY, view=True),
        touch("click", 20 * DAY),
    )
    expected = {"click": "28d", "edge": "7d", "recent": "1d"}
    assert eligible(*touches, settings=settings) == expected


def test_nothing_older_than_the_lookback_counts_whatever_the_window() -> None:
    settings = CreditSettings(lookback_days=10, view_window_days=20)
    touches = (
        touch("beyond", 10 * DAY + 501),
        touch("edge", 10 * DAY + 500),
        touch("view beyond", 10 * DAY + 501, view=True),
        touch("view", 9 * DAY, view=True),
    )
    assert eligible(*touches, settings=settings) == {"edge": "14d", "view": "14d"}


def test_a_view_window_of_no_days_is_the_second_of_the_conversion() -> None:
    settings = CreditSettings(view_window_days=0)
    touches = touch("before", 501, view=True), touch("same", 500, view=True)
    assert eligible(*touches, settings=settings) == {"same": "1d"}


def test_a_view_window_beyond_the_widest_window_adds_nothing() -> None:
    settings = CreditSettings(view_window_days=10**12)
    touches = touch("in", 365 * DAY, view=True), touch("out", 366 * DAY, view=True)
    assert eligible(*touches, settings=settings) == {"in": "ltv"}


def test_the_cap_keeps_the_earliest_and_the_newest() -> None:
    settings = CreditSettings(max_touches=2)
    touches = [touch(name, age * DAY) for name, age in zip("abcde", (50, 40, 5, 2, 0), strict=True)]
    kept = eligible(*touches, settings=settings)
    assert kept == {"a": "90d", "d": "3d", "e": "1d"}


def test_the_cap_leaves_one_touch_more_than_the_newest_alone() -> None:
    settings = CreditSettings(max_touches=2)
    assert list(eligible(*(touch(n, 5) for n in "cab"), settings=settings)) == ["a", "b", "c"]


def test_the_cap_counts_eligible_touches_only() -> None:
    settings = CreditSettings(max_touches=1, view_window_days=1)
    touches = (
        touch("too_old", 400 * DAY),
        touch("old_view", 90 * DAY, view=True),
        touch("first", 30 * DAY),
        touch("middle", 10 * DAY),
        touch("last", DAY),
        touch("after", -5 * DAY),
    )
    assert eligible(*touches, settings=settings) == {"first": "30d", "last": "1d"}


def test_the_cap_is_each_conversions_own() -> None:
    touches = [touch(name, 5) for name in "abcd"]
    capped = journey(*touches, settings=CreditSettings(max_touches=1))
    small, whole, again = credit_batch([capped, journey(*touches), capped])
    assert small.touches == again.touches == [0, 3]
    assert whole.touches == [0, 1, 2, 3]
    assert (small.credit.sum(axis=0) == UNIT).all()
