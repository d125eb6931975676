"""What MNTN tells of an advertiser's campaigns and ads: a custom report of its reporting API
(`POST /api/v1/reports`).

The columns are looked up in the advertiser's own list (`GET /api/v1/reports/meta`), since they
differ; without one for the day, the campaign or the spend nothing is read. A page that is full is
followed by another. Money is in the currency that the tenant says, US dollars where it says
nothing, since no report names one; days are those of the advertiser's time zone. TV has no clicks.
Views keep being attributed for weeks, so 30 days are read again.

From a public copy of MNTN's OpenAPI description (api-evangelist/mntn). Unverified: how MNTN spells
the columns of campaigns, ads and spend (any of a few names is taken), that with `fullName` a row's
keys are `Table.Column`, and that columns of `...Info` tables among `data` group the rows (so an
older guide to its reports has it), and that the columns of an export are called as the keys of a
row. What is too large for one answer (413) is exported as a CSV: `POST /api/v1/reports/batch`
answers a `batchId`, and `GET` of it, when it is `SUCCEEDED`, a signed address.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms import measures, reports
from processors.platforms.base import Account
from processors.platforms.http import Reply
from processors.platforms.measures import Row
from processors.platforms.mntn.settings import MntnSettings
from processors.platforms.reading import (
    Reader,
    ReadingSettings,
    TooLarge,
    Trouble,
    Unreadable,
    by_status,
)
from processors.platforms.spending import Figure, Level
from schemas.delivery import Platform

USUAL_CURRENCY: Final = "USD"
Columns = Mapping[str, str]
"""The names of columns by what they mean to us."""

_NAMES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "day": ("graph", ("day",)),
    "spend": ("graph", ("spend", "total spend", "media spend", "totalspend", "mediaspend")),
    "impressions": ("graph", ("impressions",)),
    "conversions": ("graph", ("conversions",)),
    "value": ("graph", ("ordervalue", "order value")),
    "campaign_id": ("campaigninfo", ("id", "campaignid", "campaign id")),
    "campaign": ("campaigninfo", ("name", "campaign name")),
    "ad_id": ("adinfo", ("id", "adid", "ad id")),
    "ad": ("adinfo", ("name", "ad name")),
}
"""The table, and how the column is called there in lower case."""
_NEEDED: Final[dict[Level, tuple[str, ...]]] = {
    "campaign": ("day", "spend", "campaign_id"),
    "ad": ("day", "spend", "campaign_id", "ad_id"),
}
_TOO_LARGE: Final = 413
_ACCEPTED: Final = 202
_BATCH: Final = "/batch"


class MntnSpend:
    """A reader of reports."""

    platform: ClassVar[str] = "mntn"
    connection: ClassVar[Platform | str] = "mntn"
    restated_days: ClassVar[int] = 30
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign", "ad")
    days_of_utc: ClassVar[bool] = False

    def __init__(self, settings: MntnSettings, reading: ReadingSettings) -> None:
        self._limit = settings.page_size
        self._base = settings.base_url.rstrip("/")
        self._url = f"{self._base}/api/v1/reports"
        self._reading = reading
        self._reader = Reader(reading)
        self._files = reports.Files(reading, own=settings.base_url)

    @classmethod
    def load(cls, reading: ReadingSettings, _: Clock) -> Self:
        """With the settings of the environment."""
        return cls(MntnSettings.load(), reading)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Pages of figures, as `spending.SpendReader` has it."""
        if not account.secret("api_key") or not account.account_id:
            raise Unreadable("needs mntn_api_key and mntn_advertiser_id")
        found = await self._told(account, "/meta")
        report = _Report(account, _columns(found, level), level)
        async for page in self._days(report, since, until):
            yield page

    async def _days(
        self, report: "_Report", since: date, until: date
    ) -> AsyncIterator[list[Figure]]:
        """Page by page; by an export where MNTN finds that too large."""
        offset = 0
        while True:
            body = report.body(since, until, limit=self._limit, offset=offset)
            try:
                found = await self._told(report.account, "", orjson.dumps(body))
            except TooLarge:
                break
            rows = measures.rows_of(found.get("rows"), "rows")
            yield report.figures(rows, since, until)
            if len(rows) < self._limit:
                return
            offset += len(rows)
        async for page in self._exported(report, since, until):
            yield page

    async def _exported(
        self, report: "_Report", since: date, until: date
    ) -> AsyncIterator[list[Figure]]:
        account, body = report.account, report.body(since, until)

        async def ask() -> str:
            found = await self._told(account, _BATCH, orjson.dumps(body))
            batch = found.get("batchId")
            if type(batch) is not int and not (isinstance(batch, str) and batch.isdecimal()):
                raise Unreadable("the answer has no batchId")
            return str(batch)

        async def look(batch: str) -> str | None:
            found = await self._told(account, f"{_BATCH}/{batch}")
            if found.get("status") == "FAILED":
                raise reports.Failed("the export failed")
            if found.get("status") != "SUCCEEDED":
                return None
            return self._files.address(found.get("downloadUrl"))

        question = {"advertiser": account.account_id, **body}
        made = reports.report(account, question, ask=ask, look=look, reading=self._reading)
        async with made as url:
            text = await self._files.read(url, bytes.decode)
            rows = reports.table(text.removeprefix("\ufeff"), list(report.columns.values()))
            for start in range(0, len(rows), self._limit):
                yield report.figures(rows[start : start + self._limit], since, until)

    async def _told(self, account: Account, path: str, body: bytes | None = None) -> dict[str, Any]:
        """The data of an answer."""
        _, found = await self._reader.page(
            self._url + path,
            headers={"x-api-key": account.secret("api_key")},
            params={"advertiserId": account.account_id},
            judge=_trouble,
            body=body,
        )
        data = found.get("data") if isinstance(found, dict) else None
        if not isinstance(data, dict):
            raise Unreadable("the answer has no data")
        return data

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()
        await self._files.close()


