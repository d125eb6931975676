"""Which dates of an ad account are read."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from processors.schedule.spend.dates import first_date, latest_date, spans


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        ("2026-09-02T00:00", date(2026, 9, 1)),
        ("2026-09-02T11:59", date(2026, 9, 1)),
        ("2026-09-02T12:00", date(2026, 9, 2)),
    ],
)
def test_no_date_is_asked_for_before_it_has_begun_everywhere(now: str, latest: date) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert latest_date(round(at.timestamp() * 1_000)) == latest


def test_the_first_reading_goes_far_back_and_later_ones_overlap() -> None:
    until = date(2026, 9, 30)
    assert first_date(until, None, again=7, first=28) == date(2026, 9, 3)
    assert first_date(until, until, again=7, first=28) == date(2026, 9, 24)
    # After an outage nothing is left out, and what was restated meanwhile is read, too.
    assert first_date(until, date(2026, 9, 10), again=7, first=28) == date(2026, 9, 4)
    # A clock that went back reads the days before it.
    assert first_date(until, date(2026, 10, 5), again=7, first=28) == date(2026, 9, 24)


@pytest.mark.parametrize("days", [1, 6, 7, 8, 28, 100])
def test_spans_cover_each_date_once(days: int) -> None:
    since, until = date(2026, 2, 25), date(2026, 2, 25) + timedelta(days=days - 1)
    found = list(spans(since, until, days=7))
    assert (found[0][0], found[-1][1]) == (since, until)
    assert all(b == c - timedelta(days=1) for (_, b), (c, _) in pairwise(found))
    assert all(0 <= (high - low).days < 7 for low, high in found)
