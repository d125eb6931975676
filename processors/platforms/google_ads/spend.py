"""What Google Ads campaigns and ads cost, by GAQL: a row for each of them and day of the account.

Cost is micros of the account's currency; a day is the account's own. Removed campaigns keep their
rows, and a subject without any metric on a day has none. Performance Max has no rows of ads.
`metrics.conversions` are those of the actions that the account counts, by Google's own model and
fractional, without views; a conversion is told on the day of its click, so that days are restated
for as long as the account's conversion windows last: 30 days as Google sets them, 90 at most.
(google.ads.googleads: resources Campaign and AdGroupAd, common Metrics and Segments.)
"""

from collections.abc import AsyncIterator
from datetime import date
from typing import ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.google_ads.clients import clients
from processors.platforms.google_ads.search import Row, Search, at, select
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.reading import ReadingSettings
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

_FIELDS: Final = (
    "segments.date", "customer.currency_code", "campaign.id", "campaign.name",
    "campaign.advertising_channel_type", "metrics.cost_micros", "metrics.impressions",
    "metrics.clicks", "metrics.conversions", "metrics.conversions_value",
)  # fmt: skip
_OF_ADS: Final = ("ad_group.id", "ad_group.name", "ad_group_ad.ad.id", "ad_group_ad.ad.name")
_ASKED: Final[dict[Level, tuple[str, tuple[str, ...]]]] = {
    "campaign": ("campaign", _FIELDS),
    "ad": ("ad_group_ad", (*_FIELDS, *_OF_ADS)),
}


class GoogleSpend:
    """Reads spend."""

    platform: ClassVar[str] = "google"
    connection: ClassVar[Platform | str] = "google_ads"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(
        self, settings: GoogleAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._search = Search(settings, reading, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(GoogleAdsSettings.load(), reading, clock=clock)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """As `SpendReader` says."""
        async for rows in self._search.pages(account, query(since, until, level)):
            found = [figure(row, level, since=since, until=until) for row in rows]
            yield [one for one in found if measures.says_something(one)]

    async def clients(self, account: Account) -> list[Account]:
        """As `spending.Manages` says: those that a manager manages."""
        return await clients(self._search, account)

    async def close(self) -> None:
        """Close the connections."""
        await self._search.close()


def query(since: date, until: date, level: Level) -> str:
    """The question; both dates are included."""
    resource, fields = _ASKED[level]
    days = f"segments.date BETWEEN '{since}' AND '{until}'"
    return select(fields, resource, where=days, order="segments.date")


def figure(row: Row, level: Level, *, since: date, until: date) -> Figure:
    """A row as a figure.

    Raises:
        Unusable: when its date, currency, ids or cost are missing, or numbers of another form.
    """
    told = {name: at(row, name) for name in _ASKED[level][1]}
    is_ad = level == "ad"
    cost = measures.micros(told, "metrics.cost_micros")
    return Figure(
        date=measures.day(told, "segments.date", since=since, until=until),
        currency=measures.currency(told, "customer.currency_code"),
        amount=measures.needed(cost, "metrics.cost_micros"),
        campaign_id=measures.identity(told, "campaign.id"),
        campaign=measures.text(told, "campaign.name") or "",
        campaign_type=measures.text(told, "campaign.advertising_channel_type"),
        ad_group_id=measures.identity(told, "ad_group.id") if is_ad else None,
        ad_group=measures.text(told, "ad_group.name"),
        ad_id=measures.identity(told, "ad_group_ad.ad.id") if is_ad else None,
        ad=measures.text(told, "ad_group_ad.ad.name"),
        impressions=measures.count(told, "metrics.impressions"),
        clicks=measures.count(told, "metrics.clicks"),
        conversions=measures.number(told, "metrics.conversions"),
        conversion_value=measures.number(told, "metrics.conversions_value"),
    )
