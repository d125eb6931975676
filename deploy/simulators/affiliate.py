"""Awin's transactions of an advertiser, as its network of affiliates tracks them.

Rows come by `/_sim/rows` as `deploy.simulators.spending` has it, whose token is a user's: a
campaign is a publisher, whose row is told as as many transactions as it has purchases, with the
row's `state` (`pending` unless it says so); a row with spend and without purchases is a bonus. A
row's `fee` is the network's. `requests_per_minute` of a user come there, too.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.ledger import Ledger
from deploy.simulators.rate import Rate
from deploy.simulators.spending import Advertiser, Book, Row

PATH: Final = "/advertisers/{advertiser}/transactions/"
MOST: Final = timedelta(days=31)
ZONES: Final = frozenset(
    {
        "UTC", "Europe/Berlin", "Europe/Paris", "Europe/London", "Europe/Dublin",
        *(f"{of}/{zone}" for of in ("Canada", "US")
          for zone in ("Eastern", "Central", "Mountain", "Pacific")),
    }
)  # fmt: skip
DATES: Final = frozenset({"transaction", "validation", "amendment"})
_KNOWN: Final = frozenset(
    {
        "startDate", "endDate", "timezone", "dateType", "status", "publisherId", "accessToken",
        "showBasketProducts",
    }
)  # fmt: skip
_CENT: Final = Decimal("0.01")


class Refused(Exception):
    """An error, with its status."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class AffiliateRules:
    """Transactions."""

    paths: tuple[str, ...] = ()
    read_paths: tuple[str, ...] = (PATH,)
    authority: None = None

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._book = Book()
        self._rate = Rate(seconds=60.0)
        self._per_minute = 20
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()

    def account(self, request: Request) -> str:
        """The advertiser."""
        return str(request.path_params["advertiser"])

    def report(self) -> dict[str, Any]:
        """Nothing."""
        return {}

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
                case _:
                    raise KeyError(name)

    def answer(self, request: Request, _body: bytes) -> Response:
        """All transactions of a range."""
        try:
            return JSONResponse(self._asked(request))
        except Refused as refused:
            self._ledger.note("refused")
            told = {"error": str(refused), "description": str(refused)}
            return JSONResponse(told, refused.status)

    def _asked(self, request: Request) -> list[Row]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if token not in {known.token for known in self._book.accounts.values()}:
            raise Refused("unauthorized", status=401)
        if not self._rate.allows(token, limit=self._per_minute, now=time.time()):
            raise Refused("too many requests", status=429)
        known = self._book.accounts.get(self.account(request))
        if known is None or known.token != token:
            raise Refused("no access to this account", status=403)
        asked = dict(request.query_params)
        if asked.keys() - _KNOWN or asked.get("dateType", "transaction") not in DATES:
            raise Refused("an unknown parameter")
        if asked.get("timezone", "UTC") not in ZONES:
            raise Refused("timezone is not supported")
        low, high = _moment(asked, "startDate"), _moment(asked, "endDate")
        if high < low or high - low > MOST:
            raise Refused("the maximum date range is 31 days")
        return list(_transactions(known, self.account(request), low, high))


RULES: Final = AffiliateRules


def _transactions(known: Advertiser, account: str, low: datetime, high: datetime) -> Iterator[Row]:
    for row in known.of(low.date(), high.date(), "campaign"):
        sales = row.get("purchases", 0)
        for number in range(max(sales, 1 if Decimal(row["spend"]) else 0)):
            yield {
                "id": f"{row['campaign_id']}{row['date'].replace('-', '')}{number}",
                "advertiserId": account,
                "publisherId": int(row["campaign_id"]),
                "siteName": row.get("campaign", ""),
                "commissionStatus": row.get("state", "pending"),
                "commissionAmount": _part(row, "spend", number, sales, known.currency),
                "saleAmount": _part(row, "value", number, sales, known.currency),
                "networkFee": _part(row, "fee", number, sales, known.currency),
                "transactionDate": f"{row['date']}T12:00:00",
                "type": "Commission group transaction" if sales else "Bonus",
            }


def _part(row: Row, name: str, number: int, sales: int, currency: str) -> Row | None:
    """A share in whole cents, the first of them with what is left over."""
    if name not in row:
        return None
    whole = Decimal(row[name])
    share = (whole / max(sales, 1)).quantize(_CENT, "ROUND_DOWN")
    part = share if number else whole - share * (max(sales, 1) - 1)
    return {"amount": float(part), "currency": currency}


def _moment(asked: dict[str, str], name: str) -> datetime:
    told = asked.get(name, "")
    try:
        if len(told) != len("2026-09-01T00:00:00"):
            raise ValueError
        return datetime.fromisoformat(told)
    except ValueError:
        raise Refused(f"{name} must be like 2026-09-01T00:00:00") from None
