"""MNTN's reporting API: the columns of an advertiser, and custom reports of them by day.

Rows come by `/_sim/rows` as `deploy.simulators.spending` has it, whose token is the API key;
`requests_per_minute` of a key, and `most_days`, of which more are too large a report, come there,
too, and of exports: `polls`, how often one is not there yet, and `fails`.
"""

import csv
import io
import json
import time
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.ledger import Ledger
from deploy.simulators.rate import Rate
from deploy.simulators.spending import Advertiser, Book, Level, Row

META: Final = "/api/v1/reports/meta"
REPORTS: Final = "/api/v1/reports"
BATCH: Final = "/api/v1/reports/batch"
FILE: Final = "/exports/{batch}"
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 50
_COLUMNS: Final = {
    "Graph.Day": "date", "Graph.Spend": "spend", "Graph.Impressions": "impressions",
    "Graph.Visits": "clicks", "Graph.Conversions": "purchases", "Graph.OrderValue": "value",
    "CampaignInfo.ID": "campaign_id", "CampaignInfo.Name": "campaign", "AdInfo.ID": "ad_id",
    "AdInfo.Name": "ad",
}  # fmt: skip
_NUMBERS: Final = ("spend", "value")
_KNOWN: Final = frozenset(
    {
        "data", "sum", "filter", "begin", "end", "preset", "period", "limit", "offset", "sort",
        "includeToday", "formatData", "fullName", "allowNull",
    }
)  # fmt: skip


class Refused(Exception):
    """A problem as RFC 9457 has it."""

    def __init__(self, title: str, *, status: int = 400) -> None:
        super().__init__(title)
        self.status = status


