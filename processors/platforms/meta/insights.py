"""Reads the Insights of an ad account, day by day, of campaigns or of ads: at once, and by a job of
Meta's where that is too much.

Facts (Marketing API: "Insights API Error Codes", updated 2026-05-21, "Asynchronous jobs", and the
SDK's AdReportRun): what is too large, or times out, Meta refuses and names asynchronous jobs as the
way out. `POST act_{id}/insights` answers a `report_run_id`, which lasts 30 days; `GET` of it tells
`async_status`; what it found is `{report_run_id}/insights`, page by page, when it is `Job
Completed`, and not at 100 percent already. A job may end as `Job Failed` or `Job Skipped`. That
1487534 is too much data in one call is from public notes on the API's limits.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Final

import orjson

from processors.platforms.base import Account
from processors.platforms.meta.figures import CLICK, FIELDS, VIEW, Row
from processors.platforms.meta.pages import Pages
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import ReadingSettings, TooLarge, Unreadable
from processors.platforms.reports import Failed, report
from processors.platforms.spending import Level

_DONE: Final = "Job Completed"
_ENDED: Final = frozenset({"Job Failed", "Job Skipped"})


class Insights:
    """A reader of Insights."""

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._reading = reading
        self._pages = Pages(settings, reading)

    async def rows(
        self, account: Account, *, own: str, token: str, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Row]]:
        """Pages of rows, one for each campaign, or ad, and day with spend; `own` is the digits of
        the ad account, the dates are its own and both are included. A row that was told before the
        rest turned out to be too much is told again.

        Raises:
            Unreadable: for a token or account that is refused, for Meta when it keeps failing or
                asks for a long pause, for a list that never ends, a job that fails or takes too
                long.
        """
        params = {
            "level": level,
            "fields": ",".join(FIELDS[level]),
            "time_range": _json({"since": since.isoformat(), "until": until.isoformat()}),
            "time_increment": "1",
            "action_attribution_windows": _json([VIEW, CLICK]),
        }
        path = f"act_{own}/insights"
        limited = {**params, "limit": str(self._settings.page_size)}
        try:
            async for rows in self._pages.rows(path, token=token, params=limited):
                yield rows
            return
        except TooLarge:
            pass
        async for rows in self._made(account, path, token, params):
            yield rows

    async def _made(
        self, account: Account, path: str, token: str, params: Mapping[str, str]
    ) -> AsyncIterator[list[Row]]:
        """The same by a job."""

        async def ask() -> str:
            found = await self._pages.object(
                path, token=token, params={}, body=orjson.dumps(params)
            )
            run = found.get("report_run_id") if isinstance(found, dict) else None
            if not isinstance(run, str) or not run.isdecimal():
                raise Unreadable("the answer has no report_run_id")
            return run

        async def look(run: str) -> str | None:
            asked = {"fields": "async_status,async_percent_completion"}
            found = await self._pages.object(run, token=token, params=asked)
            status = found.get("async_status") if isinstance(found, dict) else None
            if status in _ENDED:
                raise Failed(f"the report ended as {status}")
            return run if status == _DONE else None

        question = {"path": path, **params}
        made = report(account, question, ask=ask, look=look, reading=self._reading)
        async with made as run:
            limit = {"limit": str(self._settings.page_size)}
            async for rows in self._pages.rows(f"{run}/insights", token=token, params=limit):
                yield rows

    async def close(self) -> None:
        """Close the connections."""
        await self._pages.close()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
