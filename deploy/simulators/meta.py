"""Meta's Conversions API, where a request is taken or refused as a whole, and its Insights."""

import json
import re
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import dataset_quality
from deploy.simulators.authority import authority_of
from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.insights import PATHS, POSTED, Accounts
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.refused import Refused

DAY: Final = 86_400
WINDOW_SECONDS: Final = 48 * 3_600
MAX_AGE_SECONDS: Final = 7 * DAY
MAX_EVENTS: Final = 1_000
AHEAD_SECONDS: Final = 60

ACTION_SOURCES: Final = frozenset(
    {
        "website", "app", "email", "phone_call", "chat", "physical_store", "system_generated",
        "business_messaging", "other",
    }
)  # fmt: skip
HASHED: Final = ("em", "ph", "fn", "ln", "ct", "st", "zp", "country", "db", "ge")
WEAK: Final = (
    {"ct", "country", "st", "zp", "ge", "client_user_agent"},
    {"db", "client_user_agent"},
    {"fn", "ge"},
    {"ln", "ge"},
)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CLICK: Final = re.compile(r"fb\.[0-2]\.\d{13}\.[^.]+(\.[^.]+)?")
_CODE: Final = re.compile(r"[A-Za-z]{3}")


class MetaRules:
    """`POST /{version}/{pixel}/events`, and `GET` of Insights and of Dataset Quality."""

    paths: tuple[str, ...] = ("/{version}/{pixel}/events", "/{pixel}/events", *POSTED)
    read_paths: tuple[str, ...] = (*dataset_quality.PATHS, *PATHS)
    window_seconds: float = WINDOW_SECONDS

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._ad_accounts = Accounts()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("meta")

    def account(self, request: Request) -> str:
        """The pixel, or `act_` and the ad account."""
        own = request.path_params
        asked = request.query_params.get("dataset_id", "")
        return str(own.get("pixel") or own.get("account") or asked)

    def report(self) -> dict[str, Any]:
        """What Insights was asked, and how many jobs there were."""
        jobs = self._ad_accounts.jobs.count
        return {"requests_of_insights": self._ad_accounts.asked(), "jobs_of_insights": jobs}

    def told(self, given: dict[str, Any]) -> None:
        """Rows of Insights."""
        self._ad_accounts.told(given)

    def answer(self, request: Request, body: bytes) -> Response:
        """All events are accepted, or none; a question gets a page."""
        try:
            if request.url.path.endswith("/dataset_quality"):
                self._authorise(request, {})
                return dataset_quality.answer(request, self._ledger.accepted())
            if request.method == "GET" or request.url.path.endswith("/insights"):
                return self._ad_accounts.answer(request, body)
            return self._take(request, body)
        except Refused as refused:
            self._ledger.note("refused")
            return JSONResponse({"error": refused.error}, refused.status)

    def _take(self, request: Request, body: bytes) -> Response:
        if not re.fullmatch(r"v\d+\.\d+", request.path_params.get("version", "")):
            raise Refused("An unknown path", code=2500)
        payload = _object(body)
        self._authorise(request, payload)
        events = payload.get("data")
        if not isinstance(events, list) or not events:
            raise Refused("data must be a non-empty array")
        if len(events) > MAX_EVENTS:
            raise Refused(f"data has more than {MAX_EVENTS} events")
        now = time.time()
        for event in events:
            self.check(event, now=now)
            if event.get("event_id") in self.refused_ids:
                raise Refused("This event cannot be processed")
        account = self.account(request)
        receipts = [_receipt(account, event) for event in events]
        self._ledger.take(receipts, at=now, window_seconds=self.window_seconds)
        return JSONResponse(
            {
                "events_received": len(events),
                "messages": [m for event in events for m in _warnings(event)],
                "fbtrace_id": "A" + "0" * 22,
            }
        )

    def check(self, event: Any, *, now: float) -> None:
        """Every rule for one event.

        Raises:
            Refused: for the first rule that it breaks.
        """
        check(event, now=now)

    def _authorise(self, request: Request, payload: dict[str, Any]) -> None:
        header = request.headers.get("authorization", "")
        token = (
            header.removeprefix("Bearer ").strip()
            or request.query_params.get("access_token")
            or payload.get("access_token")
            or ""
        )
        expected = self.accounts.get(self.account(request))
        if not self.authority.lasts(token) or (expected is not None and token != expected):
            raise Refused("Invalid OAuth access token", code=190, status=401)


