"""Lists of the Business API, page by page: every row of the number that the first page told."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from processors.platforms import measures
from processors.platforms.http import Reply, retry_after_seconds
from processors.platforms.measures import Row
from processors.platforms.reading import Reader, ReadingSettings, Trouble, Unreadable
from processors.platforms.tiktok import answers
from processors.platforms.tiktok.settings import TikTokSettings

_API: Final = "open_api/v1.3"


class Pages:
    """A reader of lists."""

    def __init__(self, settings: TikTokSettings, reading: ReadingSettings) -> None:
        self._base = f"{settings.base_url.rstrip('/')}/{_API}"
        self._reader = Reader(reading)

    async def rows(
        self, path: str, *, token: str, params: Mapping[str, str]
    ) -> AsyncIterator[list[Row]]:
        """Pages of the rows of `path`, such as `/ad/get/`.

        Raises:
            Unreadable: for credentials that are refused, for TikTok when it keeps failing or asks
                for a long pause, for a list of which not all was told.
        """
        page = told = 0
        while True:
            page += 1
            data = await self.data(path, token=token, params={**params, "page": str(page)})
            rows, pages, total = _page(data)
            told += len(rows)
            yield rows
            if page >= pages or not rows:
                break
        if told != total:
            raise Unreadable(f"{told} of {total} rows were told")

    async def data(self, path: str, *, token: str, params: Mapping[str, str]) -> Any:
        """The `data` of one answer.

        Raises:
            Unreadable: as `rows`.
        """
        _, found = await self._reader.page(
            self._base + path, headers={"access-token": token}, params=params, judge=trouble
        )
        return found.get("data")

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()


def trouble(reply: Reply) -> Trouble | None:
    """What an answer means, by TikTok's code, which comes with HTTP 200 for most errors."""
    found = answers.classify(reply)
    why = found.error or ""
    match found.verdict:
        case "sent":
            return None
        case "throttled":
            return Trouble(why, passes=True, pause_seconds=retry_after_seconds(reply.headers))
        case "retry" | "unknown":
            return Trouble(why, passes=True)
        case "reauth":
            return Trouble(f"{why}: the credentials are refused")
        case _:
            return Trouble(f"{why}: the request is refused")


def _page(data: Any) -> tuple[list[Row], int, int]:
    """Rows, and how many pages and rows there are."""
    if not isinstance(data, dict) or not isinstance(about := data.get("page_info"), dict):
        raise Unreadable("the answer has no page")
    rows = measures.rows_of(data.get("list"), "list of rows")
    pages, total = about.get("total_page"), about.get("total_number")
    if type(pages) is not int or type(total) is not int:
        raise Unreadable("the answer does not say how many rows there are")
    return rows, pages, total
