"""Microsoft Advertising's reporting service: a report is asked for, polled, and downloaded as a zip
of a CSV.

Rows come by `/_sim/rows`: {"report": {"account": "180012345", "currency": "EUR", "polls": 1,
"campaign": [{"TimePeriod": "2026-09-01", "CampaignId": "1", "Spend": "12.30", ...}], "ad": [...]}};
a row told again for its day and ids restates it. `polls` is how often a report is `Pending` before
it is there; with `fails` it ends as `Error`, and with `cut_off` the file is half of itself. Symbols
of faults that the vendor's pages do not show are ours.
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.microsoft_ads_fault import Fault

ROOT: Final = "/Reporting/v13/GenerateReport"
SUBMIT, POLL = f"{ROOT}/Submit", f"{ROOT}/Poll"
DOWNLOAD: Final = "/ReportDownload/{report}"
_NUMBERS: Final = ("Impressions", "Clicks", "Spend", "ConversionsQualified", "Revenue")
_CAMPAIGN: Final = (
    "TimePeriod", "AccountId", "CurrencyCode", "CampaignId", "CampaignName", "CampaignType",
    "CampaignStatus", *_NUMBERS,
)  # fmt: skip
_AD: Final = (*_CAMPAIGN, "AdGroupId", "AdGroupName", "AdId", "AdTitle", "AdStatus")
TYPES: Final = {
    "CampaignPerformanceReportRequest": ("campaign", _CAMPAIGN),
    "AdPerformanceReportRequest": ("ad", _AD),
}
_KEYS: Final = {"campaign": ("TimePeriod", "CampaignId"), "ad": ("TimePeriod", "AdId")}
_FIELDS: Final = frozenset(
    {
        "Type", "ReportName", "Format", "FormatVersion", "ExcludeColumnHeaders", "Aggregation",
        "ExcludeReportHeader", "ExcludeReportFooter", "ReturnOnlyCompleteData", "Columns", "Scope",
        "Time", "Filter",
    }
)  # fmt: skip
Row = dict[str, Any]


@dataclass(slots=True)
class _Report:
    owner: str
    polls: int
    file: bytes | None


class Reports:
    """What accounts have, and the reports that were asked for."""

    def __init__(self) -> None:
        self._currencies: dict[str, str] = {}
        self._rows: dict[tuple[str, str], dict[tuple[str, ...], Row]] = {}
        self._reports: dict[str, _Report] = {}
        self._polls = 0
        self._troubles: set[str] = set()
        self.asked: list[Row] = []

    def told(self, given: dict[str, Any]) -> None:
        """Take rows of an account.

        Raises:
            KeyError: without the account, or a row without its ids.
            ValueError: for a currency or a column that is none.
        """
        account = given["account"]
        currency = given.get("currency", self._currencies.get(account, "USD"))
        if currency not in CURRENCIES:
            raise ValueError(f"{currency} is no currency")
        self._currencies[account] = currency
        self._polls = int(given.get("polls", self._polls))
        self._troubles = {name for name in ("fails", "cut_off") if given.get(name)}
        for level, columns in TYPES.values():
            rows = self._rows.setdefault((account, level), {})
            for row in given.get(level, []):
                if unknown := row.keys() - set(columns):
                    raise ValueError(f"{level} has no {', '.join(sorted(unknown))}")
                rows[tuple(str(row[name]) for name in _KEYS[level])] = row

    def submit(self, account: str, asked: Any) -> Row:
        """The id of a report that will be made.

        Raises:
            Fault: for a request that the vendor refuses.
        """
        level, columns, low, high = _checked(account, asked)
        self.asked.append(asked)
        rows = [
            row
            for row in self._rows.get((account, level), {}).values()
            if low <= row["TimePeriod"] <= high
        ]
        name = f"{len(self._reports) + 1:020d}"
        file = self._file(rows, columns, account) if rows else None
        self._reports[name] = _Report(account, self._polls, file)
        return {"ReportRequestId": name}

    def poll(self, account: str, asked: Any, *, base: str) -> Row:
        """How far a report is.

        Raises:
            Fault: for a report that is not the account's.
        """
        name = asked.get("ReportRequestId") if isinstance(asked, dict) else None
        found = self._reports.get(str(name))
        if found is None or found.owner != account:
            raise Fault("ReportingServiceInvalidReportId", code=2100)
        if found.polls > 0:
            found.polls -= 1
            return {"ReportRequestStatus": {"Status": "Pending", "ReportDownloadUrl": None}}
        if "fails" in self._troubles:
            return {"ReportRequestStatus": {"Status": "Error", "ReportDownloadUrl": None}}
        url = f"{base}{DOWNLOAD.format(report=name)}?sig=secret-1" if found.file else None
        return {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}}

    def file(self, report: str) -> bytes | None:
        """The zip."""
        found = self._reports.get(report)
        file = None if found is None else found.file
        return file[: len(file) // 2] if file and "cut_off" in self._troubles else file

    def _file(self, rows: list[Row], columns: list[str], account: str) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(columns)
        own = {"AccountId": account, "CurrencyCode": self._currencies[account]}
        for row in sorted(rows, key=lambda row: str(row["TimePeriod"])):
            shown = {**dict.fromkeys(_NUMBERS, "0"), **own, **row}
            writer.writerow([shown.get(name, "") for name in columns])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("report.csv", "\ufeff" + text.getvalue())
        return packed.getvalue()


def _checked(account: str, asked: Any) -> tuple[str, list[str], str, str]:
    """The level, the columns, the first and the last day."""
    request = asked.get("ReportRequest") if isinstance(asked, dict) else None
    if not isinstance(request, dict) or request.get("Type") not in TYPES:
        raise Fault("NullRequest", code=100)
    if request.keys() - _FIELDS:
        raise Fault("NullRequest", code=100)
    level, known = TYPES[request["Type"]]
    columns = request.get("Columns")
    if not isinstance(columns, list) or not columns or set(columns) - set(known):
        raise Fault("InvalidColumns")
    if not set(columns) & set(_NUMBERS) or not set(columns) - set(_NUMBERS):
        raise Fault("InvalidColumns")
    if request.get("Aggregation") != "Daily" or "TimePeriod" not in columns:
        raise Fault("InvalidAggregation")
    if request.get("Format") != "Csv" or request.get("FormatVersion") != "2.0":
        raise Fault("InvalidFormat")
    if not request.get("ExcludeReportHeader") or not request.get("ExcludeReportFooter"):
        raise Fault("InvalidFormat")
    scope = request.get("Scope")
    ids = scope.get("AccountIds") if isinstance(scope, dict) else None
    if not isinstance(ids, list) or not all(type(one) is int for one in ids):
        raise Fault("NullRequest", code=100)
    if [str(one) for one in ids] != [account]:
        raise Fault("UserIsNotAuthorized", code=106)
    low, high = (_day(request.get("Time"), name) for name in ("Start", "End"))
    if low > high:
        raise Fault("ReportingServiceEndDateBeforeStartDate", code=2011)
    return level, columns, low.isoformat(), high.isoformat()


def _day(time: Any, name: str) -> date:
    try:
        told = time[f"CustomDateRange{name}"]
        return date(told["Year"], told["Month"], told["Day"])
    except (KeyError, TypeError, ValueError):
        raise Fault(f"ReportingServiceInvalidCustomDateRange{name}") from None
