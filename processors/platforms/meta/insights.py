"""Reads the Insights of an ad account, day by day, of campaigns or of ads."""

from collections.abc import AsyncIterator
from datetime import date

import orjson

from processors.platforms.meta.figures import CLICK, FIELDS, VIEW, Row
from processors.platforms.meta.pages import Pages
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import ReadingSettings
from processors.platforms.spending import Level


class Insights:
    """A reader of Insights."""

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._pages = Pages(settings, reading)

    async def rows(
        self, *, account: str, token: str, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Row]]:
        """Pages of rows, one for each campaign, or ad, and day with spend; `account` is its digits,
        the dates are the account's own and both are included.

        Raises:
            Unreadable: for a token or account that is refused, for Meta when it keeps failing or
                asks for a long pause, for a list that never ends.
        """
        params = {
            "level": level,
            "fields": ",".join(FIELDS[level]),
            "time_range": _json({"since": since.isoformat(), "until": until.isoformat()}),
            "time_increment": "1",
            "action_attribution_windows": _json([VIEW, CLICK]),
            "limit": str(self._settings.page_size),
        }
        async for rows in self._pages.rows(f"act_{account}/insights", token=token, params=params):
            yield rows

    async def close(self) -> None:
        """Close the connections."""
        await self._pages.close()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