class MntnRules:
    """Reports."""

    paths: tuple[str, ...] = (REPORTS, BATCH)
    read_paths: tuple[str, ...] = (META, f"{BATCH}/{{batch}}", FILE)
    authority: None = None

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._book = Book()
        self._rate = Rate(seconds=60.0)
        self._per_minute = 600
        self._most_days = 366
        self._polls = 0
        self._fails = False
        self._exports: list[tuple[str, int, str]] = []
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()

    def account(self, request: Request) -> str:
        """The advertiser."""
        return request.query_params.get("advertiserId", "")

    def report(self) -> dict[str, Any]:
        """How many exports were asked for."""
        return {"exports": len(self._exports)}

    def told(self, given: dict[str, Any]) -> None:
        """What this module's text names.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "spend":
                    self._book.told(value)
                case "requests_per_minute":
                    self._per_minute = int(value)
                case "most_days":
                    self._most_days = int(value)
                case "polls":
                    self._polls = int(value)
                case "fails":
                    self._fails = bool(value)
                case _:
                    raise KeyError(name)

    def answer(self, request: Request, body: bytes) -> Response:
        """Columns, or rows, or an export."""
        try:
            if request.url.path.startswith("/exports/"):
                return self._file(request)
            known = self._known(request)
            if request.url.path == META:
                return JSONResponse({"data": _meta()})
            if request.url.path == REPORTS:
                return JSONResponse({"data": self._rows(body, known)})
            if request.url.path == BATCH:
                return JSONResponse({"data": self._export(body, known, request)}, 202)
            return JSONResponse({"data": self._status(request)})
        except Refused as refused:
            self._ledger.note("refused")
            return _problem(refused, request)

    def _export(self, body: bytes, known: Advertiser, request: Request) -> Row:
        """A report of any size, as a CSV that is there later."""
        asked = _asked(body, "reportName")
        if not asked.get("fullName"):
            raise Refused("this simulator exports full names")
        low, high, level = _day(asked, "begin"), _day(asked, "end"), _level(asked["data"])
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(asked["data"])
        for row in known.of(low, high, level):
            values = (row.get(_COLUMNS[name]) for name in asked["data"])
            writer.writerow(["" if value is None else value for value in values])
        self._exports.append((self.account(request), self._polls, text.getvalue()))
        return {"batchId": len(self._exports), "status": "QUEUED"}

    def _status(self, request: Request) -> Row:
        batch = request.path_params["batch"]
        place = int(batch) - 1 if batch.isdecimal() else -1
        if not 0 <= place < len(self._exports) or self._exports[place][0] != self.account(request):
            raise Refused("Not Found", status=404)
        account, polls, text = self._exports[place]
        self._exports[place] = account, polls - 1, text
        if polls > 0:
            return {"batchId": int(batch), "status": "PROCESSING"}
        if self._fails:
            return {"batchId": int(batch), "status": "FAILED", "error": {"message": "secret-1"}}
        url = f"{str(request.base_url).rstrip('/')}{FILE.format(batch=batch)}?sig=secret-1"
        return {"batchId": int(batch), "status": "SUCCEEDED", "downloadUrl": url}

    def _file(self, request: Request) -> Response:
        """A signed address: whoever shows a key there has given it away."""
        if request.query_params.get("sig") != "secret-1" or "x-api-key" in request.headers:
            raise Refused("Forbidden", status=403)
        return Response(self._exports[int(request.path_params["batch"]) - 1][2])

    def _known(self, request: Request) -> Advertiser:
        key = request.headers.get("x-api-key", "")
        if key not in {known.token for known in self._book.accounts.values()}:
            raise Refused("Unauthorized", status=401)
        if not self._rate.allows(key, limit=self._per_minute, now=time.time()):
            raise Refused("Too Many Requests", status=429)
        known = self._book.accounts.get(self.account(request))
        if known is None or known.token != key:
            raise Refused("Forbidden", status=403)
        return known

    def _rows(self, body: bytes, known: Advertiser) -> dict[str, Any]:
        asked = _asked(body)
        columns = asked["data"]
        low, high = _day(asked, "begin"), _day(asked, "end")
        limit, offset = asked.get("limit", MOST_ROWS), asked.get("offset", 0)
        if low > high or not 1 <= limit <= MOST_ROWS or offset < 0:
            raise Refused("begin, end, limit or offset is out of range")
        if (high - low).days >= self._most_days:
            raise Refused("Content Too Large", status=413)
        level = _level(columns)
        full = asked.get("fullName", False)
        rows = [
            {name if full else name.split(".")[1]: _value(row, _COLUMNS[name]) for name in columns}
            for row in known.of(low, high, level)
        ][offset : offset + limit]
        # Nulls are left out where they are not allowed.
        shown = [{k: v for k, v in row.items() if v is not None} for row in rows]
        return {"report-name": "Custom", "begin": str(low), "end": str(high), "rows": shown}


RULES: Final = MntnRules


def _meta() -> dict[str, Any]:
    tables: dict[str, list[Row]] = {}
    for full in _COLUMNS:
        table, name = full.split(".")
        column = {"name": name, "friendly": name, "format": "string", "help": "", "hide": False}
        tables.setdefault(table, []).append(column)
    return {
        "tables": [
            {"table": table, "type": "graph", "friendly": table, "columns": columns}
            for table, columns in tables.items()
        ]
    }


def _level(columns: list[str]) -> Level:
    return "ad" if "AdInfo.ID" in columns else "campaign"


def _asked(body: bytes, *more: str) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or asked.keys() - {*_KNOWN, *more} or "data" not in asked:
        raise Refused("Bad Request")
    if asked.get("period", "DAYS") != "DAYS" or asked.get("formatData", True):
        raise Refused("only raw numbers of days are told here")
    columns = asked["data"]
    if not 1 <= len(columns) <= MOST_COLUMNS or set(columns) - _COLUMNS.keys():
        raise Refused("Unknown column")
    return asked


def _day(asked: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(asked.get(name)))
    except ValueError:
        raise Refused(f"{name} is no date") from None


def _value(row: Row, name: str) -> Any:
    value = row.get(name)
    return float(value) if name in _NUMBERS and value is not None else value


def _problem(refused: Refused, request: Request) -> Response:
    problem = {
        "type": "about:blank",
        "title": str(refused),
        "status": refused.status,
        "instance": request.url.path,
    }
    headers = {"retry-after": "60"} if refused.status == 429 else {}
    kind = "application/problem+json"
    return JSONResponse(problem, refused.status, headers=headers, media_type=kind)
