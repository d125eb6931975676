"""Pinterest's Conversions API 5, which tells what became of each event, its analytics and reports.

When not all are processed the answer is a 422 whose details have the lines, or whatever `partial`
was told to be: a 200 with the lines, or a 422 without them, since the vendor's description leaves
both open. An offline event is never taken for another.
"""

import json
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import pinterest_analytics, pinterest_reports
from deploy.simulators.authority import authority_of
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.pinterest_rules import MAX_EVENTS, check, failure
from deploy.simulators.rate import Rate
from deploy.simulators.spending import Book

WINDOW_SECONDS: Final = 48 * 3_600.0
PER_MINUTE: Final = 5_000
TESTED: Final = 20
PARTIAL: Final = ("422 with lines", "200 with lines", "422 without lines")
_NOT_ALL: Final = "Not all events were successfully processed."


class Refused(Exception):
    """A refusal of the whole, with Pinterest's code."""

    def __init__(self, message: str, *, code: int = 4196, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}


class PinterestRules:
    """`POST /v5/ad_accounts/{account}/events`, and `GET` of lists, analytics and reports."""

    paths: tuple[str, ...] = (
        "/{version}/ad_accounts/{account}/events",
        pinterest_reports.PATH,
    )
    read_paths: tuple[str, ...] = (
        *pinterest_analytics.PATHS,
        pinterest_reports.PATH,
        pinterest_reports.FILE,
    )

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rate = Rate(seconds=60.0)
        self._per_minute = PER_MINUTE
        self._partial = PARTIAL[0]
        self._tested = 0
        self._book = Book()
        self._reports = pinterest_reports.Reports()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("pinterest")

    def account(self, request: Request) -> str:
        """The ad account of the path."""
        return str(request.path_params["account"])

    def report(self) -> dict[str, Any]:
        """Test events, tokens and reports."""
        sold = self.authority.sold
        return {"test_events": self._tested, "tokens_sold": sold, "reports": self._reports.count}

    def told(self, given: dict[str, Any]) -> None:
        """`requests_per_minute` of an ad account, `partial`, `spend`, as `Book.told` takes it,
        `reports`, as `Reports.told`, and what `Authority.told` takes.

        Raises:
            KeyError: for anything else.
            ValueError: for a `partial` that is none.
        """
        for name, value in given.items():
            match name:
                case "requests_per_minute":
                    self._per_minute = int(value)
                case "partial":
                    self._partial = PARTIAL[PARTIAL.index(value)]
                case "spend":
                    self._book.told(value)
                case "reports":
                    self._reports.told(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """A line for each event, or a refusal of the whole."""
        now = time.time()
        if "token" in request.path_params:
            return self._file(request)
        headers = {"x-ratelimit-limit": str(self._per_minute), "x-ratelimit-reset": "1"}
        try:
            self._authorise(request)
            if not self._rate.allows(self.account(request), limit=self._per_minute, now=now):
                headers["x-ratelimit-remaining"] = "0"
                raise Refused("This request exceeded a rate limit.", code=8, status=429)
            if request.method == "GET" or request.url.path.endswith("/reports"):
                answer = self._page(request, body)
            else:
                answer = self._take(request, _events(body), now)
        except Refused as refused:
            self._ledger.note("refused")
            answer = JSONResponse(refused.body, refused.status)
        answer.headers.update(headers)
        return answer

    def _authorise(self, request: Request) -> None:
        if request.path_params["version"] != "v5":
            raise Refused("Not found", code=50, status=404)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not self.authority.lasts(token):
            raise Refused("Authentication failed.", code=2, status=401)
        expected = self.accounts.get(self.account(request))
        if expected is not None and self.authority.credential(token) != expected:
            raise Refused("You are not permitted to access that resource.", code=29, status=403)

    def _file(self, request: Request) -> Response:
        """A signed address: whoever shows a token there has given it away."""
        rows = self._reports.file(request.path_params["token"])
        if rows is None or "authorization" in request.headers:
            return Response(status_code=403)
        return JSONResponse(rows)

    def _page(self, request: Request, body: bytes) -> JSONResponse:
        known = self._book.accounts.get(self.account(request))
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if known is None or self.authority.credential(token) != known.token:
            raise Refused("You are not permitted to access that resource.", code=29, status=403)
        account = self.account(request)
        try:
            if request.method == "POST":
                asked = json.loads(body)
                columns = pinterest_analytics.columns
                return JSONResponse(self._reports.ask(account, asked, known, columns))
            if request.url.path.endswith("/reports"):
                promised = request.query_params.get("token", "")
                base = str(request.base_url).rstrip("/")
                return JSONResponse(self._reports.look(account, promised, base=base))
            return JSONResponse(pinterest_analytics.answer(request, known))
        except ValueError as error:
            raise Refused(f"Invalid request: {error}", code=1) from None

    def _take(self, request: Request, events: list[dict[str, Any]], now: float) -> JSONResponse:
        testing = request.query_params.get("test") == "true"
        seen = events[:TESTED] if testing else events
        failures = [self._failure(event, now) for event in seen]
        good = [event for event, wrong in zip(seen, failures, strict=True) if wrong is None]
        if testing:
            self._tested += len(good)
        else:
            receipts = [_receipt(self.account(request), event) for event in good]
            self._ledger.take(receipts, at=now, window_seconds=WINDOW_SECONDS)
        told = {
            "num_events_received": len(events),
            "num_events_processed": len(good),
            "events": [_line(wrong) for wrong in failures],
        }
        if len(good) == len(seen) or self._partial == "200 with lines":
            return JSONResponse(told)
        details = {} if self._partial == "422 without lines" else told
        return JSONResponse({"code": 4198, "message": _NOT_ALL, "details": details}, 422)

    def _failure(self, event: dict[str, Any], now: float) -> str | None:
        refused = event["event_id"] in self.refused_ids
        return "This event cannot be processed" if refused else failure(event, now=now)


RULES: Final = PinterestRules


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict) or payload.keys() != {"data"}:
        raise Refused("Invalid request: an object with data alone is required")
    events = payload["data"]
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Refused(f"Invalid request: between 1 and {MAX_EVENTS} events are required")
    try:
        for event in events:
            check(event)
    except ValueError as error:
        raise Refused(f"Invalid request: {error}") from None
    return events


def _line(wrong: str | None) -> dict[str, str]:
    status = "processed" if wrong is None else "failed"
    return {"status": status, "error_message": wrong or "", "warning_message": ""}


def _receipt(account: str, event: dict[str, Any]) -> Receipt:
    custom = event.get("custom_data", {})
    event_id = str(event["event_id"])
    moment = f"at {time.time_ns()}" if event["action_source"] == "offline" else ""
    return Receipt(
        key=(account, event["event_name"], event_id, moment),
        account=account,
        event_name=event["event_name"],
        id=event_id,
        value=float(custom["value"]) if "value" in custom else None,
        currency=custom.get("currency"),
        payload=event,
    )
