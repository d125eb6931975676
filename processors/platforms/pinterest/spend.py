"""What Pinterest tells of an ad account's campaigns and ads: its synchronous analytics (API 5,
`/ad_accounts/{id}/campaigns/analytics` and `/ads/analytics`).

**Its days are those of UTC**, not of the ad account: a zone of one's own for reports is a beta that
not everybody has. At the edges a day's spend may therefore stand a day beside the one that
Pinterest's pages show. Money is in millionths of the account's currency, whatever the column's
name says, and a column without a value may be left out.

Impressions and clicks are the paid ones; `conversions` are checkouts of views, engagements and
clicks together, in the windows of Pinterest's default (30 days each), so that many days are read
again. Every campaign and ad is asked for by its id, the archived ones, too, and those that nothing
is known of any more are told no more. An app's token is needed: a conversion token is refused.

Columns, limits (90 days back, 250 ids) and lists: pinterest/api-description v5/openapi.json 5.23.
That the first of the two kinds of columns (`..._1`) are the paid ones is from public notes and
unverified. What is older than 90 days its asynchronous reports have, which are not read.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final, Self
from urllib.parse import quote

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.http import Reply
from processors.platforms.measures import Row
from processors.platforms.pinterest import answers
from processors.platforms.pinterest.settings import PinterestSettings
from processors.platforms.reading import ReadingSettings, Trouble, Unreadable, by_status
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

COLUMNS: Final = (
    "SPEND_IN_MICRO_DOLLAR", "PAID_IMPRESSION", "CLICKTHROUGH_1", "VIDEO_MRC_VIEWS_1",
    "TOTAL_CHECKOUT", "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
    "TOTAL_VIEW_CHECKOUT", "TOTAL_VIEW_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
    "TOTAL_CLICK_CHECKOUT", "TOTAL_CLICK_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
)  # fmt: skip
DAYS_BACK: Final = 90
_STATUSES: Final = "ACTIVE,PAUSED,ARCHIVED"
_MOST_PAGES: Final = 1_000


class PinterestSpend:
    """A reader of analytics."""

    platform: ClassVar[str] = "pinterest"
    connection: ClassVar[Platform | str] = "pinterest"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")

    def __init__(
        self, settings: PinterestSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._bearer = Bearer(reading, token_url=settings.token_url, clock=clock, basic=True)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(PinterestSettings.load(), reading, clock=clock)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Pages of figures, as `spending.SpendReader` has it."""
        today = datetime.fromtimestamp(self._clock() / 1000, UTC).date()
        if since < today - timedelta(days=DAYS_BACK):
            raise Unreadable(f"Pinterest tells the last {DAYS_BACK} days alone")
        if not account.account_id:
            raise Unreadable("needs pinterest_ad_account_id")
        settings = self._settings
        own = quote(account.account_id, safe="")
        base = f"{settings.base_url.rstrip('/')}/{settings.version}/ad_accounts/{own}"
        about = await self._bearer.page(account, base, judge=trouble)
        if not isinstance(about, dict):
            raise Unreadable("the answer is no ad account")
        currency = measures.currency(about, "currency")
        campaigns = await self._listed(account, f"{base}/campaigns")
        subjects = campaigns if level == "campaign" else await self._listed(account, f"{base}/ads")
        ids = list(subjects)
        for start in range(0, len(ids), settings.report_ids):
            params = {
                "start_date": since.isoformat(),
                "end_date": until.isoformat(),
                "granularity": "DAY",
                "columns": ",".join(COLUMNS),
                f"{level}_ids": ",".join(ids[start : start + settings.report_ids]),
            }
            url = f"{base}/{level}s/analytics"
            rows = await self._bearer.page(account, url, params=params, judge=trouble)
            yield [
                figure
                for row in measures.rows_of(rows, "list of rows")
                if measures.says_something(
                    figure := _figure(
                        row,
                        day=measures.day(row, "DATE", since=since, until=until),
                        currency=currency,
                        campaigns=campaigns,
                        ads=subjects if level == "ad" else None,
                    )
                )
            ]

    async def _listed(self, account: Account, url: str) -> dict[str, Row]:
        """All of a list, by id."""
        size = str(self._settings.list_page_size)
        params = {"page_size": size, "entity_statuses": _STATUSES}
        found: dict[str, Row] = {}
        for _ in range(_MOST_PAGES):
            page = await self._bearer.page(account, url, params=params, judge=trouble)
            if not isinstance(page, dict):
                raise Unreadable("the answer has no items")
            items = measures.rows_of(page.get("items"), "items")
            found |= {measures.identity(item, "id"): item for item in items}
            bookmark = measures.text(page, "bookmark")
            if bookmark is None:
                return found
            if bookmark == params.get("bookmark"):
                raise Unreadable("the bookmark does not move")
            params["bookmark"] = bookmark
        raise Unreadable(f"more than {_MOST_PAGES} pages")

    async def close(self) -> None:
        """Close the connections."""
        await self._bearer.close()


def trouble(reply: Reply) -> Trouble | None:
    """What an answer means, with the pause that Pinterest's own header asks for."""
    found = by_status(reply)
    if found is None or not found.passes:
        return found
    pause = answers.pause_seconds(reply)
    return Trouble(found.why, passes=True, pause_seconds=max(pause, found.pause_seconds))


def _figure(
    row: Row,
    *,
    day: date,
    currency: str,
    campaigns: Mapping[str, Row],
    ads: Mapping[str, Row] | None,
) -> Figure:
    """Of a campaign; of an ad, where `ads` are given."""
    ad_id = None if ads is None else measures.identity(row, "AD_ID")
    ad: Row = {} if ads is None or ad_id is None else ads.get(ad_id, {})
    campaign_id = measures.identity(*((row, "CAMPAIGN_ID") if ads is None else (ad, "campaign_id")))
    campaign = campaigns.get(campaign_id, {})
    return Figure(
        date=day,
        currency=currency,
        amount=measures.micros(row, "SPEND_IN_MICRO_DOLLAR") or Decimal(0),
        campaign_id=campaign_id,
        campaign=measures.text(campaign, "name") or "",
        campaign_type=measures.text(campaign, "objective_type"),
        ad_group_id=measures.text(ad, "ad_group_id"),
        ad_id=ad_id,
        ad=measures.text(ad, "name"),
        creative_id=measures.text(ad, "pin_id"),
        impressions=measures.count(row, "PAID_IMPRESSION"),
        clicks=measures.count(row, "CLICKTHROUGH_1"),
        video_views=measures.count(row, "VIDEO_MRC_VIEWS_1"),
        conversions=measures.number(row, "TOTAL_CHECKOUT"),
        conversion_value=measures.micros(row, "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR"),
        view_conversions=measures.count(row, "TOTAL_VIEW_CHECKOUT"),
        click_conversions=measures.count(row, "TOTAL_CLICK_CHECKOUT"),
        view_value=measures.micros(row, "TOTAL_VIEW_CHECKOUT_VALUE_IN_MICRO_DOLLAR"),
        click_value=measures.micros(row, "TOTAL_CLICK_CHECKOUT_VALUE_IN_MICRO_DOLLAR"),
    )
