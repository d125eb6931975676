"""Snapchat's Conversions API 3 for web and offline events, and its Ads API, which tells what was
spent.

A request is taken or refused as a whole, and a refusal names the first event that it means. At
`validate` everything is checked and shown as test events, line by line, and nothing counts.
"""

import json
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import snapchat_stats
from deploy.simulators.authority import authority_of
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.rate import Rate
from deploy.simulators.snapchat_rules import MAX_EVENTS, check
from deploy.simulators.spending import Book

WINDOW_SECONDS: Final = 48 * 3_600.0
PER_SECOND: Final = {False: 1_000, True: 10}
"""Requests of a token that lasts, and of one that was bought."""


class Refused(Exception):
    """A refusal; `event` is the index of the one that it means."""

    def __init__(
        self, message: str, *, code: str = "E400", status: int = 400, event: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"status": "INVALID", "errors": _errors(code, message)}
        if event is not None:
            self.body["event"] = event


class SnapchatRules:
    """`POST /v3/{asset}/events`, with `/validate` after it for test events; `GET` of stats."""

    paths: tuple[str, ...] = (
        "/{version}/{asset}/events",
        "/{version}/{asset}/events/validate",
    )
    read_paths: tuple[str, ...] = snapchat_stats.PATHS

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rate = Rate(seconds=1.0)
        self._limit: int | None = None
        self._tested = 0
        self._book = Book()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("snapchat")

    def account(self, request: Request) -> str:
        """The pixel of the path, or the ad account, or its campaign."""
        return str(next(v for name, v in request.path_params.items() if name != "version"))

    def report(self) -> dict[str, Any]:
        """Test events and tokens."""
        return {"test_events": self._tested, "tokens_sold": self.authority.sold}

    def told(self, given: dict[str, Any]) -> None:
        """`requests_per_second` of a token, `spend`, as `Book.told` takes it, and what
        `Authority.told` takes.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            if name == "requests_per_second":
                self._limit = int(value)
            elif name == "spend":
                self._book.told(value)
            else:
                self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """VALID and all events, or INVALID and none; a question gets a page."""
        now = time.time()
        if request.method == "GET":
            return self._page(request, now)
        try:
            if request.path_params["version"] != "v3":
                raise Refused("No such version", code="E404", status=404)
            self._authorise(request, now)
            events = _events(body)
            if request.url.path.endswith("/validate"):
                return self._validated(events, now)
            for index, event in enumerate(events):
                if (wrong := self._wrong(event, now)) is not None:
                    raise Refused(wrong, event=index)
        except Refused as refused:
            self._ledger.note("refused")
            return JSONResponse(refused.body, refused.status)
        receipts = [_receipt(self.account(request), event) for event in events]
        self._ledger.take(receipts, at=now, window_seconds=WINDOW_SECONDS)
        return JSONResponse({"status": "VALID", "reason": "Events have been processed."})

    def _page(self, request: Request, now: float) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            if not self.authority.lasts(token):
                raise snapchat_stats.Refused("Unauthorized", status=401, code="E1001")
            if not self._allows(token, now):
                raise snapchat_stats.Refused("Too many requests", status=429, code="E1007")
            credential = self.authority.credential(token)
            return JSONResponse(snapchat_stats.answer(request, self._book, credential))
        except snapchat_stats.Refused as refused:
            self._ledger.note("refused")
            return JSONResponse(refused.body, refused.status)

    def _allows(self, token: str, now: float) -> bool:
        limit = PER_SECOND[self.authority.is_sold(token)] if self._limit is None else self._limit
        return self._rate.allows(token, limit=limit, now=now)

    def _wrong(self, event: Any, now: float) -> str | None:
        try:
            check(event, now=now)
        except ValueError as error:
            return str(error)
        refused = event.get("event_id") in self.refused_ids
        return "event_id: This event cannot be processed" if refused else None

    def _validated(self, events: list[Any], now: float) -> Response:
        lines = []
        for index, event in enumerate(events):
            wrong = self._wrong(event, now)
            errors = _errors("E400", wrong) if wrong else {"codes": [], "error_msgs": []}
            status = "INVALID" if wrong else "VALID"
            lines.append({"event": index, "status": status, "warnings": [], "errors": errors})
        self._tested += len(events)
        return JSONResponse({"status": "VALID", "test_event": True, "event_logs": lines})

    def _authorise(self, request: Request, now: float) -> None:
        token = request.query_params.get("access_token", "")
        if not self.authority.lasts(token):
            raise Refused("The access token is not valid", code="E401", status=401)
        expected = self.accounts.get(self.account(request))
        if expected is not None and self.authority.credential(token) != expected:
            raise Refused("No access to this asset", code="E403", status=403)
        if not self._allows(token, now):
            raise Refused("Too many requests", code="E429", status=429)


RULES: Final = SnapchatRules


def _events(body: bytes) -> list[Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    events = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Refused(f"data: between 1 and {MAX_EVENTS} events")
    return events


def _errors(code: str, message: str) -> dict[str, list[str]]:
    return {"codes": [code], "error_msgs": [message]}


def _receipt(asset: str, event: dict[str, Any]) -> Receipt:
    custom = event.get("custom_data", {})
    event_id = event.get("event_id")
    # The id alone tells, whatever the name; without one nothing does, so each counts.
    return Receipt(
        key=(asset, event_id or f"at {time.time_ns()}"),
        account=asset,
        event_name=event["event_name"],
        id=event_id or "",
        value=custom.get("value"),
        currency=custom.get("currency"),
        payload=event,
    )
