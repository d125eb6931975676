"""Google: the Data Manager API's `events:ingest`, the Google Ads API's uploads of click conversions
and of adjustments, and its `googleAds:search`.

The first takes or refuses a request as a whole and tells whoever asks for its status what it found
out later; the second says 200 and tells of each row.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import google_ads_ingest as ingest
from deploy.simulators import google_ads_uploads as uploads
from deploy.simulators.authority import authority_of
from deploy.simulators.google_ads_access import Access
from deploy.simulators.google_ads_book import Book
from deploy.simulators.google_ads_errors import (
    Refused,
    failure,
    ingestion,
    row_error,
    upload,
)
from deploy.simulators.google_ads_search import METHOD, Reports
from deploy.simulators.google_ads_status import Statuses
from deploy.simulators.google_ads_uploads import Wrong
from deploy.simulators.ledger import Ledger

INGEST: Final = "/v1/events:ingest"
STATUS: Final = "/v1/requestStatus:retrieve"
VERSIONS: Final = frozenset({"v24", "v25", "v26"})
LISTS: Final = {
    "uploadClickConversions": "conversions",
    "uploadConversionAdjustments": "conversionAdjustments",
}
_CUSTOMER: Final = re.compile(r"\d{10}")


class GoogleAdsRules:
    """Both APIs on one host."""

    paths: tuple[str, ...] = (
        INGEST,
        *(f"/{{version}}/customers/{{customer}}:{method}" for method in LISTS),
        f"/{{version}}/customers/{{customer}}/{METHOD}",
    )
    read_paths: tuple[str, ...] = (STATUS,)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._book = Book(ledger)
        self._barred: set[str] = set()
        self._unmatched: Counter[str] = Counter()
        self._statuses = Statuses()
        self._reports = Reports()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("google_ads")
        self._access = Access(self.authority)

    def account(self, request: Request) -> str:
        """The refresh token behind a request: the customer may stand in the body."""
        return self._access.owner(request)

    def report(self) -> dict[str, Any]:
        """What orders were adjusted to, why events that were taken do not count, and what was
        searched for."""
        return {
            "adjusted": self._book.adjustments(),
            "unmatched": dict(self._unmatched),
            "searches": self._reports.asked,
        }

    def told(self, given: dict[str, Any]) -> None:
        """`requests_per_minute` of a customer and the `wait_seconds` told; customers that are
        `barred` from uploads of click conversions; `late`, by transaction the reason for which it
        is refused once its request was taken; `processing_seconds` until that is told; what
        `Reports.told` takes, as `search`; and what `Authority.told` takes.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "requests_per_minute":
                    self._access.per_minute = int(value)
                case "wait_seconds":
                    self._access.wait_seconds = int(value)
                case "barred":
                    self._barred = set(value)
                case "late":
                    self._statuses.late = dict(value)
                case "processing_seconds":
                    self._statuses.processing_seconds = float(value)
                case "search":
                    self._reports.told(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """A request id, a result for each row, or a refusal."""
        path = request.url.path
        try:
            if path == INGEST:
                return self._ingest(request, body, now=time.time())
            if path == STATUS:
                return self._status(request, now=time.time())
            if path.endswith(METHOD):
                return self._search(request, body, now=time.time())
            return self._upload(request, body, now=time.time())
        except Refused as refused:
            self._ledger.note("refused")
            return JSONResponse(refused.body, refused.status)

    def _ingest(self, request: Request, body: bytes, *, now: float) -> Response:
        self._admit(request)
        told = _object(body, lambda: ingestion(400))
        ingest.check(told, now=now, refused=self.refused_ids.__contains__)
        for destination in told["destinations"]:
            customer = destination["operatingAccount"]["accountId"]
            if self.accounts.get(customer, owner := self._access.owner(request)) != owner:
                raise ingestion(403)
            if self._access.is_over(customer, now=now):
                raise ingestion(429, wait_seconds=self._access.wait_seconds)
        if told.get("validateOnly"):
            return JSONResponse({"requestId": self._statuses.unkept()})
        found = [
            (destination, [self._process(destination, event, now=now) for event in told["events"]])
            for destination in told["destinations"]
        ]
        owner = self._access.owner(request)
        return JSONResponse({"requestId": self._statuses.keep(found, owner=owner, now=now)})

    def _admit(self, request: Request) -> None:
        if code := self._access.trouble(request):
            expired = code == "OAUTH_TOKEN_EXPIRED"
            raise ingestion(401, reason="ACCESS_TOKEN_EXPIRED" if expired else "UNAUTHENTICATED")

    def _status(self, request: Request, *, now: float) -> Response:
        self._admit(request)
        asked = request.query_params.get("requestId", "")
        self._ledger.note("status_requests")
        return JSONResponse(self._statuses.told(asked, owner=self._access.owner(request), now=now))

    def _process(
        self, destination: dict[str, Any], event: dict[str, Any], *, now: float
    ) -> str | None:
        """Why Google refuses an event after its answer, or None: only the status tells."""
        customer = destination["operatingAccount"]["accountId"]
        action = destination["productDestinationId"]
        if (reason := self._refused_later(event)) is not None:
            self._unmatched[reason] += 1
            return reason
        clicks = event.get("adIdentifiers", {})
        at = datetime.fromisoformat(event["eventTimestamp"]).timestamp()
        name = event.get("transactionId") or f"{clicks} {event['eventTimestamp']}"
        worth = event.get("conversionValue"), event.get("currency")
        self._book.record((customer, action, name), at=at, now=now, row=event, worth=worth)
        return None

    def _refused_later(self, event: dict[str, Any]) -> str | None:
        if event.get("consent", {}).get("adUserData") == "CONSENT_DENIED":
            return "DENIED_CONSENT"
        clicks = event.get("adIdentifiers", {})
        for name in uploads.CLICKS:
            if name in clicks and not uploads.is_click(clicks[name]):
                return f"INVALID_{name.upper()}"
        return self._statuses.late.get(str(event.get("transactionId")))

    def _search(self, request: Request, body: bytes, *, now: float) -> Response:
        customer = request.path_params["customer"]
        self._let_in(request, customer, now=now)
        told = _object(body, lambda: upload(400, "requestError", "BAD_REQUEST"))
        through = request.headers.get("login-customer-id", customer)
        return self._reports.answer(customer, told, through=through, now=now)

    def _upload(self, request: Request, body: bytes, *, now: float) -> Response:
        customer, method = request.path_params["customer"], request.url.path.rpartition(":")[2]
        name = LISTS[method]
        told = self._admitted(request, customer, body, name=name, now=now)
        rows, is_checked = told[name], told.get("validateOnly", False)
        orders = Counter(str(row.get("orderId")) for row in rows if row.get("orderId"))
        results: list[dict[str, Any]] = []
        errors = []
        for place, row in enumerate(rows):
            try:
                if orders[str(row.get("orderId"))] > 1 and name == "conversions":
                    raise Wrong("conversionUploadError", "DUPLICATE_ORDER_ID", "order_id")
                self._row(customer, row, name=name, now=now, counts=not is_checked)
            except Wrong as wrong:
                errors.append(row_error(name, place, wrong.kind, wrong.code, wrong.field))
                results.append({})
            else:
                results.append({"conversionAction": row["conversionAction"]})
        answer: dict[str, Any] = {"jobId": "4294967297"}
        if not is_checked:
            answer["results"] = results
        if errors:
            answer["partialFailureError"] = {
                "code": 3,
                "message": "Multiple errors in 'details'.",
                "details": [failure(errors)],
            }
        return JSONResponse(answer)

    def _let_in(self, request: Request, customer: str, *, now: float) -> None:
        if request.path_params["version"] not in VERSIONS:
            raise upload(404, "requestError", "UNSUPPORTED_VERSION")
        if code := self._access.trouble(request):
            raise upload(401, "authenticationError", code)
        manager = request.headers.get("login-customer-id", customer)
        if not _CUSTOMER.fullmatch(customer) or not _CUSTOMER.fullmatch(manager):
            raise upload(400, "requestError", "INVALID_CUSTOMER_ID")
        owner = self._access.owner(request)
        if self.accounts.get(customer, owner) != owner:
            raise upload(403, "authorizationError", "USER_PERMISSION_DENIED")
        if self._access.is_over(customer, now=now):
            wait = self._access.wait_seconds
            raise upload(429, "quotaError", "RESOURCE_EXHAUSTED", wait_seconds=wait)

    def _admitted(
        self, request: Request, customer: str, body: bytes, *, name: str, now: float
    ) -> dict[str, Any]:
        self._let_in(request, customer, now=now)
        if name == "conversions" and customer in self._barred:
            code = "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"
            raise upload(403, "notAllowlistedError", code)
        told = _object(body, lambda: upload(400, "requestError", "BAD_REQUEST"))
        if told.get("partialFailure") is not True:
            raise upload(400, "requestError", "PARTIAL_FAILURE_MODE_REQUIRED")
        if told.keys() - {name, "partialFailure", "validateOnly", "jobId"}:
            raise upload(400, "requestError", "UNKNOWN_FIELD")
        rows = told.get(name)
        if not isinstance(rows, list) or not rows:
            raise upload(400, "requestError", "REQUIRED_FIELD_MISSING")
        if len(rows) > uploads.MAX_ROWS:
            raise upload(400, "conversionUploadError", "TOO_MANY_CONVERSIONS_IN_REQUEST")
        if any(not isinstance(row, dict) or row.keys() - uploads.FIELDS[name] for row in rows):
            raise upload(400, "requestError", "UNKNOWN_FIELD")
        return told

    def _row(
        self, customer: str, row: dict[str, Any], *, name: str, now: float, counts: bool
    ) -> None:
        action, order = uploads.action_of(row), uploads.order_of(row)
        if order in self.refused_ids:
            raise Wrong("conversionUploadError", "EVENT_NOT_FOUND", "order_id")
        key = (customer, action, order)
        if name == "conversionAdjustments":
            uploads.check_adjustment(row, now=now)
            if counts:
                at = uploads.seconds(row, "adjustmentDateTime", now=now)
                self._book.adjust(key, row, at=at, now=now)
            return
        uploads.check_conversion(row, now=now)
        at = uploads.seconds(row, "conversionDateTime", now=now)
        click = next((row[name] for name in uploads.CLICKS if row.get(name)), "")
        key = (customer, action, order or f"{click} {row['conversionDateTime']}")
        if self._book.knows(key):
            code = "ORDER_ID_ALREADY_IN_USE" if order else "CLICK_CONVERSION_ALREADY_EXISTS"
            raise Wrong("conversionUploadError", code, "order_id" if order else "gclid")
        if counts:
            worth = row.get("conversionValue"), row.get("currencyCode")
            self._book.record(key, at=at, now=now, row=row, worth=worth)


RULES: Final = GoogleAdsRules


def _object(body: bytes, refusal: Callable[[], Refused]) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise refusal()
    return told
