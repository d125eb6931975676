"""Google's `googleAds:search`: what campaigns and ads of a customer cost, what was changed in it,
and what Google recommends.

Rows come by `/_sim/rows`: {"search": {"customer": "1234567890", "currency": "EUR", "campaign":
[{"segments.date": "2026-09-01", "campaign.id": "1", "campaign.name": "spring",
"campaign.advertising_channel_type": "SEARCH", "metrics.cost_micros": 1230000, ...}],
"ad_group_ad": [...], "change_event": [...], "recommendation": [...]}}, with fields by their names
in a query; a row told again for its day and ids restates it, and metrics of nothing are no row.
`clients` of a customer make it a manager: {"id": "1234567891", "manager": false, "status":
"ENABLED"}, who are asked through it alone. `gone` has, by resource, the last parts of names that
are hidden from now on. `page_rows` says how many rows a page has, 10,000 as the vendor does unless
it is told.
"""

import base64
import hashlib
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.google_ads_errors import REQUEST_ID, upload
from deploy.simulators.google_ads_gaql import FIELDS, Query, read

METHOD: Final = "googleAds:search"
_KEYS: Final = {
    "campaign": ("segments.date", "campaign.id"),
    "ad_group_ad": ("segments.date", "ad_group_ad.ad.id"),
    "change_event": ("change_event.resource_name",),
    "recommendation": ("recommendation.resource_name",),
}
_NAMES: Final = {"campaign": "campaigns", "ad_group": "adGroups", "ad_group_ad": "adGroupAds"}
Row = dict[str, Any]


class Reports:
    """What customers have, and the queries that were asked."""

    def __init__(self) -> None:
        self._currencies: dict[str, str] = {}
        self._rows: dict[tuple[str, str], dict[tuple[str, ...], Row]] = {}
        self._page_rows = 10_000
        self._gone: dict[str, list[str]] = {}
        self._clients: dict[str, list[Row]] = {}
        self.asked: list[str] = []

    def told(self, given: dict[str, Any]) -> None:
        """Take rows of a customer, and its currency.

        Raises:
            KeyError: without the customer, or a row without its ids.
            ValueError: for a currency or a field that is none.
        """
        customer = given["customer"]
        self._gone = given.get("gone", self._gone)
        self._page_rows = int(given.get("page_rows", self._page_rows))
        currency = given.get("currency", self._currencies.get(customer, "USD"))
        if currency not in CURRENCIES:
            raise ValueError(f"{currency} is no currency")
        self._currencies[customer] = currency
        self._clients[customer] = given.get("clients", self._clients.get(customer, []))
        for resource, names in _KEYS.items():
            rows = self._rows.setdefault((customer, resource), {})
            for row in given.get(resource, []):
                if unknown := row.keys() - FIELDS[resource].keys():
                    raise ValueError(f"{resource} has no {', '.join(sorted(unknown))}")
                rows[tuple(str(row[name]) for name in names)] = row

    def answer(self, customer: str, body: dict[str, Any], *, through: str, now: float) -> Response:
        """A page; `through` is the manager whose right it is, or the customer itself.

        Raises:
            Refused: for a question that the vendor refuses.
        """
        if "pageSize" in body:
            raise upload(400, "requestError", "PAGE_SIZE_NOT_SUPPORTED")
        if body.keys() - {"query", "pageToken", "validateOnly", "searchSettings"}:
            raise upload(400, "requestError", "UNKNOWN_FIELD")
        asked = read(body.get("query"), now=now)
        self.asked.append(body["query"])
        if customer not in self._currencies:
            raise upload(403, "authorizationError", "CUSTOMER_NOT_ENABLED")
        managers = {m for m, of in self._clients.items() if customer in {c["id"] for c in of}}
        if managers and through not in managers:
            raise upload(403, "authorizationError", "USER_PERMISSION_DENIED")
        if self._clients[customer] and any(n.startswith("metrics.") for n in asked.fields):
            raise upload(400, "queryError", "REQUESTED_METRICS_FOR_MANAGER")
        gone = self._gone.get(asked.resource, [])
        told = self._rows_of(customer, asked.resource).items()
        rows = asked.rows([row for key, row in told if key[-1].rpartition("/")[2] not in gone])
        start = _place(body.get("pageToken"), body["query"])
        end = start + self._page_rows
        page: dict[str, Any] = {
            "results": [self._shown(row, asked, customer) for row in rows[start:end]],
            "fieldMask": ",".join(_path(name) for name in asked.fields),
            "requestId": REQUEST_ID,
        }
        if end < len(rows):
            page["nextPageToken"] = _token(end, body["query"])
        return JSONResponse(page)

    def _rows_of(self, customer: str, resource: str) -> dict[tuple[str, ...], Row]:
        if resource != "customer_client":
            return self._rows[customer, resource]
        below = self._clients[customer]
        own = {"id": customer, "manager": bool(below), "status": "ENABLED", "level": 0}
        return {
            (row["id"],): {f"customer_client.{name}": value for name, value in row.items()}
            for row in (own, *({"level": 1, **row} for row in below))
        }

    def _shown(self, row: Row, asked: Query, customer: str) -> Row:
        """The row with the fields that were asked for, each where the vendor puts it."""
        shown: Row = {}
        own = {"customer.currency_code": self._currencies[customer], "customer.id": customer}
        for name in asked.fields:
            value: Any = own.get(name, row.get(name))
            kind = FIELDS[asked.resource][name]
            if value is None and kind in ("int64", "double") and name.startswith("metrics."):
                value = 0
            if value is None:
                continue
            *path, last = _path(name).split(".")
            at = shown
            for part in path:
                at = at.setdefault(part, {})
            at[last] = (
                str(value) if kind == "int64" else float(value) if kind == "double" else value
            )
        for resource, plural in _NAMES.items():
            at = shown.get(_camel(resource), {})
            if "id" in at or "ad" in at:
                own_id = at.get("id") or at["ad"].get("id")
                at["resourceName"] = f"customers/{customer}/{plural}/{own_id}"
        return shown


def _path(name: str) -> str:
    return ".".join(_camel(part) for part in name.split("."))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _token(place: int, query: str) -> str:
    digest = hashlib.sha256(query.encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(f"{place} {digest}".encode()).decode()


def _place(token: Any, query: str) -> int:
    """Where a page begins; a token is of one query."""
    if token is None:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(str(token)).split()[0])
    except (IndexError, ValueError):
        raise upload(400, "requestError", "INVALID_PAGE_TOKEN") from None
    if _token(place, query) != token:
        raise upload(400, "requestError", "INVALID_PAGE_TOKEN")
    return place
