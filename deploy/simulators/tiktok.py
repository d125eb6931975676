"""TikTok's Events API 1.3 for web pixels, and its report of what was spent.

The status is 200 for nearly all that goes wrong: `code` in the body tells, and its message names
the row. A request is taken or refused as a whole, but for 20001, a part of it.
"""

import json
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import tiktok_ads, tiktok_report
from deploy.simulators.authority import authority_of
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.rate import Rate
from deploy.simulators.spending import Book
from deploy.simulators.tiktok_ads import Shelves
from deploy.simulators.tiktok_rules import MAX_EVENTS, Refused, check

WINDOW_SECONDS: Final = 48 * 3_600.0
PER_SECOND: Final = 1_000


class TikTokRules:
    """`POST /open_api/v1.3/event/track/` and `GET` of the report and of ads, with their slashes."""

    paths: tuple[str, ...] = ("/open_api/v1.3/event/track/",)
    read_paths: tuple[str, ...] = (tiktok_report.PATH, *tiktok_ads.PATHS)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rate = Rate(seconds=1.0)
        self._per_second = PER_SECOND
        self._lost: set[str] = set()
        self._book = Book()
        self._shelves = Shelves()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("tiktok")

    def account(self, request: Request) -> str:
        """The token: the pixel stands in the body."""
        return request.headers.get("access-token", "")

    def report(self) -> dict[str, Any]:
        """What is still to get lost."""
        return {"to_be_lost": sorted(self._lost)}

    def told(self, given: dict[str, Any]) -> None:
        """`requests_per_second` of a token; `lost`: ids of events that are left out once, with the
        code of a part; `spend`, as `Book.told` takes it; `ads`, as `Shelves.told`; and what
        `Authority.told` takes.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "requests_per_second":
                    self._per_second = int(value)
                case "lost":
                    self._lost |= set(value)
                case "spend":
                    self._book.told(value)
                case "ads":
                    self._shelves.told(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """Code 0 and all events, 20001 and a part of them, or a refusal."""
        now = time.time()
        try:
            token = self._token(request)
            if not self._rate.allows(token, limit=self._per_second, now=now):
                raise Refused("Too many requests. Please retry in some time.", code=40100)
            if request.method == "GET":
                credential = self.authority.credential(token)
                if request.url.path in tiktok_ads.PATHS:
                    return _said(0, "OK", self._shelves.answer(request, credential))
                return _said(0, "OK", tiktok_report.report(request, self._book, credential))
            payload = _object(body)
            pixel = self._pixel(payload, token)
            events = payload.get("data")
            if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
                raise Refused(f"data: Length must be between 1 and {MAX_EVENTS}")
            for row, event in enumerate(events):
                check(event, source=payload["event_source"], row=row, now=now)
                if event.get("event_id") in self.refused_ids:
                    raise Refused(f"data.{row}.event: Not a valid event")
        except Refused as refused:
            self._ledger.note("refused")
            return _said(refused.code, str(refused))
        kept = [event for event in events if event.get("event_id") not in self._lost]
        self._lost -= {event.get("event_id") for event in events}
        receipts = [_receipt(pixel, event) for event in kept]
        self._ledger.take(receipts, at=now, window_seconds=WINDOW_SECONDS)
        return _said(0, "OK") if len(kept) == len(events) else _said(20001, "Partial success")

    def _token(self, request: Request) -> str:
        token = self.account(request)
        if not token:
            raise Refused("Access token is empty", code=40104)
        if not self.authority.lasts(token):
            raise Refused("Access token is incorrect or has been revoked", code=40105)
        return token

    def _pixel(self, payload: dict[str, Any], token: str) -> str:
        """The pixel, of which this must be the token; one that was not told has any."""
        if payload.get("event_source") not in ("web", "app", "offline", "crm"):
            raise Refused("event_source: Must be one of web, app, offline, crm")
        pixel = payload.get("event_source_id")
        if not isinstance(pixel, str) or not pixel:
            raise Refused("event_source_id: Missing data for required field")
        expected = self.accounts.get(pixel, token)
        if token != expected and token in self.accounts.values():
            raise Refused(f"No permission to operate pixel code {pixel}", code=40001)
        if token != expected:
            raise Refused("Access token is incorrect or has been revoked", code=40105)
        return pixel


RULES: Final = TikTokRules


def _object(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Refused("Invalid JSON", code=40000)
    return payload


def _said(code: int, message: str, data: dict[str, Any] | None = None) -> Response:
    number = f"{time.time_ns():032d}"
    return JSONResponse(
        {"code": code, "message": message, "request_id": number, "data": data or {}}
    )


def _receipt(pixel: str, event: dict[str, Any]) -> Receipt:
    properties = event.get("properties", {})
    event_id = event.get("event_id")
    # Without an id nothing tells two of them apart, so each counts.
    return Receipt(
        key=(pixel, event["event"], event_id or f"at {time.time_ns()}"),
        account=pixel,
        event_name=event["event"],
        id=event_id or "",
        value=properties.get("value"),
        currency=properties.get("currency"),
        payload=event,
    )
