"""Moments fall on the right local day, asked for one by one or many at once."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.local_days import local_date, local_days
from processors.domain.times import YEAR_2000, parse_time, utc_day

ZONES = ("UTC", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia")
_ms = st.integers(min_value=YEAR_2000, max_value=4_000_000_000_000)


def exact(ms: int, zone: str) -> datetime:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    return moment.astimezone(ZoneInfo(zone))


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-09-01T03:59:59.999Z", "America/New_York", "2026-08-31"),
        ("2026-09-01T04:00:00Z", "America/New_York", "2026-09-01"),
        ("2026-08-31T18:14:59.999Z", "Asia/Kathmandu", "2026-08-31"),
        ("2026-08-31T18:15:00Z", "Asia/Kathmandu", "2026-09-01"),
        ("2026-09-01T02:30:00Z", "America/St_Johns", "2026-09-01"),
        # The clock went back from 00:01 to 23:01 of the day before.
        ("2010-11-07T02:30:30Z", "America/St_Johns", "2010-11-07"),
        ("2010-11-07T02:31:30Z", "America/St_Johns", "2010-11-06"),
    ],
)
def test_a_moment_falls_on_the_day_of_its_zone(text: str, zone: str, day: str) -> None:
    assert local_date(parse_time(text), zone) == day
    (number,) = local_days(np.array([parse_time(text)]), zone).tolist()
    assert date.fromordinal(number).isoformat() == day


@given(_ms, st.sampled_from(ZONES))
def test_the_kept_day_is_the_exact_day(ms: int, zone: str) -> None:
    for _ in range(2):
        assert local_date(ms, zone) == exact(ms, zone).date().isoformat()
    assert utc_day(ms) == exact(ms, "UTC").date().isoformat()


@given(st.lists(_ms | st.integers(1_289_096_000_000, 1_289_101_000_000)), st.sampled_from(ZONES))
def test_the_days_of_many_moments_are_the_exact_days(moments: list[int], zone: str) -> None:
    """Of moments of all years, and of the night in which a zone's clock went back over midnight."""
    expected = [exact(ms, zone).toordinal() for ms in moments]
    for _ in range(2):
        assert local_days(np.array(moments, dtype=np.int64), zone).tolist() == expected


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "\x00"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(1_788_264_000_000, zone)
    with pytest.raises(ValueError, match="time zone"):
        local_days(np.array([1_788_264_000_000]), zone)