RULES: Final = MetaRules


def check(event: Any, *, now: float) -> None:
    """Every rule for one event.

    Raises:
        Refused: for the first rule that it breaks.
    """
    if not isinstance(event, dict):
        raise Refused("An event must be an object")
    if not isinstance(event.get("event_name"), str) or not event["event_name"]:
        raise Refused("event_name is required")
    _check_time(event.get("event_time"), event.get("action_source"), now=now)
    if event.get("action_source") not in ACTION_SOURCES:
        raise Refused("action_source is required and must be a known one")
    if not isinstance(event.get("event_id", ""), str):
        raise Refused("event_id must be a string")
    _check_person(event.get("user_data"))
    _check_custom(event)


def _check_time(moment: Any, source: Any, *, now: float) -> None:
    if not isinstance(moment, int) or isinstance(moment, bool):
        raise Refused("event_time must be an integer of Unix seconds")
    if moment > now + AHEAD_SECONDS:
        raise Refused("Event Timestamp In The Future")
    oldest = 62 * DAY if source == "physical_store" else MAX_AGE_SECONDS
    if moment < now - oldest:
        raise Refused("Event Timestamp Too Old", subcode=2804003)


def _check_person(person: Any) -> None:
    if not isinstance(person, dict):
        raise Refused("user_data is required")
    for key in HASHED:
        values = person.get(key, [])
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str) or not _SHA256.fullmatch(value):
                raise Refused(f"user_data.{key} must be SHA-256 in lower-case hex")
    for key in ("fbc", "fbp"):
        if key in person and not _CLICK.fullmatch(str(person[key])):
            raise Refused(f"user_data.{key} is malformed")
    for key, value in person.items():
        if value in (None, "", []):
            raise Refused(f"user_data.{key} is empty")
    if any(person.keys() <= weak for weak in WEAK):
        raise Refused("Too Little Customer Information", subcode=2804050)


def _check_custom(event: dict[str, Any]) -> None:
    custom = event.get("custom_data", {})
    if not isinstance(custom, dict):
        raise Refused("custom_data must be an object")
    if event["event_name"] == "Purchase":
        if "value" not in custom:
            raise Refused("Missing Value for Purchase Event", subcode=2804009)
        if "currency" not in custom:
            raise Refused("Missing Currency for Purchase Event")
    if "value" in custom and (
        not isinstance(custom["value"], int | float) or isinstance(custom["value"], bool)
    ):
        raise Refused("value must be a number")
    currency = custom.get("currency", "USD")
    if not _CODE.fullmatch(str(currency)) or str(currency).upper() not in CURRENCIES:
        raise Refused("currency must be an ISO 4217 code")
    for content in custom.get("contents", []):
        if not isinstance(content, dict) or not content.get("id"):
            raise Refused("contents need an id")


def _warnings(event: dict[str, Any]) -> list[str]:
    if event["action_source"] != "website":
        return []
    missing = [] if event["user_data"].get("client_user_agent") else ["client_user_agent"]
    missing += [] if event.get("event_source_url") else ["event_source_url"]
    return [f"{name} is recommended for website events" for name in missing]


def _receipt(account: str, event: dict[str, Any]) -> Receipt:
    custom = event.get("custom_data", {})
    name, event_id = event["event_name"], event.get("event_id")
    # Without an id nothing tells two of them apart, so each counts.
    key = (account, name, event_id or f"at {time.time_ns()}")
    return Receipt(
        key=key,
        account=account,
        event_name=name,
        id=event_id or "",
        value=custom.get("value"),
        currency=custom.get("currency"),
        payload=event,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Refused("The body must be a JSON object")
    return payload