@dataclass(frozen=True, slots=True)
class _Report:
    """What is asked for of an advertiser."""

    account: Account
    columns: Columns
    level: Level

    def body(self, since: date, until: date, **page: int) -> dict[str, Any]:
        """A question for a `page` of it, in an order that no page changes, or for all."""
        order = [self.columns[name] for name in _NEEDED[self.level] if name != "spend"]
        return {
            "data": list(self.columns.values()),
            "begin": since.isoformat(),
            "end": until.isoformat(),
            "period": "DAYS",
            "sort": [f"{column} asc" for column in order],
            "includeToday": True,
            "formatData": False,
            "fullName": True,
            **page,
        }

    def figures(self, rows: Sequence[Row], since: date, until: date) -> list[Figure]:
        """What they say, without those that say nothing."""
        found = [self.figure(row, since, until) for row in rows]
        return [figure for figure in found if measures.says_something(figure)]

    def figure(self, row: Row, since: date, until: date) -> Figure:
        """What a row of it says."""
        told = {name: row.get(column) for name, column in self.columns.items()}
        return Figure(
            date=measures.day(told, "day", since=since, until=until),
            currency=self.account.secret("currency") or USUAL_CURRENCY,
            amount=measures.needed(measures.number(told, "spend"), self.columns["spend"]),
            campaign_id=measures.identity(told, "campaign_id"),
            campaign=measures.text(told, "campaign") or "",
            ad_id=measures.identity(told, "ad_id") if self.level == "ad" else None,
            ad=measures.text(told, "ad"),
            impressions=measures.count(told, "impressions"),
            conversions=measures.number(told, "conversions"),
            conversion_value=measures.number(told, "value"),
        )


def _trouble(reply: Reply) -> Trouble | None:
    if reply.status == _TOO_LARGE:
        return Trouble(f"{_TOO_LARGE}: the report is too large", too_large=True)
    return None if reply.status == _ACCEPTED else by_status(reply)


def _columns(meta: Mapping[str, Any], level: Level) -> Columns:
    """The columns that the advertiser has, by what they mean."""
    known: dict[tuple[str, str], str] = {}
    for table in measures.rows_of(meta.get("tables"), "tables"):
        of = measures.text(table, "table") or ""
        for column in measures.rows_of(table.get("columns"), "columns"):
            name = measures.text(column, "name") or ""
            for said in (name, measures.text(column, "friendly") or ""):
                known.setdefault((of.lower(), said.lower()), f"{of}.{name}")
    wanted = {
        name: at for name, at in _NAMES.items() if level == "ad" or name not in ("ad_id", "ad")
    }
    found = {
        name: next((known[table, word] for word in words if (table, word) in known), None)
        for name, (table, words) in wanted.items()
    }
    missing = [name for name in _NEEDED[level] if found[name] is None]
    if missing:
        raise Unreadable(f"the advertiser's reports have no column of {', '.join(missing)}")
    return {name: column for name, column in found.items() if column is not None}
