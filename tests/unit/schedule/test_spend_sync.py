"""How much of an account a run reads, how fast, and whom it leaves alone."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from processors.engine.clock import wall_clock
from processors.platforms.meta.spend import MetaSpend
from processors.platforms.pinterest.spend import PinterestSpend
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.registry import CONNECTIONS
from processors.platforms.spend_registry import SPEND_READERS, Reads
from processors.platforms.spending import Level
from processors.schedule.spend.dates import latest_date
from processors.schedule.spend.jobs import ROWS
from processors.schedule.spend.pace import Pace
from processors.schedule.spend.settings import SpendSettings
from processors.schedule.spend.store import Reading
from processors.schedule.spend.sync import Depth, Window, window

HOUR = 3_600_000
NOW = 1_790_000_000_000


TODAY = latest_date(NOW)
READ = Reading(TODAY, restated_at=NOW - HOUR, last_success_at=NOW - HOUR // 2)


@pytest.mark.parametrize(
    ("depth", "level", "known", "days"),
    [
        ("restated", "campaign", READ, 28),
        ("today", "campaign", READ, 1),
        ("today", "campaign", Reading(), None),  # a first reading is long
        ("latest", "campaign", READ, 2),
        ("latest", "campaign", Reading(), 28),
        ("latest", "campaign", Reading(TODAY, NOW - 24 * HOUR, NOW), 28),
        ("latest", "ad", READ, None),
        ("latest", "ad", Reading(TODAY, NOW - HOUR, NOW - HOUR), 2),
    ],
)
def test_latest_days_are_read_often_and_what_may_be_restated_once_a_day(
    depth: Depth, level: Level, known: Reading, days: int | None
) -> None:
    reader = MetaSpend.load(ReadingSettings(), wall_clock)
    own = SpendSettings(ads_every_seconds=3_600)
    found = window(own, known, reader, level, depth=depth, now=NOW, local=TODAY)
    if days is None:
        assert found is None
    else:
        since = TODAY - timedelta(days=days - 1)
        assert found == Window(since, TODAY, is_all=days == 28, is_ahead=False)


@pytest.mark.parametrize(
    ("reader", "hour", "local", "asked", "is_ahead"),
    [
        (MetaSpend, 3, 1, 1, True),  # Paris: its day has begun and New York's has not
        (MetaSpend, 3, 0, 0, False),  # New York
        (MetaSpend, 18, 2, 2, True),  # Tokyo has begun another
        (MetaSpend, 18, 1, 1, False),
        (PinterestSpend, 3, 1, 1, True),
        (PinterestSpend, 18, 2, 1, False),  # whose days are those of UTC, for Tokyo, too
    ],
)
def test_today_is_the_tenants_date_before_it_is_everybodys(
    reader: type[Reads], hour: int, local: int, asked: int, is_ahead: bool
) -> None:
    midnight = datetime(2026, 9, 2, tzinfo=UTC)
    days = [date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3)]
    now = round((midnight + timedelta(hours=hour)).timestamp() * 1_000)
    made = reader.load(ReadingSettings(), wall_clock)
    found = window(
        SpendSettings(), Reading(latest_date(now), now, now), made, "campaign", depth="today",
        now=now, local=days[local],
    )  # fmt: skip
    assert found == Window(days[asked], days[asked], is_ahead=is_ahead)


@pytest.mark.parametrize("platform", SPEND_READERS)
def test_a_reader_has_the_name_of_its_platform_and_credentials_that_a_tenant_can_tell(
    platform: str,
) -> None:
    source = SPEND_READERS[platform]
    assert source.reader.platform == platform
    fields = CONNECTIONS[source.reader.connection].values()
    assert source.account_part in {field.part for field in fields}
    jobs = [row.name for row in ROWS if platform in getattr(row.work, "keywords", {})["names"]]
    assert len([name for name in jobs if name != "analytics/sync-metrics"]) >= 1


async def test_pages_of_an_account_come_no_faster_than_its_rate() -> None:
    now = 0

    def clock() -> int:
        nonlocal now
        now += 1
        return now

    async def pages() -> AsyncIterator[int]:
        for number in range(5):
            yield number

    pace = Pace(per_second=500.0, at_once=2, clock=clock)
    assert [page async for page in pace.paced("a", pages())] == [0, 1, 2, 3, 4]
    # Two at once, then two milliseconds each, and one more turn to learn that it was the last.
    assert now >= 8
    now = 0
    assert [page async for page in pace.paced("b", pages())][:2] == [0, 1]


@pytest.mark.parametrize(
    ("why", "refused"),
    [
        ("401: the credentials are refused", True),
        ("HTTP 400 code 190: the token or the ad account is refused", True),
        ("token: invalid_grant: the grant is refused", True),
        ("needs snapchat_ad_account_id", True),
        ("400: the request is refused", False),
        ("gave up after 6 tries (503)", False),
    ],
)
def test_somebody_has_to_act_when_credentials_are_missing_or_refused(
    why: str, refused: bool
) -> None:
    assert Unreadable(why).is_refused is refused
