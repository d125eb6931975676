"""What LinkedIn tells of an ad account's campaigns and creatives: `/rest/adAnalytics` by day.

Money is in the account's currency, as decimal text; its days are taken to be those of UTC, in
which LinkedIn bills (unverified). `conversions` are those of websites, told apart by click and
view, in the windows of each conversion rule (30 days by default, so that many are read again). A
creative is an ad; the names of creatives and groups are not asked for.

**LinkedIn tells at most 15,000 rows and drops the rest without a word** (no page follows, and
there is no total): an answer that is full is asked for again in two halves of its days, and a day
that is full is unreadable. It also answers with nothing where it grants no access; so the account
is asked for first, which is refused then. The permission is `r_ads_reporting`.

Parameters and finders: Microsoft Learn, "Reporting" (LinkedIn Marketing). The limit of 15,000 is
from public notes of connectors, as is the throttle of 45 million values in five minutes.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final, Self
from urllib.parse import quote

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.linkedin.settings import LinkedInSettings
from processors.platforms.measures import Row
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level, Unusable
from schemas.delivery import Platform

FIELDS: Final = (
    "dateRange", "pivotValues", "costInLocalCurrency", "impressions", "clicks", "videoViews",
    "externalWebsiteConversions", "externalWebsitePostClickConversions",
    "externalWebsitePostViewConversions", "conversionValueInLocalCurrency",
)  # fmt: skip
ACCOUNT: Final = "urn:li:sponsoredAccount:"
CAMPAIGN: Final = "urn:li:sponsoredCampaign:"
CREATIVE: Final = "urn:li:sponsoredCreative:"
_FINDERS: Final[dict[Level, str]] = {
    "campaign": "q=analytics&pivot=CAMPAIGN",
    "ad": "q=statistics&pivots=List(CAMPAIGN,CREATIVE)",
}
_MOST_PAGES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """An account, and what all its figures share."""

    account: Account
    currency: str
    campaigns: dict[str, Row]
    level: Level


class LinkedinSpend:
    """A reader of ad analytics."""

    platform: ClassVar[str] = "linkedin"
    connection: ClassVar[Platform | str] = "linkedin"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(
        self, settings: LinkedInSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._most, self._page_size = settings.report_rows, settings.list_page_size
        self._base = f"{settings.base_url.rstrip('/')}/rest"
        self._bearer = Bearer(reading, token_url=settings.token_url, clock=clock)
        self._headers = {
            "linkedin-version": settings.version,
            "x-restli-protocol-version": "2.0.0",
        }

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(LinkedInSettings.load(), reading, clock=clock)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Pages of figures, as `spending.SpendReader` has it."""
        if not account.account_id:
            raise Unreadable("needs linkedin_ad_account_id")
        path = f"/adAccounts/{quote(account.account_id, safe='')}"
        about = await self._asked(account, path)
        currency = measures.currency(about, "currency")
        asked = _Asked(account, currency, await self._campaigns(account, path), level)
        async for page in self._days(asked, since, until):
            yield page

    async def _days(self, asked: _Asked, since: date, until: date) -> AsyncIterator[list[Figure]]:
        """The whole range, or one half after the other."""
        finder, of = _FINDERS[asked.level], quote(ACCOUNT + asked.account.account_id, safe="")
        # Rest.li's structure is not to be encoded, so that it cannot be among `params`.
        found = await self._asked(
            asked.account,
            f"/adAnalytics?{finder}&timeGranularity=DAILY"
            f"&dateRange=(start:{_day(since)},end:{_day(until)})"
            f"&accounts=List({of})&fields={','.join(FIELDS)}",
        )
        rows = _elements(found)
        if len(rows) < self._most:
            figures = [_figure(row, asked, since, until) for row in rows]
            yield [figure for figure in figures if measures.says_something(figure)]
            return
        if since == until:
            raise Unreadable(
                f"{since} has {len(rows)} rows, and more of them may have been left out"
            )
        middle = since + (until - since) // 2
        for low, high in ((since, middle), (middle + timedelta(days=1), until)):
            async for page in self._days(asked, low, high):
                yield page

    async def _campaigns(self, account: Account, path: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        token = ""
        for _ in range(_MOST_PAGES):
            more = f"&pageToken={quote(token, safe='')}" if token else ""
            page = await self._asked(
                account, f"{path}/adCampaigns?q=search&pageSize={self._page_size}{more}"
            )
            found |= {measures.identity(row, "id"): row for row in _elements(page)}
            about = page.get("metadata") or {}
            if not isinstance(about, dict):
                raise Unreadable("the answer has no metadata")
            before, token = token, measures.text(about, "nextPageToken") or ""
            if not token:
                return found
            if token == before:
                raise Unreadable("the token of the next page does not move")
        raise Unreadable(f"more than {_MOST_PAGES} pages")

    async def _asked(self, account: Account, path: str) -> dict[str, Any]:
        found = await self._bearer.page(account, self._base + path, headers=self._headers)
        if not isinstance(found, dict):
            raise Unreadable("the answer is no object")
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._bearer.close()


def _elements(page: dict[str, Any]) -> list[Row]:
    return measures.rows_of(page.get("elements"), "elements")


def _figure(row: Row, asked: _Asked, since: date, until: date) -> Figure:
    told = row.get("pivotValues")
    pivots = [str(urn) for urn in told] if isinstance(told, list) else []
    campaign_id = _of(pivots, CAMPAIGN)
    campaign = asked.campaigns.get(campaign_id, {})
    creative = _of(pivots, CREATIVE) if asked.level == "ad" else None
    cost = "costInLocalCurrency"
    return Figure(
        date=_only_day(row, since, until),
        currency=asked.currency,
        amount=measures.needed(measures.number(row, cost), cost),
        campaign_id=campaign_id,
        campaign=measures.text(campaign, "name") or "",
        campaign_type=measures.text(campaign, "type"),
        ad_id=creative,
        creative_id=creative,
        impressions=measures.count(row, "impressions"),
        clicks=measures.count(row, "clicks"),
        video_views=measures.count(row, "videoViews"),
        conversions=measures.number(row, "externalWebsiteConversions"),
        conversion_value=measures.number(row, "conversionValueInLocalCurrency"),
        view_conversions=measures.count(row, "externalWebsitePostViewConversions"),
        click_conversions=measures.count(row, "externalWebsitePostClickConversions"),
    )


def _of(pivots: list[str], kind: str) -> str:
    found = next((urn.removeprefix(kind) for urn in pivots if urn.startswith(kind)), "")
    if not found:
        raise Unusable(f"pivotValues has no {kind}")
    return found


def _only_day(row: Row, since: date, until: date) -> date:
    """The day that the row's range begins and ends with."""
    told = row.get("dateRange")
    start, end = (told.get(edge) if isinstance(told, dict) else None for edge in ("start", "end"))
    if not isinstance(start, dict) or start != end:
        raise Unusable("dateRange is not one day")
    try:
        text = f"{start['year']:04}-{start['month']:02}-{start['day']:02}"
    except (KeyError, ValueError, TypeError):
        raise Unusable("dateRange is no date") from None
    return measures.day({"dateRange": text}, "dateRange", since=since, until=until)


def _day(day: date) -> str:
    return f"(year:{day.year},month:{day.month},day:{day.day})"
