"""Reads survey responses, newer than a cursor or back to a date.

The vendor reads by GET under the bare token. Its list is newest first: `before` is the way to
newer rows, `after` to older ones.
"""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from processors.platforms.fairing.settings import FairingSettings
from processors.platforms.reading import Reader, ReadingSettings, Unreadable

Page = list[dict[str, Any]]


class Responses:
    """A reader of responses."""

    def __init__(self, settings: FairingSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._url = settings.base_url.rstrip("/") + "/responses"
        self._reader = Reader(reading)

    async def newer(self, token: str, *, cursor: str) -> AsyncIterator[Page]:
        """Pages of what came after the response `cursor`, older pages first; rows newest first.

        Raises:
            Unreadable: for a token or cursor that is refused, or a vendor that keeps failing.
        """
        while True:
            page, _ = await self._page(token, before=cursor)
            if not page:
                return
            yield page
            if page[0]["id"] == cursor:
                raise Unreadable("the cursor does not move")
            cursor = page[0]["id"]

    async def since(self, token: str, *, since: str) -> AsyncIterator[Page]:
        """Pages of what was answered since the RFC 3339 time, newest first.

        Raises:
            Unreadable: as `newer`.
        """
        page, after = await self._page(token, since=since)
        while page:
            yield page
            if after is None:
                return
            page, after = await self._page(token, since=since, after=after)

    async def _page(self, token: str, **where: str) -> tuple[Page, str | None]:
        """Rows, and the cursor of the next page, taken from its link but for the address."""
        params = {"limit": str(self._settings.page_size), **where}
        _, found = await self._reader.page(
            self._url, headers={"authorization": token}, params=params
        )
        rows = found.get("data") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise Unreadable("the answer has no list of responses")
        link = found.get("next")
        after = parse_qs(urlsplit(link).query).get("after") if isinstance(link, str) else None
        page = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        if len(page) != len(rows):
            raise Unreadable("a response has no id")
        return page, after[0] if after else None

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()
