"""What TikTok tells of an advertiser's campaigns and ads: its synchronous report (API for Business
1.3, `/report/integrated/get/`).

Money is in the advertiser's currency, days in its time zone. `conversions` are complete payments
and `conversion_value` theirs, in TikTok's own windows together; those by view and click it does not
tell apart here. Numbers come as texts, a dash where there is none.

Unverified, from public notes on the API: that a range has 30 days at most, that the metric of the
value is named `total_complete_payment_rate`, and that figures move for about as long as the usual
click window of 7 days.
"""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.measures import Row
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level, Unusable
from processors.platforms.tiktok.pages import Pages
from processors.platforms.tiktok.settings import TikTokSettings
from schemas.delivery import Platform

PATH: Final = "/report/integrated/get/"
METRICS: Final = (
    "spend", "currency", "impressions", "clicks", "reach", "frequency", "video_play_actions",
    "complete_payment", "total_complete_payment_rate", "campaign_name",
)  # fmt: skip
OF_ADS: Final = ("campaign_id", "adgroup_id", "adgroup_name", "ad_name")
_LEVELS: Final[dict[Level, tuple[str, str, tuple[str, ...]]]] = {
    "campaign": ("AUCTION_CAMPAIGN", "campaign_id", METRICS),
    "ad": ("AUCTION_AD", "ad_id", METRICS + OF_ADS),
}


class TiktokSpend:
    """A reader of reports."""

    platform: ClassVar[str] = "tiktok"
    connection: ClassVar[Platform | str] = "tiktok"
    restated_days: ClassVar[int] = 7
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(self, settings: TikTokSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._pages = Pages(settings, reading)

    @classmethod
    def load(cls, reading: ReadingSettings, _: Clock) -> Self:
        """With the settings of the environment."""
        return cls(TikTokSettings.load(), reading)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Pages of figures, as `spending.SpendReader` has it."""
        token, advertiser = (account.secret(name) for name in ("access_token", "advertiser_id"))
        if not token or not advertiser:
            raise Unreadable("needs tiktok_access_token and tiktok_advertiser_id")
        data_level, subject, metrics = _LEVELS[level]
        params = {
            "advertiser_id": advertiser,
            "report_type": "BASIC",
            "service_type": "AUCTION",
            "data_level": data_level,
            "dimensions": _json([subject, "stat_time_day"]),
            "metrics": _json(metrics),
            "start_date": since.isoformat(),
            "end_date": until.isoformat(),
            "page_size": str(self._settings.report_page_size),
        }
        async for rows in self._pages.rows(PATH, token=token, params=params):
            yield [
                figure
                for row in rows
                if measures.says_something(figure := _figure(row, subject, since, until))
            ]

    async def close(self) -> None:
        """Close the connections."""
        await self._pages.close()


def _figure(row: Row, subject: str, since: date, until: date) -> Figure:
    of, told = row.get("dimensions"), row.get("metrics")
    if not isinstance(of, dict) or not isinstance(told, dict):
        raise Unusable("dimensions or metrics are missing")
    is_ad = subject == "ad_id"
    return Figure(
        date=measures.day(of, "stat_time_day", since=since, until=until),
        currency=measures.currency(told, "currency"),
        amount=measures.needed(measures.number(told, "spend"), "spend"),
        campaign_id=measures.identity(told if is_ad else of, "campaign_id"),
        campaign=measures.text(told, "campaign_name") or "",
        ad_group_id=measures.text(told, "adgroup_id") if is_ad else None,
        ad_group=measures.text(told, "adgroup_name") if is_ad else None,
        ad_id=measures.identity(of, "ad_id") if is_ad else None,
        ad=measures.text(told, "ad_name") if is_ad else None,
        impressions=measures.count(told, "impressions"),
        clicks=measures.count(told, "clicks"),
        reach=measures.count(told, "reach"),
        frequency=_frequency(told),
        video_views=measures.count(told, "video_play_actions"),
        conversions=measures.number(told, "complete_payment"),
        conversion_value=measures.number(told, "total_complete_payment_rate"),
    )


def _frequency(told: Row) -> Decimal | None:
    """Nothing where nobody was reached."""
    return measures.number(told, "frequency") if measures.count(told, "reach") else None


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
