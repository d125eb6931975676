"""Reads the Insights of an ad account, day by day, of campaigns or of ads.

Of the link to the next page, which carries the token, only the cursor is taken: the token goes to
no address but the configured one, and in a header.
"""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from processors.platforms.answering import json_object
from processors.platforms.http import Reply
from processors.platforms.meta.answers import (
    describe,
    error_of,
    pause_seconds,
    verdict,
)
from processors.platforms.meta.figures import CLICK, FIELDS, VIEW, Row
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import Reader, ReadingSettings, Trouble, Unreadable
from processors.platforms.spending import Level


class Insights:
    """A reader of Insights."""

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._reader = Reader(reading)

    async def rows(
        self, *, account: str, token: str, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Row]]:
        """Pages of rows, one for each campaign, or ad, and day with spend; `account` is its digits,
        the dates are the account's own and both are included.

        Raises:
            Unreadable: for a token or account that is refused, for Meta when it keeps failing or
                asks for a long pause, for a list that never ends.
        """
        base = self._settings.base_url.rstrip("/")
        url = f"{base}/{self._settings.version}/act_{account}/insights"
        params = {
            "level": level,
            "fields": ",".join(FIELDS[level]),
            "time_range": _json({"since": since.isoformat(), "until": until.isoformat()}),
            "time_increment": "1",
            "action_attribution_windows": _json([VIEW, CLICK]),
            "limit": str(self._settings.page_size),
        }
        headers = {"authorization": f"Bearer {token}"}
        for _ in range(self._settings.max_pages):
            _, found = await self._reader.page(url, headers=headers, params=params, judge=trouble)
            rows = found.get("data") if isinstance(found, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise Unreadable("the answer has no list of rows")
            yield rows
            after = next_cursor(found)
            if after is None:
                return
            if after == params.get("after"):
                raise Unreadable("the cursor does not move")
            params["after"] = after
        raise Unreadable(f"more than {self._settings.max_pages} pages")

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()


def trouble(reply: Reply) -> Trouble | None:
    """What an answer means, by Meta's own codes; a page instead of JSON is a passing failure."""
    answer = json_object(reply.body)
    if answer is None:
        return Trouble(f"HTTP {reply.status} without JSON", passes=True)
    error = error_of(answer)
    if reply.status == 200 and not error:
        return None
    why = describe(reply.status, error)
    match verdict(reply.status, error):
        case "throttled" | "retry" | "unknown" as kind:
            pause = pause_seconds(reply) if kind == "throttled" else 0.0
            return Trouble(why, passes=True, pause_seconds=pause)
        case "reauth":
            return Trouble(f"{why}: the token or the ad account is refused")
        case _:
            return Trouble(f"{why}: the request is refused")


def next_cursor(page: dict[str, Any]) -> str | None:
    """Where the next page begins; None after the last.

    Raises:
        Unreadable: when there is a next page and nothing says where.
    """
    paging = page.get("paging")
    link = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(paging, dict) or not link:
        return None
    after = parse_qs(urlsplit(str(link)).query).get("after")
    if not after:
        raise Unreadable("the link to the next page has no cursor")
    return after[0]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
