"""What Microsoft Advertising's campaigns and ads cost: the campaign and the ad performance report.

Spend is in units of the account's currency, and days, written 2026-09-01, are UTC's, not the
account's (`guides/reports`, "Time Zones in Reporting"). A click is there within three hours; one
that is found invalid may leave a week after. `ConversionsQualified` are those of goals that
count, fractions among them; they are told on the day of their click, so that days are restated for
as long as goals look back: 30 days as Microsoft sets them, 90 at most (not verified). Columns go by
their names; an empty cell and `--` are nothing, and thousands may be set apart by commas, as others
found.
"""

import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.microsoft_ads.reports import Reports, Row
from processors.platforms.microsoft_ads.settings import MicrosoftAdsSettings
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

_NUMBERS: Final = ("Impressions", "Clicks", "Spend", "ConversionsQualified", "Revenue")
_COLUMNS: Final = (
    "TimePeriod", "CurrencyCode", "CampaignId", "CampaignName", "CampaignType", *_NUMBERS,
)  # fmt: skip
_GROUPED: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_OF_ADS: Final = ("AdGroupId", "AdGroupName", "AdId", "AdTitle")
_ASKED: Final[dict[Level, tuple[str, tuple[str, ...]]]] = {
    "campaign": ("CampaignPerformanceReportRequest", _COLUMNS),
    "ad": ("AdPerformanceReportRequest", (*_COLUMNS, *_OF_ADS)),
}
_PAGE: Final = 5_000


class MicrosoftSpend:
    """Reads spend."""

    platform: ClassVar[str] = "microsoft"
    connection: ClassVar[Platform | str] = "microsoft_ads"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = True

    def __init__(
        self, settings: MicrosoftAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._zone = settings.report_time_zone
        self._reports = Reports(settings, reading, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(MicrosoftAdsSettings.load(), reading, clock=clock)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """As `SpendReader` says."""
        if not account.account_id.isdecimal():
            raise Unreadable("needs the account, which is digits")
        asked = request(int(account.account_id), since, until, level, zone=self._zone)
        rows = await self._reports.rows(account, asked)
        for start in range(0, len(rows), _PAGE):
            some = rows[start : start + _PAGE]
            found = [figure(row, level, since=since, until=until) for row in some]
            yield [one for one in found if measures.says_something(one)]

    async def close(self) -> None:
        """Close the connections."""
        await self._reports.close()


def request(account: int, since: date, until: date, level: Level, *, zone: str) -> dict[str, Any]:
    """The `ReportRequest`; both dates are included, and `zone` is where they must have begun."""
    kind, columns = _ASKED[level]
    return {
        "Type": kind,
        "ReportName": f"{level} spend",
        "Format": "Csv",
        "FormatVersion": "2.0",
        "ExcludeColumnHeaders": False,
        "ExcludeReportHeader": True,
        "ExcludeReportFooter": True,
        "ReturnOnlyCompleteData": False,
        "Aggregation": "Daily",
        "Columns": list(columns),
        "Scope": {"AccountIds": [account]},
        "Time": {
            "CustomDateRangeStart": _date(since),
            "CustomDateRangeEnd": _date(until),
            "ReportTimeZone": zone,
        },
    }


def figure(row: Row, level: Level, *, since: date, until: date) -> Figure:
    """A row as a figure.

    Raises:
        Unusable: when its date, currency, ids or spend are missing, or numbers of another form.
    """
    told = {name: _cell(row[name], name) for name in _ASKED[level][1]}
    is_ad = level == "ad"
    return Figure(
        date=measures.day(told, "TimePeriod", since=since, until=until),
        currency=measures.currency(told, "CurrencyCode"),
        amount=measures.needed(measures.number(told, "Spend"), "Spend"),
        campaign_id=measures.identity(told, "CampaignId"),
        campaign=measures.text(told, "CampaignName") or "",
        campaign_type=measures.text(told, "CampaignType"),
        ad_group_id=measures.identity(told, "AdGroupId") if is_ad else None,
        ad_group=measures.text(told, "AdGroupName"),
        ad_id=measures.identity(told, "AdId") if is_ad else None,
        ad=measures.text(told, "AdTitle"),
        impressions=measures.count(told, "Impressions"),
        clicks=measures.count(told, "Clicks"),
        conversions=measures.number(told, "ConversionsQualified"),
        conversion_value=measures.number(told, "Revenue"),
    )


def _cell(told: str, name: str) -> str:
    if told.strip() == "--":
        return ""
    is_grouped = name in _NUMBERS and _GROUPED.fullmatch(told)
    return told.replace(",", "") if is_grouped else told


def _date(day: date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}
