"""Reports of Microsoft Advertising: asked for, waited for, and downloaded.

Facts, from the documentation of the Bing Ads API 13 (learn.microsoft.com/advertising:
`reporting-service/submitgeneratereport`, `pollgeneratereport`, `guides/request-download-report`,
`guides/reports`):

- `POST {reporting}/Reporting/v13/GenerateReport/Submit` with a `ReportRequest`, whose `Type` says
  which, answers a `ReportRequestId`; `POST .../GenerateReport/Poll` with that, by the same user,
  answers a `ReportRequestStatus`: `Pending`, `Success` or `Error`. An id lasts a day.
- `Success` has a `ReportDownloadUrl`, or none where there are no data. What is there is a zip of
  one CSV whose columns are those that were asked for. The address is signed and lasts for minutes:
  no token of ours goes there.
- The reporting service has a host of its own, beside that of campaign management.

Not verified against Microsoft, since no page that we could read shows the REST form: its paths, the
flat `Scope.AccountIds`, and which symbols its faults have. They are as several public clients use
them.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import Account
from processors.platforms.bearer import Bearer
from processors.platforms.http import Reply
from processors.platforms.microsoft_ads import answers
from processors.platforms.microsoft_ads.settings import MicrosoftAdsSettings
from processors.platforms.reading import ReadingSettings, Trouble, Unreadable
from processors.platforms.reports import Failed, Files, report, table

Row = Mapping[str, str]
_MOST_BYTES: Final = 512 * 1024 * 1024


class Reports:
    """Asks an account for reports."""

    def __init__(
        self, settings: MicrosoftAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._settings = settings
        self._reading = reading
        self._files = Files(reading, own=settings.reporting)
        self._bearer = Bearer(
            reading,
            token_url=settings.token_url,
            clock=clock,
            scope=settings.scope,
            ended=_is_ended,
        )

    async def rows(self, account: Account, request: Mapping[str, Any]) -> list[Row]:
        """The rows of a report, by column; `request` is its `ReportRequest`.

        Raises:
            Unreadable: for credentials or a request that is refused, a vendor that keeps failing or
                asks for a long pause, a report that fails or takes too long, a file that is cut
                off.
        """

        async def ask() -> str:
            told = await self._ask(account, "Submit", {"ReportRequest": request})
            found = told.get("ReportRequestId")
            if not isinstance(found, str) or not found:
                raise Unreadable("the answer has no ReportRequestId")
            return found

        async def look(promised: str) -> str | None:
            return await self._address(account, promised)

        made = report(account, request, ask=ask, look=look, reading=self._reading)
        async with made as url:
            if not url:
                return []
            text = await self._files.read(url, unzipped)
            return table(text, request["Columns"])

    async def close(self) -> None:
        """Close the connections."""
        await self._bearer.close()
        await self._files.close()

    async def _address(self, account: Account, promised: str) -> str | None:
        """Where the report is, empty for one without data; None while it is not there."""
        told = await self._ask(account, "Poll", {"ReportRequestId": promised})
        status = told.get("ReportRequestStatus")
        if not isinstance(status, dict):
            raise Unreadable("the answer has no status of the report")
        match status.get("Status"):
            case "Pending":
                return None
            case "Success":
                url = status.get("ReportDownloadUrl")
                return self._files.address(url) if url else ""
            case "Error":
                raise Failed("the report failed")
            case _:
                raise Unreadable("the answer has no status of the report")

    async def _ask(
        self, account: Account, operation: str, question: Mapping[str, Any]
    ) -> dict[str, Any]:
        url = f"{self._settings.reporting}/Reporting/{self._settings.version}"
        headers = {
            "DeveloperToken": account.secret("developer_token"),
            "CustomerId": account.secret("customer_id"),
            "CustomerAccountId": account.account_id,
        }
        found = await self._bearer.page(
            account,
            f"{url}/GenerateReport/{operation}",
            headers=headers,
            judge=trouble,
            body=orjson.dumps(question),
        )
        if not isinstance(found, dict):
            raise Unreadable("the answer is no object")
        return found


def trouble(reply: Reply) -> Trouble | None:
    """What an answer means, by Microsoft's own symbols."""
    found = answers.classify(reply, n=1)
    if isinstance(found, list):
        return None
    why = found.error or f"HTTP {reply.status}"
    match found.verdict:
        case "throttled":
            return Trouble(why, passes=True, pause_seconds=answers.pause_seconds(reply))
        case "retry" | "unknown":
            return Trouble(why, passes=True)
        case "reauth":
            return Trouble(f"{why}: the credentials or the account are refused")
        case _:
            return Trouble(f"{why}: the request is refused")


def unzipped(file: bytes) -> str:
    """The text of the one file in a zip.

    Raises:
        ValueError: when it is none, is cut off, or holds something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            (inside,) = archive.infolist()
            if inside.file_size > _MOST_BYTES:
                raise ValueError("the report is too large")
            return archive.read(inside).decode("utf-8-sig")
    except (zipfile.BadZipFile, EOFError, UnicodeDecodeError):
        raise ValueError("the report is no zip of a text, or is cut off") from None


def _is_ended(reply: Reply) -> bool:
    found = answers.classify(reply, n=1)
    said = "" if isinstance(found, list) else found.error or ""
    return reply.status == 401 or answers.EXPIRED in said
