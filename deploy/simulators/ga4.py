"""GA4's Measurement Protocol: it says 204 to everything, and keeps what was wrong to itself."""

import json
import re
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.ledger import Ledger, Receipt

MAX_BYTES: Final = 130_000
MAX_EVENTS: Final = 25
MAX_PARAMS: Final = 25
MAX_ITEMS: Final = 200
MAX_VALUE: Final = 100
MAX_AGE_MICROS: Final = 72 * 3_600 * 1_000_000
AHEAD_MICROS: Final = 60 * 1_000_000
FOREVER: Final = float("inf")
KEPT_MESSAGES: Final = 200

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_CLIENT: Final = re.compile(r"\S{1,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PREFIXES: Final = ("_", "firebase_", "ga_", "google_", "gtag.")
_RESERVED: Final = frozenset(
    {
        "ad_activeview", "ad_click", "ad_exposure", "ad_impression", "ad_query", "adunit_exposure",
        "app_clear_data", "app_install", "app_remove", "app_store_refund",
        "app_store_subscription_cancel", "app_store_subscription_convert",
        "app_store_subscription_renew", "app_update", "error", "first_open", "first_visit",
        "in_app_purchase", "notification_dismiss", "notification_foreground", "notification_open",
        "notification_receive", "os_update", "screen_view", "session_start", "user_engagement",
    }
)  # fmt: skip

Message = dict[str, str]


class Ga4Rules:
    """`POST /mp/collect` and its debug twin."""

    paths: tuple[str, ...] = ("/mp/collect", "/debug/mp/collect")
    read_paths: tuple[str, ...] = ()

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._messages: list[Message] = []
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = None

    def account(self, request: Request) -> str:
        """The measurement id."""
        return request.query_params.get("measurement_id", "")

    def report(self) -> dict[str, Any]:
        """What validation would have said of the requests so far, the newest last."""
        return {"validation_messages": self._messages[-KEPT_MESSAGES:]}

    def told(self, _: dict[str, Any]) -> None:
        """Nothing is read here.

        Raises:
            ValueError: always.
        """
        raise ValueError("nothing is read from this platform")

    def answer(self, request: Request, body: bytes) -> Response:
        """204 whatever came; the debug route says what is wrong and records nothing."""
        payload, messages = _payload(body), []
        if payload is None:
            messages = [_message("VALUE_INVALID", "", "The body must be a JSON object")]
        else:
            messages = check(payload)
        if request.url.path.startswith("/debug/"):
            return JSONResponse({"validationMessages": messages})
        if len(body) > MAX_BYTES:
            self._ledger.note("too_large")
            return Response(status_code=413)
        if messages:
            self._ledger.note("dropped_invalid")
            self._messages += messages
        elif payload is not None and self._authorised(request):
            self._take(self.account(request), payload)
        return Response(status_code=204)

    def _authorised(self, request: Request) -> bool:
        """A wrong secret is answered like a right one, and the data is lost."""
        account, secret = self.account(request), request.query_params.get("api_secret", "")
        good = bool(account and secret) and self.accounts.get(account, secret) == secret
        if not good:
            self._ledger.note("dropped_unauthorised")
        return good

    def _take(self, account: str, payload: dict[str, Any]) -> None:
        now = time.time()
        micros = payload.get("timestamp_micros", round(now * 1_000_000))
        for index, event in enumerate(payload["events"]):
            if event.get("params", {}).get("event_id") in self.refused_ids:
                continue
            receipt, counts_once = _receipt(account, payload["client_id"], event, micros, index)
            # A purchase counts once for ever; any other event counts each time it comes.
            window = FOREVER if counts_once else -1.0
            self._ledger.take([receipt], at=now, window_seconds=window)


RULES: Final = Ga4Rules


def check(payload: dict[str, Any]) -> list[Message]:
    """Everything that is wrong with a request."""
    messages: list[Message] = []
    client, events = payload.get("client_id"), payload.get("events")
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        messages.append(_message("VALUE_REQUIRED", "client_id", "client_id is required"))
    for flag, value in (payload.get("consent") or {}).items():
        if value not in ("GRANTED", "DENIED"):
            messages.append(
                _message("VALUE_INVALID", f"consent.{flag}", "must be GRANTED or DENIED")
            )
    messages += _check_person(payload.get("user_data") or {})
    if not isinstance(events, list) or not events:
        messages.append(_message("VALUE_REQUIRED", "events", "events are required"))
        return messages
    if len(events) > MAX_EVENTS:
        messages.append(_message("EXCEEDED_MAX_ENTITIES", "events", f"more than {MAX_EVENTS}"))
    for index, event in enumerate(events):
        default = payload.get("timestamp_micros")
        messages += _check_event(event, default, where=f"events[{index}]")
    return messages


def _check_person(person: dict[str, Any]) -> list[Message]:
    messages = []
    for key in ("sha256_email_address", "sha256_phone_number"):
        values = person.get(key, [])
        for value in values if isinstance(values, list) else [values]:
            if not _SHA256.fullmatch(str(value)):
                messages.append(_message("VALUE_INVALID", f"user_data.{key}", "no SHA-256 hex"))
    return messages


def _check_event(event: Any, default_micros: Any, *, where: str) -> list[Message]:
    if not isinstance(event, dict):
        return [_message("VALUE_INVALID", where, "an event must be an object")]
    name, params = event.get("name"), event.get("params", {})
    messages = _check_time(event.get("timestamp_micros", default_micros), where=where)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith(_PREFIXES):
        messages.append(_message("NAME_INVALID", where, "the event has an invalid name"))
    elif name in _RESERVED:
        messages.append(_message("NAME_RESERVED", where, f"{name} is a reserved name"))
    if len(params) > MAX_PARAMS:
        messages.append(_message("EXCEEDED_MAX_ENTITIES", where, f"more than {MAX_PARAMS} params"))
    for key, value in params.items():
        messages += _check_param(key, value, where=f"{where}.params.{key}")
    if "value" in params and params.get("currency") not in CURRENCIES:
        messages.append(_message("VALUE_REQUIRED", f"{where}.params.currency", "goes with value"))
    if name == "purchase" and not params.get("transaction_id"):
        messages.append(
            _message("VALUE_REQUIRED", f"{where}.params.transaction_id", "a purchase needs one")
        )
    return messages


def _check_time(micros: Any, *, where: str) -> list[Message]:
    if micros is None:
        return []
    field = f"{where}.timestamp_micros"
    if not str(micros).isdigit():
        return [_message("VALUE_INVALID", field, "must be Unix microseconds")]
    now = time.time_ns() // 1_000
    if int(micros) < now - MAX_AGE_MICROS or int(micros) > now + AHEAD_MICROS:
        return [_message("VALUE_OUT_OF_BOUNDS", field, "must be within the last 72 hours")]
    return []


def _check_param(key: str, value: Any, *, where: str) -> list[Message]:
    messages = []
    if not _NAME.fullmatch(key) or key.startswith(_PREFIXES):
        messages.append(_message("NAME_INVALID", where, "the parameter has an invalid name"))
    if key == "items":
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            messages.append(_message("VALUE_INVALID", where, f"at most {MAX_ITEMS} items"))
        elif any(not (item.get("item_id") or item.get("item_name")) for item in value):
            messages.append(_message("VALUE_REQUIRED", where, "an item needs an id or a name"))
    elif value == "" or not isinstance(value, str | int | float):
        messages.append(_message("VALUE_INVALID", where, "must be a text or a number"))
    elif isinstance(value, str) and len(value) > MAX_VALUE:
        messages.append(_message("VALUE_OUT_OF_BOUNDS", where, f"over {MAX_VALUE} characters"))
    if key == "session_id" and not str(value).isdigit():
        messages.append(_message("VALUE_INVALID", where, "must be digits"))
    return messages


def _receipt(
    account: str, client: str, event: dict[str, Any], micros: Any, index: int
) -> tuple[Receipt, bool]:
    params = event.get("params", {})
    name, transaction = event["name"], params.get("transaction_id")
    counts_once = name == "purchase"
    own = str(event.get("timestamp_micros", micros))
    key = (account, client, name, str(transaction)) if counts_once else (
        account, client, name, str(params.get("event_id") or f"{own}/{index}")
    )  # fmt: skip
    receipt = Receipt(
        key=key,
        account=account,
        event_name=name,
        id=str(transaction if counts_once else params.get("event_id", "")),
        value=params.get("value"),
        currency=params.get("currency"),
        payload={"client_id": client, **event},
    )
    return receipt, counts_once


def _payload(body: bytes) -> dict[str, Any] | None:
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _message(code: str, field: str, description: str) -> Message:
    return {"fieldPath": field, "description": description, "validationCode": code}
