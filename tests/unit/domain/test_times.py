"""Times are read exactly, and bounded at the door."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain import times

NOON = 1_788_264_000_000  # 2026-09-01T12:00:00Z
HOUR = 3_600_000
ZONES = ("UTC", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia")
_ms = st.integers(min_value=times.YEAR_2000, max_value=4_000_000_000_000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-09-01T12:00:00Z", NOON),
        ("2026-09-01T12:00:00.123Z", NOON + 123),
        ("2026-09-01T12:00:00.123999Z", NOON + 123),
        ("2026-09-01T12:00:00.123456789Z", NOON + 123),
        ("2026-09-01T08:00:00-04:00", NOON),
        ("2026-09-01T17:45:00+05:45", NOON),
        ("2026-09-01t12:00:00z", NOON),
        ("2026-09-01 12:00:00", NOON),
        (" 2026-09-01T12:00:00Z ", NOON),
        ("2026-09-01", NOON - 12 * HOUR),
        (NOON, NOON),
        (NOON // 1000, NOON),
        (NOON / 1000 + 0.123, NOON + 123),
        (float(NOON), NOON),
        (str(NOON // 1000), NOON),
        (str(NOON), NOON),
    ],
)
def test_a_time_is_epoch_milliseconds(value: str | float, expected: int) -> None:
    assert times.parse_time(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "20260901",
        "2026-W01-1",
        "01/09/2026",
        True,
        float("nan"),
        float("inf"),
        10**18,
        -(10**18),
        "2026-09-01T25:00:00Z",
    ],
)
def test_what_is_no_time_is_refused(value: str | float) -> None:
    with pytest.raises(ValueError, match="time"):
        times.parse_time(value)


@given(_ms, st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_text_in_any_offset_is_the_same_moment(ms: int, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert times.parse_time(moment.astimezone(zone).isoformat()) == ms


def test_dates_far_ahead_or_before_2000_are_refused() -> None:
    times.check_bounds(NOON + 24 * HOUR, received_at=NOON)
    times.check_bounds(times.YEAR_2000, received_at=NOON)
    with pytest.raises(ValueError, match="ahead"):
        times.check_bounds(NOON + 24 * HOUR + 1, received_at=NOON)
    with pytest.raises(ValueError, match="2000"):
        times.check_bounds(times.YEAR_2000 - 1, received_at=NOON)


@pytest.mark.parametrize(
    ("sent_at", "expected"),
    [
        (None, NOON - 5_000),
        (NOON - 60_000, NOON - 5_000),
        (NOON + 60_000, NOON - 5_000),
        (NOON - 60_001, NOON + 55_001),
        (NOON + HOUR, NOON - 5_000 - HOUR),
    ],
)
def test_a_clock_is_corrected_only_when_it_is_off_by_more_than_a_minute(
    sent_at: int | None, expected: int
) -> None:
    assert times.corrected(NOON - 5_000, sent_at=sent_at, received_at=NOON) == expected


def test_an_event_is_late_after_seven_days() -> None:
    assert not times.is_late(NOON - 7 * times.DAY, NOON)
    assert times.is_late(NOON - 7 * times.DAY - 1, NOON)
