"""Questions to the Google Ads API in its query language (GAQL), answered page by page.

`POST customers/{customer}/googleAds:search` with `query` and `pageToken`; a page has up to 10,000
rows, and to ask for a size is an error (google.ads.googleads GoogleAdsService). Fields are asked
for in snake case and answered in camel case, whole numbers as texts; a field that holds nothing is
left out. What we want of quotas and codes is in `answers`.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.google_ads import accounts, answers
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.http import Reply
from processors.platforms.reading import ReadingSettings, Trouble, Unreadable

Row = dict[str, Any]
_MAX_PAGES: Final = 10_000


class Search:
    """Asks a customer."""

    def __init__(
        self, settings: GoogleAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._settings = settings
        self._bearer = Bearer(reading, token_url=settings.token_url, clock=clock)

    async def pages(self, account: Account, query: str) -> AsyncIterator[list[Row]]:
        """Rows of the answer, page by page.

        Raises:
            Unreadable: for credentials or a query that is refused, a vendor that keeps failing or
                asks for a long pause, pages that do not end.
        """
        url = f"{self._settings.uploads}/customers/{account.account_id}/googleAds:search"
        question, headers = {"query": query}, _headers(account)
        for _ in range(_MAX_PAGES):
            found = await self._bearer.page(
                account, url, headers=headers, judge=trouble, body=orjson.dumps(question)
            )
            if not isinstance(found, dict):
                raise Unreadable("the answer is no object")
            rows, after = found.get("results", []), found.get("nextPageToken", "")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise Unreadable("the answer has no list of rows")
            yield rows
            if not after:
                return
            if after == question.get("pageToken") or not isinstance(after, str):
                raise Unreadable("the page token does not move")
            question = {"query": query, "pageToken": after}
        raise Unreadable(f"more than {_MAX_PAGES} pages")

    async def close(self) -> None:
        """Close the connections."""
        await self._bearer.close()


def trouble(reply: Reply) -> Trouble | None:
    """What an answer to a question means, by Google's own codes."""
    found = answers.of_question(reply)
    if found is None:
        return None
    why = found.error or f"HTTP {reply.status}"
    match found.verdict:
        case "throttled":
            return Trouble(why, passes=True, pause_seconds=answers.pause_seconds(reply))
        case "retry" | "unknown":
            return Trouble(why, passes=True)
        case "reauth":
            return Trouble(f"{why}: the credentials or the customer are refused")
        case _:
            return Trouble(f"{why}: the request is refused")


def select(
    fields: Iterable[str], resource: str, *, where: str = "", order: str = "", limit: int = 0
) -> str:
    """A query; nothing of it may come from outside."""
    parts = ["SELECT", ", ".join(fields), "FROM", resource]
    parts += ["WHERE", where] if where else []
    parts += ["ORDER BY", order] if order else []
    return " ".join([*parts, "LIMIT", str(limit)] if limit else parts)


def at(row: Row, path: str) -> Any:
    """The value of a field, by its name in a query; None where it is left out."""
    found: Any = row
    for name in path.split("."):
        found = found.get(_camel(name)) if isinstance(found, dict) else None
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _headers(account: Account) -> dict[str, str]:
    told = {
        "login-customer-id": account.secret(accounts.LOGIN),
        "developer-token": account.secret(accounts.DEVELOPER),
    }
    return {name: value for name, value in told.items() if value}
