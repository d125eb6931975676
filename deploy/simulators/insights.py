"""Meta's Insights: daily rows of campaigns and of ads, all numbers as strings, a cursor a page.

Rows come by `/_sim/rows`: {"account": "123", "token": T, "currency": "USD", "rows": [{"date":
"2026-09-01", "campaign_id": "1", "campaign_name": "spring", "spend": "12.30", "impressions": 90,
"clicks": 3, "reach": 60, "view": [2, "40.00"], "click": [1, "20.00"]}]}; a row told again for its
date and campaign restates it. `view` and `click` are purchases and their value, `video` is views of
videos. A row with "ad_id", "ad_name", "adset_id" and "adset_name" is an ad's. `ads` are all that
the account has, as `deploy.simulators.meta_ads` shows them, `most_ads` a page. More rows than
`most_rows` are refused, and told by a job alone, which `deploy.simulators.meta_jobs` describes.
"""

import base64
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators import meta_ads, meta_jobs
from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.refused import Refused, TooMuch

PATHS: Final = (
    "/{version}/{account}/insights",
    "/{account}/insights",
    meta_ads.PATH,
    meta_jobs.PATH,
)
POSTED: Final = ("/{version}/{account}/insights",)
FIELDS: Final = frozenset(
    {
        "spend", "impressions", "clicks", "reach", "frequency", "account_currency", "campaign_id",
        "campaign_name", "date_start", "date_stop", "actions", "action_values",
    }
)  # fmt: skip
FIELDS_OF_ADS: Final = frozenset({"adset_id", "adset_name", "ad_id", "ad_name"})
WINDOWS: Final = {"1d_view": "view", "7d_click": "click"}
# One purchase under each of them, as the vendor lists it.
PURCHASES: Final = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
MOST: Final = 1_000
KEPT_REQUESTS: Final = 500

_VERSION: Final = re.compile(r"v\d+\.\d+")


