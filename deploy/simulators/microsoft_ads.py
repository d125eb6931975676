"""Microsoft Advertising's offline conversions and its reports, REST version 13.

A conversion has no id: it is its click id, its goal and its time, and of two that are equal in
these the first counts. Of hashes alone nothing is promised, so each counts here. An adjustment is
taken at once and applied later: whether it met a conversion shows in the report alone.
"""

import json
import time
from collections import deque
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.authority import authority_of
from deploy.simulators.ledger import Ledger, Receipt
from deploy.simulators.microsoft_ads_fault import Fault
from deploy.simulators.microsoft_ads_reports import DOWNLOAD, POLL, SUBMIT, Reports
from deploy.simulators.microsoft_ads_rules import FIELDS, MAX_ITEMS, symbols

ROOT: Final = "/CampaignManagement/v13"
FOREVER: Final = float("inf")
PER_MINUTE: Final = 600
"""The vendor's limits are not published; ours is a guess that tests change."""


class MicrosoftAdsRules:
    """Both operations on conversions, and the reporting service."""

    paths: tuple[str, ...] = (*(f"{ROOT}/{name}/Apply" for name in FIELDS), SUBMIT, POLL)
    read_paths: tuple[str, ...] = (DOWNLOAD,)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: dict[str, deque[float]] = {}
        self._per_minute = PER_MINUTE
        self._goals: dict[str, str] | None = None
        self._adjusted: list[dict[str, Any]] = []
        self._reports = Reports()
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = authority_of("microsoft_ads")

    def account(self, request: Request) -> str:
        """The ad account."""
        return request.headers.get("customeraccountid", "")

    def report(self) -> dict[str, Any]:
        """How many access tokens were sold, the adjustments that were taken, and the reports that
        were asked for."""
        return {
            "tokens_sold": self.authority.sold,
            "adjustments": self._adjusted,
            "reports": self._reports.asked,
        }

    def told(self, given: dict[str, Any]) -> None:
        """`goals`: the only ones there are, by name, and what they are: `good`, `recent` (made less
        than two hours ago) or `plain` (without enhanced conversions); `requests_per_minute` of an
        account; what `Reports.told` takes, as `report`; and what `Authority.told` takes.

        Raises:
            KeyError: for anything else.
        """
        for name, value in given.items():
            match name:
                case "goals":
                    self._goals = dict(value)
                case "requests_per_minute":
                    self._per_minute = int(value)
                case "report":
                    self._reports.told(value)
                case _:
                    self.authority.told(name, value)

    def answer(self, request: Request, body: bytes) -> Response:
        """Who failed, by place; the others are taken. Or how far a report is, or the report."""
        now = time.time()
        operation = request.url.path.split("/")[-2]
        if "report" in request.path_params:
            return self._download(request)
        try:
            self._admit(request, now)
            if request.url.path in (SUBMIT, POLL):
                return self._report(request, body)
            items = _items(body, operation)
        except Fault as fault:
            self._ledger.note("refused")
            return JSONResponse(fault.body, fault.status)
        errors = [
            {
                "Index": place,
                "Code": 0,
                "ErrorCode": symbol,
                "Message": "secret-1",
                "Type": "BatchError",
            }
            for place, item in enumerate(items)
            for symbol in self._wrong(item, operation=operation, now=now)
        ]
        failed = {error["Index"] for error in errors}
        taken = [item for place, item in enumerate(items) if place not in failed]
        if operation == "OfflineConversions":
            account = self.account(request)
            receipts = [_receipt(account, item) for item in taken]
            self._ledger.take(receipts, at=now, window_seconds=FOREVER)
        else:
            self._adjust(taken)
        return JSONResponse({"PartialErrors": errors})

    def _report(self, request: Request, body: bytes) -> Response:
        account, asked = self.account(request), _object(body)
        if request.url.path == SUBMIT:
            return JSONResponse(self._reports.submit(account, asked))
        base = str(request.base_url).rstrip("/")
        return JSONResponse(self._reports.poll(account, asked, base=base))

    def _download(self, request: Request) -> Response:
        """A signed address: whoever shows a token there has given it away."""
        file = self._reports.file(request.path_params["report"])
        if file is None or "authorization" in request.headers:
            return Response(status_code=403)
        return Response(file, media_type="application/zip")

    def _admit(self, request: Request, now: float) -> None:
        account = self.account(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        state = self.authority.state(token)
        if state == "expired":
            raise Fault("AuthenticationTokenExpired", code=109, status=401)
        if state != "good" or not request.headers.get("developertoken"):
            raise Fault("InvalidCredentials", code=105, status=401)
        if not account.isdigit() or not request.headers.get("customerid", "").isdigit():
            raise Fault("UserIsNotAuthorized", code=106)
        developer = request.headers["developertoken"]
        if developer != self.accounts.get(account, developer):
            raise Fault("UserIsNotAuthorized", code=106)
        asked = self._asked.setdefault(account, deque())
        while asked and now - asked[0] >= 60:
            asked.popleft()
        if len(asked) >= self._per_minute:
            raise Fault("CallRateExceeded", code=117, status=429)
        asked.append(now)

    def _wrong(self, item: Any, *, operation: str, now: float) -> list[str]:
        name = item.get("ConversionName") if isinstance(item, dict) else None
        kind = "good" if self._goals is None else self._goals.get(str(name))
        found = list(symbols(item, operation=operation, now=now, enhanced=kind != "plain"))
        if found:
            return found
        if kind is None:
            return ["OfflineConversionNameInvalid"]
        if kind == "recent":
            return ["OfflineConversionGoalTooRecent"]
        if item.get("MicrosoftClickId") in self.refused_ids:
            return ["ClickIdDateTimeOutsideGoalConversionWindow"]
        return []

    def _adjust(self, items: list[dict[str, Any]]) -> None:
        known = {(row.id, row.event_name) for row in self._ledger.accepted()}
        for item in items:
            met = (_name(item), item["ConversionName"]) in known
            self._adjusted.append({**item, "met": met})


RULES: Final = MicrosoftAdsRules


def _object(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Fault("NullRequest", code=100)
    return payload


def _items(body: bytes, operation: str) -> list[Any]:
    payload = _object(body)
    items = payload.get(operation)
    if not isinstance(items, list) or not items:
        raise Fault("OfflineConversionsNullOrEmpty")
    if len(items) > MAX_ITEMS:
        raise Fault("OfflineConversionBatchSizeExceedsLimit")
    if any(item.keys() - FIELDS[operation] for item in items if isinstance(item, dict)):
        raise Fault("InvalidRequest")
    return items


def _name(item: dict[str, Any]) -> str:
    """What a conversion is found by, in the place of the id that it lacks."""
    person = item.get("MicrosoftClickId") or item.get("HashedEmailAddress")
    return f"{person or item.get('HashedPhoneNumber')} {item['ConversionTime']}"


def _receipt(account: str, item: dict[str, Any]) -> Receipt:
    goal, alone = item["ConversionName"], f"at {time.time_ns()}"
    return Receipt(
        key=(account, goal, _name(item) + ("" if "MicrosoftClickId" in item else alone)),
        account=account,
        event_name=goal,
        id=_name(item),
        value=item.get("ConversionValue"),
        currency=item.get("ConversionCurrencyCode"),
        payload=item,
    )
