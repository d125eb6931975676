"""What Snapchat tells of an ad account's campaigns and ads: the measurement endpoints of its Ads
API (`/adaccounts/{id}/stats` with a breakdown by campaign, `/campaigns/{id}/stats` by ad).

Money is in millionths of the account's currency, days begin at midnight of its time zone, which
both the account itself tells, and clicks are swipes. `conversions` are purchases in the account's
own windows, of views and swipes together. Names come from the lists of campaigns and ads; one that
is not listed any more keeps its id alone. A refresh token is needed: the token of the Conversions
API opens nothing here.

Snapchat's page "Measurement" shows the answers without a breakdown; that there is a
`breakdown_stats` in the series of each, that spend and values are in millionths, that 31 days is
the most for days, the `next_link` of long answers, and that figures move for the 28 days of its
longest window, are from public notes and unverified.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final, Self
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.measures import Row
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.snapchat.settings import SnapchatSettings
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

FIELDS: Final = "spend,impressions,swipes,conversion_purchases,conversion_purchases_value"
_MOST_PAGES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Range:
    """Days of an account, with what all their figures share."""

    since: date
    until: date
    currency: str
    zone: ZoneInfo

    def params(self, breakdown: str) -> dict[str, str]:
        """Midnights of the account, in the form that the API wants."""
        return {
            "granularity": "DAY",
            "breakdown": breakdown,
            "fields": FIELDS,
            "start_time": _midnight(self.since, self.zone),
            "end_time": _midnight(self.until + timedelta(days=1), self.zone),
        }


class SnapchatSpend:
    """A reader of measurements."""

    platform: ClassVar[str] = "snapchat"
    connection: ClassVar[Platform | str] = "snapchat"
    restated_days: ClassVar[int] = 28
    days_at_once: ClassVar[int] = 28
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(
        self, settings: SnapchatSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._settings = settings
        self._base = f"{settings.ads_url.rstrip('/')}/{settings.ads_version}"
        self._bearer = Bearer(reading, token_url=settings.token_url, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(SnapchatSettings.load(), reading, clock=clock)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Pages of figures, as `spending.SpendReader` has it."""
        own = account.secret("ad_account_id")
        if not own:
            raise Unreadable("needs snapchat_ad_account_id")
        path = f"/adaccounts/{quote(own, safe='')}"
        (about,) = await self._all(account, path, "adaccounts", "adaccount") or ({},)
        days = _Range(since, until, measures.currency(about, "currency"), _zone(about))
        campaigns = {
            measures.identity(campaign, "id"): measures.text(campaign, "name") or ""
            for campaign in await self._all(account, f"{path}/campaigns", "campaigns", "campaign")
        }
        ads: dict[str, Row] = {}
        if level == "ad":
            listed = await self._all(account, f"{path}/ads", "ads", "ad")
            ads = {measures.identity(ad, "id"): ad for ad in listed}
        async for subjects in self._stats(account, path, days, "campaign"):
            found = [f for row in subjects for f in _figures(row, days, campaigns)]
            if level == "campaign":
                yield found
                continue
            for campaign_id in dict.fromkeys(figure.campaign_id for figure in found):
                of = f"/campaigns/{quote(campaign_id, safe='')}"
                async for rows in self._stats(account, of, days, "ad"):
                    yield [
                        figure
                        for row in rows
                        for figure in _figures(row, days, campaigns, campaign_id, ads)
                    ]

    async def _stats(
        self, account: Account, path: str, days: _Range, breakdown: str
    ) -> AsyncIterator[list[Row]]:
        """Pages of series, one of each subject."""
        async for page in self._pages(account, f"{path}/stats", days.params(breakdown)):
            for series in _unwrapped(page, "timeseries_stats", "timeseries_stat"):
                by = series.get("breakdown_stats")
                rows = by.get(breakdown) if isinstance(by, dict) else None
                yield measures.rows_of(rows, f"breakdown by {breakdown}")

    async def _all(self, account: Account, path: str, rows: str, row: str) -> list[Row]:
        params = {"limit": str(self._settings.list_page_size)}
        pages = self._pages(account, path, params)
        return [one async for page in pages for one in _unwrapped(page, rows, row)]

    async def _pages(
        self, account: Account, path: str, params: dict[str, str]
    ) -> AsyncIterator[dict[str, Any]]:
        """Of the link to the next page the cursor alone is taken."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            asked = params | ({"cursor": cursor} if cursor else {})
            found = await self._bearer.page(account, self._base + path, params=asked)
            if not isinstance(found, dict) or found.get("request_status", "") not in _DONE:
                raise Unreadable("the answer does not say that it is whole")
            yield found
            paging = found.get("paging")
            link = paging.get("next_link") if isinstance(paging, dict) else None
            if not link:
                return
            before, cursor = cursor, "".join(parse_qs(urlsplit(str(link)).query).get("cursor", ()))
            if not cursor or cursor == before:
                raise Unreadable("the link to the next page has no new cursor")
        raise Unreadable(f"more than {_MOST_PAGES} pages")

    async def close(self) -> None:
        """Close the connections."""
        await self._bearer.close()


_DONE: Final = ("success", "SUCCESS")


def _unwrapped(page: dict[str, Any], rows: str, row: str) -> list[Row]:
    """What stands in the envelopes of a list, each of which says whether it worked."""
    found = measures.rows_of(page.get(rows), rows)
    for envelope in found:
        if (
            not isinstance(envelope.get(row), dict)
            or envelope.get("sub_request_status") not in _DONE
        ):
            raise Unreadable(f"a part of {rows} could not be told")
    return [envelope[row] for envelope in found]


def _figures(
    row: Row,
    days: _Range,
    campaigns: dict[str, str],
    campaign_id: str | None = None,
    ads: dict[str, Row] | None = None,
) -> list[Figure]:
    """The days of a campaign, or of an ad of the campaign, on which anything was."""
    own = measures.identity(row, "id")
    ad = (ads or {}).get(own, {})
    found = []
    for point in measures.rows_of(row.get("timeseries"), "days"):
        stats = point.get("stats")
        if not isinstance(stats, dict):
            raise Unreadable("a day of the answer has no stats")
        figure = Figure(
            date=measures.day(point, "start_time", since=days.since, until=days.until),
            currency=days.currency,
            amount=measures.needed(measures.micros(stats, "spend"), "spend"),
            campaign_id=campaign_id or own,
            campaign=campaigns.get(campaign_id or own, ""),
            ad_group_id=measures.text(ad, "ad_squad_id"),
            ad_id=own if campaign_id else None,
            ad=measures.text(ad, "name"),
            creative_id=measures.text(ad, "creative_id"),
            impressions=measures.count(stats, "impressions"),
            clicks=measures.count(stats, "swipes"),
            conversions=measures.number(stats, "conversion_purchases"),
            conversion_value=measures.micros(stats, "conversion_purchases_value"),
        )
        if measures.says_something(figure):
            found.append(figure)
    return found


def _zone(about: Row) -> ZoneInfo:
    try:
        return ZoneInfo(measures.identity(about, "timezone"))
    except (ZoneInfoNotFoundError, ValueError):
        raise Unreadable("the ad account's time zone is unknown here") from None


def _midnight(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time(), zone).isoformat(timespec="milliseconds")
