"""LinkedIn's Conversions API, and its ad analytics.

A batch is answered by the status of each element, and one wrong event has all of it refused, with
the places of those that are wrong. Two events of one id from a server both count here: LinkedIn
promises only to drop the one that its Insight Tag has told, too.
"""

import json
import time
from collections import deque
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import linkedin_analytics
from deploy.simulators.authority import authority_of
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.linkedin_rules import MAX_EVENTS, RULE, faults
from deploy.simulators.spending import Book

PER_MINUTE: Final = 600
VERSIONS: Final = frozenset(f"2026{month:02}" for month in range(1, 12))
"""Those that live: a version is retired about a year after it came."""


class Refused(Exception):
    """An error of the request as a whole."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.body: dict[str, Any] = {"status": status, "message": message}
        self.status = status
        if code is not None:
            self.body["code"] = code


class LinkedInRules:
    """`POST /rest/conversionEvents`, and `GET` of accounts, campaigns and analytics."""

    paths: tuple[str, ...] = ("/rest/conversionEvents",)
    read_paths: tuple[str, ...] = linkedin_analytics.PATHS

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: dict[str, deque[float]] = {}
        self._per_minute = PER_MINUTE
        self._rules: set[str] | None = None
        self._insight_tag: set[str] = set()
        self._book = Book()
        self._cap = linkedin_analytics.CAP
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("linkedin")

    def account(self, request: Request) -> str:
        """The access token; the rules that stand in the body are an account's."""
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def report(self) -> dict[str, Any]:
        """How many access tokens were sold."""
        return {"tokens_sold": self.authority.sold}

    def told(self, given: dict[str, Any]) -> None:
        """`requests_per_minute` of a token; `rules`: the only ids of rules whose method is
        CONVERSIONS_API; `insight_tag`: ids of events that the browser has told; `spend`, as
        `Book.told` takes it, and the `cap` of rows of a report; and what `Authority.told` takes.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "requests_per_minute":
                    self._per_minute = int(value)
                case "rules":
                    self._rules = set(map(str, value))
                case "insight_tag":
                    self._insight_tag |= set(value)
                case "spend":
                    self._book.told(value)
                case "cap":
                    self._cap = int(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """201 of each element, or a refusal of all."""
        now = time.time()
        try:
            token = self._token(request)
            self._limit(token, now)
            _check_headers(request)
            if request.method == "GET":
                return self._page(request, token)
            events = self._events(request, body)
            self._check(events, now_ms=round(now * 1000))
        except Refused as refused:
            self._ledger.note("refused")
            headers = {"retry-after": "60"} if refused.status == 429 else {}
            return JSONResponse(refused.body, refused.status, headers=headers)
        kept = [event for event in events if event.get("eventId") not in self._insight_tag]
        self._ledger.note("told_by_the_tag", len(events) - len(kept))
        self._ledger.take([_receipt(event) for event in kept], at=now, window_seconds=-1.0)
        if request.headers.get("x-restli-method") != "BATCH_CREATE":
            return Response(status_code=201)
        return JSONResponse({"elements": [{"status": 201} for _ in events]})

    def _page(self, request: Request, token: str) -> Response:
        credential = self.authority.credential(token)
        try:
            found = linkedin_analytics.answer(request, self._book, credential, cap=self._cap)
        except linkedin_analytics.Denied:
            raise Refused(403, "Not enough permissions to access", code="ACCESS_DENIED") from None
        except ValueError as error:
            raise Refused(400, str(error), code="ILLEGAL_ARGUMENT") from None
        return JSONResponse(found)

    def _token(self, request: Request) -> str:
        token, known = self.account(request), self.accounts.values()
        state = self.authority.state(token)
        if state == "revoked":
            text = "The token used in the request has been revoked by the user"
            raise Refused(401, text, code="REVOKED_ACCESS_TOKEN")
        if state == "expired":
            raise Refused(401, "The token has expired", code="EXPIRED_ACCESS_TOKEN")
        if not token or (state == "foreign" and known and token not in known):
            raise Refused(401, "Invalid access token", code="INVALID_ACCESS_TOKEN")
        return token

    def _limit(self, token: str, now: float) -> None:
        asked = self._asked.setdefault(token, deque())
        while asked and now - asked[0] >= 60:
            asked.popleft()
        if len(asked) >= self._per_minute:
            text = "Resource level throttle APPLICATION_AND_MEMBER limit for calls is reached"
            raise Refused(429, text, code="TOO_MANY_REQUESTS")
        asked.append(now)

    def _events(self, request: Request, body: bytes) -> list[Any]:
        try:
            payload = json.loads(body)
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            raise Refused(400, "Cannot parse the request entity")
        if request.headers.get("x-restli-method") != "BATCH_CREATE":
            return [payload]
        elements = payload.get("elements")
        if not isinstance(elements, list) or not 1 <= len(elements) <= MAX_EVENTS:
            raise Refused(400, f"elements: between 1 and {MAX_EVENTS} are allowed")
        return elements

    def _check(self, events: list[Any], *, now_ms: int) -> None:
        lines = [
            f"Index: {place}, ERROR :: {pointer} :: {wrong}"
            for place, event in enumerate(events)
            for pointer, wrong in faults(event, now_ms=now_ms)
        ]
        lines += [
            f"Index: {place}, ERROR :: /eventId :: is refused"
            for place, event in enumerate(events)
            if isinstance(event, dict) and event.get("eventId") in self.refused_ids
        ]
        if lines:
            raise Refused(422, "\n".join(lines) + "\n")
        foreign = [place for place, event in enumerate(events) if not self._knows(event)]
        if foreign:
            text = "Incorrect conversions information provided. Conversion's method should be "
            raise Refused(400, f"{text}CONVERSIONS_API, indices {foreign} (0-indexed)")

    def _knows(self, event: dict[str, Any]) -> bool:
        found = RULE.fullmatch(event["conversion"])
        return self._rules is None or (found is not None and found[1] in self._rules)


RULES: Final = LinkedInRules


def _check_headers(request: Request) -> None:
    version = request.headers.get("linkedin-version", "")
    if not version:
        raise Refused(400, "A version must be present", code="VERSION_MISSING")
    if version not in VERSIONS:
        text = f"Requested version {version} is not active"
        raise Refused(426, text, code="NONEXISTENT_VERSION")
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        raise Refused(400, "X-Restli-Protocol-Version must be 2.0.0")
    kind = request.headers.get("content-type", "")
    if request.method == "POST" and not kind.startswith("application/json"):
        raise Refused(415, "Content-Type must be application/json")


def _receipt(event: dict[str, Any]) -> Receipt:
    value = event.get("conversionValue") or {}
    event_id = event.get("eventId")
    return Receipt(
        key=(event["conversion"], event_id or f"at {time.time_ns()}"),
        account=event["conversion"],
        event_name=event["conversion"],
        id=event_id or "",
        value=float(value["amount"]) if value else None,
        currency=value.get("currencyCode"),
        payload=event,
    )
