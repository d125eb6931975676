"""What Pinterest tells of an ad account's campaigns and ads: its synchronous analytics (API 5,
`/ad_accounts/{id}/campaigns/analytics` and `/ads/analytics`), and for days that those do not reach
its reports, which are made while one waits (`/ad_accounts/{id}/reports`).

**Its days are those of UTC**, not of the ad account: a zone of one's own for reports is a beta that
not everybody has. At the edges a day's spend may therefore stand a day beside the one that
Pinterest's pages show. Money is in millionths of the account's currency, whatever the column's
name says, and a column without a value may be left out.

Impressions and clicks are the paid ones; `conversions` are checkouts of views, engagements and
clicks together, in the windows of Pinterest's default (30 days each), so that many days are read
again. Every campaign and ad is asked for by its id, the archived ones, too, and those that nothing
is known of any more are told no more. An app's token is needed: a conversion token is refused.

Columns, limits (90 days back, 250 ids; of reports 914 days back and 186 at once) and lists:
pinterest/api-description v5/openapi.json 5.23. A report lasts an hour, its address five minutes.
That the first of the two kinds of columns (`..._1`) are the paid ones is from public notes and
unverified, and so is the form of a report in JSON: its rows in lists by the id of their subject, as
others read it.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final, Self
from urllib.parse import quote

import orjson

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.http import Reply
from processors.platforms.measures import Row
from processors.platforms.pinterest import answers
from processors.platforms.pinterest.settings import PinterestSettings
from processors.platforms.reading import ReadingSettings, Trouble, Unreadable, by_status
from processors.platforms.reports import Failed, Files, report
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

COLUMNS: Final = (
    "SPEND_IN_MICRO_DOLLAR", "PAID_IMPRESSION", "CLICKTHROUGH_1", "VIDEO_MRC_VIEWS_1",
    "TOTAL_CHECKOUT", "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
    "TOTAL_VIEW_CHECKOUT", "TOTAL_VIEW_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
    "TOTAL_CLICK_CHECKOUT", "TOTAL_CLICK_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
)  # fmt: skip
DAYS_BACK: Final = 90
REPORTED_BACK: Final = 914
_LEVELS: Final[dict[Level, tuple[str, tuple[str, ...]]]] = {
    "campaign": ("CAMPAIGN", ("CAMPAIGN_ID",)),
    "ad": ("PIN_PROMOTION", ("AD_ID", "CAMPAIGN_ID", "AD_GROUP_ID")),
}
"""Of a report: how it calls the level, and the columns that name a row's subject."""
_GONE: Final = frozenset({"DOES_NOT_EXIST", "EXPIRED", "FAILED", "CANCELLED"})
_STATUSES: Final = "ACTIVE,PAUSED,ARCHIVED"
_MOST_PAGES: Final = 1_000


class PinterestSpend:
    """A reader of analytics."""

    platform: ClassVar[str] = "pinterest"
    connection: ClassVar[Platform | str] = "pinterest"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = True

    def __init__(
        self, settings: PinterestSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._reading = reading
        self._files = Files(reading, own=settings.base_url)
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
        if since < today - timedelta(days=REPORTED_BACK):
            raise Unreadable(f"Pinterest tells the last {REPORTED_BACK} days alone")
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
        if since < today - timedelta(days=DAYS_BACK):
            pages = self._reported(account, base, since=since, until=until, level=level)
        else:
            pages = self._told(account, base, list(subjects), since=since, until=until, level=level)
        async for rows in pages:
            yield [
                figure
                for row in rows
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

    async def _told(
        self, account: Account, base: str, ids: list[str], *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Row]]:
        """Rows of these subjects, some at a time."""
        for start in range(0, len(ids), self._settings.report_ids):
            params = {
                "start_date": since.isoformat(),
                "end_date": until.isoformat(),
                "granularity": "DAY",
                "columns": ",".join(COLUMNS),
                f"{level}_ids": ",".join(ids[start : start + self._settings.report_ids]),
            }
            url = f"{base}/{level}s/analytics"
            rows = await self._bearer.page(account, url, params=params, judge=trouble)
            yield measures.rows_of(rows, "list of rows")

    async def _reported(
        self, account: Account, base: str, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Row]]:
        """Rows of all subjects that anything was spent on, by a report."""
        named, subjects = _LEVELS[level]
        url = f"{base}/reports"
        question = {
            "start_date": since.isoformat(),
            "end_date": until.isoformat(),
            "granularity": "DAY",
            "level": named,
            "columns": [*subjects, *COLUMNS],
            "report_format": "JSON",
        }

        async def ask() -> str:
            body = orjson.dumps(question)
            found = await self._bearer.page(account, url, judge=trouble, body=body)
            token = found.get("token") if isinstance(found, dict) else None
            if not isinstance(token, str) or not token:
                raise Unreadable("the answer has no token of a report")
            return token

        async def look(token: str) -> str | None:
            found = await self._bearer.page(account, url, params={"token": token}, judge=trouble)
            status = found.get("report_status") if isinstance(found, dict) else None
            if status in _GONE:
                raise Failed(f"the report ended as {status}")
            if status != "FINISHED" or not isinstance(found, dict):
                return None
            return self._files.address(found.get("url"))

        made = report(account, {"url": url, **question}, ask=ask, look=look, reading=self._reading)
        async with made as file:
            found = await self._files.read(file, orjson.loads)
            lists = found.values() if isinstance(found, dict) else [found]
            for rows in lists:
                yield measures.rows_of(rows, "list of rows")

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
        await self._files.close()


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
    campaign_id = measures.text(ad, "campaign_id") or measures.identity(row, "CAMPAIGN_ID")
    campaign = campaigns.get(campaign_id, {})
    return Figure(
        date=day,
        currency=currency,
        amount=measures.micros(row, "SPEND_IN_MICRO_DOLLAR") or Decimal(0),
        campaign_id=campaign_id,
        campaign=measures.text(campaign, "name") or "",
        campaign_type=measures.text(campaign, "objective_type"),
        ad_group_id=measures.text(ad, "ad_group_id") or measures.text(row, "AD_GROUP_ID"),
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
