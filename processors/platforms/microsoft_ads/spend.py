"""What Microsoft Advertising's campaigns and ads cost: the campaign and the ad performance report.

Spend is in units of the account's currency, and days, written 2026-09-01, are UTC's, not the
account's (`guides/reports`, "Time Zones in Reporting"). A click is there within three hours; one
that is found invalid may leave a week after. `ConversionsQualified` are those of goals that
count, fractions among them; they are told on the day of their click, so that days are restated for
as long as goals look back: 30 days as Microsoft sets them, 90 at most (not verified). Columns go by
their names; an empty cell and `--` are nothing, and thousands may be set apart by commas, as others
found.
"""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms.base import Account
from processors.platforms.microsoft_ads.reports import Reports, Row
from processors.platforms.microsoft_ads.settings import MicrosoftAdsSettings
from processors.platforms.numbers import amount, count
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level, Unusable
from schemas.delivery import Platform

_COLUMNS: Final = (
    "TimePeriod", "CurrencyCode", "CampaignId", "CampaignName", "CampaignType", "Impressions",
    "Clicks", "Spend", "ConversionsQualified", "Revenue",
)  # fmt: skip
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
            yield [figure(row, level) for row in rows[start : start + _PAGE]]

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


def figure(row: Row, level: Level) -> Figure:
    """A row as a figure.

    Raises:
        Unusable: when its date, currency, ids or numbers are missing or of another form.
    """
    is_ad = level == "ad"
    return Figure(
        date=_day(row),
        currency=_text(row, "CurrencyCode"),
        amount=amount(row["Spend"], "Spend"),
        campaign_id=_text(row, "CampaignId"),
        campaign=_cell(row, "CampaignName") or "",
        campaign_type=_cell(row, "CampaignType"),
        ad_group_id=_text(row, "AdGroupId") if is_ad else None,
        ad_group=_cell(row, "AdGroupName") if is_ad else None,
        ad_id=_text(row, "AdId") if is_ad else None,
        ad=_cell(row, "AdTitle") if is_ad else None,
        impressions=count(row["Impressions"], "Impressions"),
        clicks=count(row["Clicks"], "Clicks"),
        conversions=_number(row, "ConversionsQualified"),
        conversion_value=_number(row, "Revenue"),
    )


def _day(row: Row) -> date:
    try:
        return date.fromisoformat(row["TimePeriod"])
    except ValueError:
        raise Unusable("TimePeriod is no date") from None


def _text(row: Row, name: str) -> str:
    found = _cell(row, name)
    if found is None:
        raise Unusable(f"{name} is missing")
    return found


def _number(row: Row, name: str) -> Decimal | None:
    found = _cell(row, name)
    return None if found is None else amount(found, name)


def _cell(row: Row, name: str) -> str | None:
    return None if row[name].strip() in ("", "--") else row[name]


def _date(day: date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}