class Accounts:
    """Ad accounts, their rows, and the questions that were asked."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._currencies: dict[str, str] = {}
        self._rows: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}
        self._ads: dict[str, list[dict[str, Any]]] = {}
        self._asked: list[dict[str, Any]] = []
        self._most_rows = 1_000_000
        self._most_ads = meta_ads.MOST
        self.jobs = meta_jobs.Jobs()

    def told(self, given: dict[str, Any]) -> None:
        """Take rows of an account, and its token and currency.

        Raises:
            KeyError: without the account.
            ValueError: for a currency or a date that is none.
        """
        account = given["account"]
        self._most_rows = int(given.get("most_rows", self._most_rows))
        self._most_ads = int(given.get("most_ads", self._most_ads))
        self.jobs.told(given)
        currency = given.get("currency", self._currencies.get(account, "USD"))
        if currency not in CURRENCIES:
            raise ValueError(f"{currency} is no currency")
        self._currencies[account] = currency
        self._tokens[account] = given.get("token", self._tokens.get(account, ""))
        self._ads[account] = given.get("ads", self._ads.get(account, []))
        rows = self._rows.setdefault(account, {})
        for row in given.get("rows", []):
            day = date.fromisoformat(row["date"]).isoformat()
            rows[day, row["campaign_id"], row.get("ad_id", "")] = row

    def asked(self) -> list[dict[str, Any]]:
        """Questions so far, without the token; the newest last."""
        return self._asked[-KEPT_REQUESTS:]

    def answer(self, request: Request, body: bytes) -> Response:
        """A page, or how a job goes; a question that is posted starts one.

        Raises:
            Refused: for a question that the vendor refuses.
        """
        asked = dict(request.query_params)
        name = request.path_params.get("account", "")
        if run := request.path_params.get("run"):
            self._admit(request, self.jobs.account(run))
            return JSONResponse(self.jobs.status(run, asked.get("fields", "")))
        if request.url.path.endswith("/ads"):
            ads = meta_ads.shown(self._ads[self._account(request)], asked, most=self._most_ads)
            return JSONResponse(_page(ads, request, asked))
        if request.method == "POST":
            posted = _json(body.decode(), "the body")
            if not isinstance(posted, dict):
                raise Refused("the body must be an object")
            account = self._account(request)
            self._rows_of(account, posted)
            return JSONResponse(self.jobs.start(account, posted))
        if name.isdecimal():
            account = self.jobs.account(name)
            self._admit(request, account)
            rows = self._rows_of(account, self.jobs.found(name))
            return JSONResponse(_page(rows, request, asked))
        noted = {"account": name, **asked}
        noted.pop("access_token", None)
        self._asked.append(noted)
        if not _VERSION.fullmatch(request.path_params.get("version", "")):
            raise Refused("An unknown path", code=2500)
        rows = self._rows_of(self._account(request), asked)
        if len(rows) > self._most_rows:
            raise TooMuch
        return JSONResponse(_page(rows, request, asked))

    def _rows_of(self, account: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        fields = set(filter(None, asked.get("fields", "").split(",")))
        level = asked.get("level", "account")
        if level not in ("campaign", "ad") or asked.get("time_increment") != "1":
            raise Refused("this account tells days of campaigns and ads: level and time_increment")
        known = FIELDS | (FIELDS_OF_ADS if level == "ad" else set())
        if not fields or fields - known:
            raise Refused("fields must name known fields of the level")
        windows = _windows(asked)
        low, high = _range(asked)
        return [
            _shown(row, self._currencies[account], windows=windows, fields=fields)
            for (day, _, ad), row in sorted(self._rows[account].items())
            if low <= day <= high and Decimal(row["spend"]) > 0 and bool(ad) == (level == "ad")
        ]

    def _admit(self, request: Request, account: str) -> None:
        token = _token(request)
        if not token:
            raise Refused("An access token is required", code=104, status=401)
        if token != self._tokens[account]:
            raise Refused("Invalid OAuth access token", code=190, status=401)

    def _account(self, request: Request) -> str:
        account = str(request.path_params["account"]).removeprefix("act_")
        if not _token(request):
            raise Refused("An access token is required", code=104, status=401)
        if not request.path_params["account"].startswith("act_") or account not in self._rows:
            raise Refused("Object does not exist or no permission", subcode=33)
        self._admit(request, account)
        return account


def _token(request: Request) -> str:
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ").strip() or request.query_params.get("access_token", "")


def _windows(asked: dict[str, str]) -> list[str]:
    said = _json(asked.get("action_attribution_windows", "[]"), "action_attribution_windows")
    if not isinstance(said, list) or set(said) - WINDOWS.keys():
        raise Refused("action_attribution_windows must be a list of known windows")
    return said


def _range(asked: dict[str, str]) -> tuple[str, str]:
    """The first and the last date of `time_range`."""
    said = _json(asked.get("time_range", ""), "time_range")
    try:
        low, high = (date.fromisoformat(said[name]) for name in ("since", "until"))
    except (KeyError, TypeError, ValueError):
        raise Refused("time_range needs since and until like 2026-01-31") from None
    if low > high:
        raise Refused("time_range begins after its end")
    return low.isoformat(), high.isoformat()


def _shown(
    row: dict[str, Any], currency: str, *, windows: list[str], fields: set[str]
) -> dict[str, Any]:
    """The row with its numbers as strings; what is nothing is left out, as the vendor does."""
    reach, impressions = row.get("reach"), row.get("impressions", 0)
    shown: dict[str, Any] = {
        "spend": row["spend"],
        "impressions": str(impressions),
        "clicks": str(row.get("clicks", 0)),
        "account_currency": currency,
        "campaign_id": row["campaign_id"],
        "campaign_name": row["campaign_name"],
        "date_start": row["date"],
        "date_stop": row["date"],
        **{name: row[name] for name in FIELDS_OF_ADS if name in row},
    }
    if reach:
        shown |= {"reach": str(reach), "frequency": f"{impressions / reach:.6f}"}
    for name, place in (("actions", 0), ("action_values", 1)):
        entries = _actions(row, windows, place)
        if entries:
            shown[name] = entries
    return {name: value for name, value in shown.items() if name in fields}


def _actions(row: dict[str, Any], windows: list[str], place: int) -> list[dict[str, str]]:
    claimed = {w: str(row[WINDOWS[w]][place]) for w in windows if WINDOWS[w] in row}
    clicks = {"action_type": "link_click", "value": str(row.get("clicks", 0))}
    total = str(sum(map(Decimal, claimed.values())))
    video = {"action_type": "video_view", "value": str(row.get("video", 0))}
    return [
        *([] if place else [clicks]),
        *([video] if row.get("video") and not place else []),
        *({"action_type": kind, "value": total, **claimed} for kind in PURCHASES if claimed),
    ]


def _page(rows: list[dict[str, Any]], request: Request, asked: dict[str, str]) -> dict[str, Any]:
    said = asked.get("limit", "25")
    if not said.isdigit() or not 1 <= int(said) <= MOST:
        raise Refused("limit is out of range")
    start, limit = _place(asked.get("after")), int(said)
    page = rows[start : start + limit]
    if not page:
        return {"data": []}
    end = start + len(page)
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
    if end < len(rows):
        token = _token(request)
        paging["next"] = str(
            request.url.include_query_params(access_token=token, after=_cursor(end))
        )
    return {"data": page, "paging": paging}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"at {place}".encode()).decode()


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, place = base64.urlsafe_b64decode(cursor).decode().split()
        if word != "at":
            raise ValueError
        return int(place)
    except ValueError:
        raise Refused("after is no cursor") from None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(f"{name} must be JSON") from None
