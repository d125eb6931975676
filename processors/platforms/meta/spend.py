"""What Meta tells of an ad account's campaigns and ads, by Insights (`figures` says what of it).

Days are the account's own. A claim counts on the day of the view or click, up to 7 days before its
purchase, and Meta restates figures for days besides: four weeks are read again. How long it does so
is not documented.
"""

from collections.abc import AsyncIterator
from datetime import date
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.base import Account
from processors.platforms.meta.figures import figure
from processors.platforms.meta.insights import Insights
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform


class MetaSpend:
    """A reader of Insights; short ranges, since Meta refuses an answer that gets too large."""

    platform: ClassVar[str] = "meta"
    connection: ClassVar[Platform | str] = "meta"
    restated_days: ClassVar[int] = 28
    days_at_once: ClassVar[int] = 7
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._insights = Insights(settings, reading)

    @classmethod
    def load(cls, reading: ReadingSettings, _clock: Clock, /) -> Self:
        """With the settings of the environment."""
        return cls(MetaSettings.load(), reading)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """As `SpendReader` says."""
        token, own = account.secret("access_token"), account.secret("ad_account_id")
        if not token or not own:
            raise Unreadable("needs meta_access_token and meta_ad_account_id")
        async for rows in self._insights.rows(
            account, own=own, token=token, since=since, until=until, level=level
        ):
            yield [figure(row, level) for row in rows]

    async def close(self) -> None:
        """Close the connections."""
        await self._insights.close()
