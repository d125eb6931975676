"""Lists of the Graph API, page by page.

Of the link to the next page, which carries the token, only the cursor is taken: the token goes to
no address but the configured one, and in a header.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from processors.platforms.answering import json_object
from processors.platforms.http import Reply
from processors.platforms.meta.answers import (
    describe,
    error_of,
    is_too_large,
    pause_seconds,
    verdict,
)
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import Reader, ReadingSettings, Trouble, Unreadable

Row = Mapping[str, Any]


class Pages:
    """A reader of lists."""

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._base = f"{settings.base_url.rstrip('/')}/{settings.version}"
        self._reader = Reader(reading)

    async def rows(
        self, path: str, *, token: str, params: Mapping[str, str]
    ) -> AsyncIterator[list[Row]]:
        """Pages of the rows of `path`, such as `act_1/insights`.

        Raises:
            Unreadable: for a token or an object that is refused, for Meta when it keeps failing or
                asks for a long pause, for a list that never ends.
        """
        asked = dict(params)
        for _ in range(self._settings.max_pages):
            found = await self.object(path, token=token, params=asked)
            rows = found.get("data") if isinstance(found, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise Unreadable("the answer has no list of rows")
            yield rows
            after = next_cursor(found)
            if after is None:
                return
            if after == asked.get("after"):
                raise Unreadable("the cursor does not move")
            asked["after"] = after
        raise Unreadable(f"more than {self._settings.max_pages} pages")

    async def object(
        self, path: str, *, token: str, params: Mapping[str, str], body: bytes | None = None
    ) -> Any:
        """One answer; a question with a `body` is posted.

        Raises:
            Unreadable: as `rows`.
        """
        _, found = await self._reader.page(
            f"{self._base}/{path}",
            headers={"authorization": f"Bearer {token}"},
            params=params,
            judge=trouble,
            body=body,
        )
        return found

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
    if is_too_large(error):
        return Trouble(f"{why}: more than is told at once", too_large=True)
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
