"""Klaviyo's Events API: single events and bulk jobs.

A request is taken as a whole with 202 and no body, or refused as a whole with a list of errors
whose pointers name the fields, in a bulk job with the number of the row. That form of the pointer
is inferred from JSON:API; the sheet shows single events only.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.authority import authority_of
from deploy.simulators.klaviyo_rules import MAX_BYTES, MAX_EVENTS, Fault, of, of_event, of_profile
from deploy.simulators.ledger import Ledger, Receipt

FOR_EVER: Final = 100 * 365 * 86_400.0
ONE: Final = "/api/events"
BULK: Final = "/api/event-bulk-create-jobs"
LIMITS: Final = {ONE: (350, 3_500), BULK: (10, 150)}
"""Requests a second and a minute."""
_ROWS: Final = "/data/attributes/events-bulk-create/data"
_REVISION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z0-9-]+)?")


class Refused(Exception):
    """Errors of one status, each a code, a detail and a pointer."""

    def __init__(self, status: int, code: str, *faults: Fault, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.faults = status, code, faults or (("", code),)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class KlaviyoRules:
    """`POST` of events and bulk jobs."""

    paths: tuple[str, ...] = (ONE, f"{ONE}/", BULK, f"{BULK}/")
    read_paths: tuple[str, ...] = ()

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: dict[tuple[str, str, int], int] = {}
        self._limits = dict(LIMITS)
        self._refused: dict[str, set[str]] = {name: set() for name in ("unscoped", "bad_phones")}
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("klaviyo")

    def account(self, request: Request) -> str:
        """The company of the key; of one that was not told, its key's digest."""
        secret = request.headers.get("authorization", "").rpartition(" ")[2]
        secret = self.authority.credential(secret)
        for company, key in self.accounts.items():
            if key == secret:
                return company
        return hashlib.sha256(secret.encode()).hexdigest()[:8]

    def report(self) -> dict[str, Any]:
        """How many access tokens were sold."""
        return {"tokens_sold": self.authority.sold}

    def told(self, given: dict[str, Any]) -> None:
        """`per_second`, `per_minute` of every path; keys and access tokens that are `unscoped`;
        `bad_phones` that are well formed and nobody's; and what `Authority.told` takes, of keys,
        too.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "per_second":
                    self._limits = {path: (value, m) for path, (_, m) in self._limits.items()}
                case "per_minute":
                    self._limits = {path: (s, value) for path, (s, _) in self._limits.items()}
                case "unscoped" | "bad_phones":
                    self._refused[name] |= set(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """202 and nothing, or the errors."""
        path = request.url.path.rstrip("/")
        try:
            return self._take(request, path, body)
        except Refused as refused:
            self._ledger.note("refused")
            return _errors(refused)

    def _take(self, request: Request, path: str, body: bytes) -> Response:
        self._authorise(request)
        account = self.account(request)
        headers = self._limit(account, path)
        _check_request(request, body)
        rows = list(_rows(path, body))
        now = datetime.now(UTC)
        faults = [
            (f"{where}{below}", why)
            for where, person, said, lone in rows
            for below, why in self._faults(person, said, lone=lone, now=now)
        ]
        if faults:
            raise Refused(400, "invalid", *faults)
        receipts = [_receipt(account, person, said) for _, person, said, _ in rows]
        self._ledger.take(receipts, at=time.time(), window_seconds=FOR_EVER)
        return Response(status_code=202, headers=headers)

    def _faults(
        self, person: dict[str, Any] | None, said: Any, *, lone: bool, now: datetime
    ) -> Iterator[Fault]:
        own, about = ("", "/profile/data/attributes")
        if not lone:
            own = "/events/data/0/attributes"
            yield from ((f"{about}{where}", why) for where, why in of_profile(person))
        yield from (
            (f"{own}{where}", why) for where, why in of_event(said, now=now, with_profile=lone)
        )
        if person and person.get("phone_number") in self._refused["bad_phones"]:
            yield f"{about}/phone_number", "Invalid phone number"
        if isinstance(said, dict) and said.get("unique_id") in self.refused_ids:
            yield f"{own}/properties", "This event cannot be processed"

    def _authorise(self, request: Request) -> None:
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind not in ("Klaviyo-API-Key", "Bearer") or not secret:
            raise Refused(401, "not_authenticated")
        known = not self.accounts or secret in self.accounts.values()
        if kind == "Bearer":
            known = self.authority.is_sold(secret)
        if not known or not self.authority.lasts(secret):
            raise Refused(401, "authentication_failed")
        if secret in self._refused["unscoped"]:
            raise Refused(403, "permission_denied")

    def _limit(self, account: str, path: str) -> dict[str, str]:
        """Two fixed windows; the headers tell of the minute's."""
        now = int(time.time())
        second, minute = (account, path, now), (account, path, -(now // 60))
        burst, steady = self._limits[path]
        self._asked = {key: n for key, n in self._asked.items() if abs(key[2]) in (now, now // 60)}
        if self._asked.get(minute, 0) >= steady:
            raise Refused(429, "throttled", Retry_After=str(60 - now % 60))
        if self._asked.get(second, 0) >= burst:
            raise Refused(429, "throttled", Retry_After="1")
        for window in (second, minute):
            self._asked[window] = self._asked.get(window, 0) + 1
        return {
            "RateLimit-Limit": str(steady),
            "RateLimit-Remaining": str(steady - self._asked[minute]),
            "RateLimit-Reset": str(60 - now % 60),
        }


RULES: Final = KlaviyoRules


def _check_request(request: Request, body: bytes) -> None:
    if not _REVISION.fullmatch(request.headers.get("revision", "")):
        raise Refused(400, "invalid", ("", "A revision header is required"))
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in ("application/vnd.api+json", "application/json"):
        raise Refused(415, "unsupported_media_type")
    if len(body) > MAX_BYTES:
        raise Refused(413, "payload_too_large")


Row = tuple[str, dict[str, Any] | None, Any, bool]
"""Pointer, the profile's attributes, the event's, and whether it came alone."""


def _rows(path: str, body: bytes) -> Iterator[Row]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if path == ONE:
        said = of(payload, "event")
        if said is None:
            raise Refused(400, "invalid", ("/data", "A resource of the type event is required"))
        yield "/data/attributes", of(said.get("profile"), "profile"), said, True
        return
    job = of(payload, "event-bulk-create-job") or {}
    jobs = job.get("events-bulk-create")
    rows = jobs.get("data") if isinstance(jobs, dict) else None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_EVENTS:
        raise Refused(400, "invalid", (_ROWS, f"Between 1 and {MAX_EVENTS} events are required"))
    for n, row in enumerate(rows):
        where = f"{_ROWS}/{n}/attributes"
        attributes = of({"data": row}, "event-bulk-create") or {}
        events = attributes.get("events")
        data = events.get("data") if isinstance(events, dict) else None
        one = data[0] if isinstance(data, list) and len(data) == 1 else None
        yield where, of(attributes.get("profile"), "profile"), of({"data": one}, "event"), False


def _errors(refused: Refused) -> Response:
    errors = [
        {
            "id": f"{time.time_ns():032x}",
            "status": refused.status,
            "code": refused.code,
            "title": "Invalid input." if refused.status == 400 else refused.code,
            "detail": detail,
            "source": {"pointer": pointer},
            "links": {},
            "meta": {},
        }
        for pointer, detail in refused.faults
    ]
    return JSONResponse({"errors": errors}, refused.status, headers=refused.headers)


def _receipt(account: str, person: dict[str, Any] | None, said: dict[str, Any]) -> Receipt:
    """One of the same id, profile and metric is one event; without an id the second counts."""
    who = next((str(v) for n in ("email", "phone_number", "external_id", "anonymous_id", "_kx")
                if (v := (person or {}).get(n))), "")  # fmt: skip
    name = said["metric"]["data"]["attributes"]["name"]
    event_id = said.get("unique_id") or str(said.get("time", int(time.time())))[:19]
    return Receipt(
        key=(account, who, name, event_id),
        account=account,
        event_name=name,
        id=event_id,
        value=said.get("value"),
        currency=said.get("value_currency"),
        payload={**said, "profile": person},
    )
