"""Snapchat's Ads API, as far as it tells what was spent: an ad account, its lists of campaigns and
ads, and its stats by day, whose bounds are midnights of the account's own time zone."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

from deploy.simulators.spending import Advertiser, Book, Level, Row, days, micro, present

_ACCOUNT: Final = "/{version}/adaccounts/{account}"
PATHS: Final = (
    _ACCOUNT,
    f"{_ACCOUNT}/campaigns",
    f"{_ACCOUNT}/ads",
    f"{_ACCOUNT}/stats",
    "/{version}/campaigns/{campaign}/stats",
)
FIELDS: Final = {
    "spend": "spend", "impressions": "impressions", "swipes": "clicks",
    "conversion_purchases": "purchases", "conversion_purchases_value": "value",
}  # fmt: skip
MOST_DAYS: Final = 31
_MONEY: Final = ("spend", "conversion_purchases_value")


class Refused(Exception):
    """An error in the form of the Ads API."""

    def __init__(self, message: str, *, status: int = 400, code: str = "E1008") -> None:
        super().__init__(message)
        self.status = status
        self.body = {
            "request_status": "ERROR",
            "request_id": "0" * 24,
            "debug_message": message,
            "display_message": "We're sorry, but the request could not be served.",
            "error_code": code,
        }


def answer(request: Request, book: Book, credential: str) -> dict[str, Any]:
    """A page.

    Raises:
        Refused: for a question that the vendor refuses.
    """
    if request.path_params["version"] != "v1":
        raise Refused("No such version", status=404, code="E1003")
    name, known = _known(request, book)
    if known is None or known.token != credential:
        raise Refused("No access to this ad account", status=403, code="E2002")
    match request.url.path.split("/")[4:]:
        case []:
            about = {"id": name, "currency": known.currency, "timezone": known.zone}
            return _whole("adaccounts", [_part("adaccount", about)])
        case ["campaigns"]:
            rows = [
                {"id": key, "name": row.get("campaign")}
                for key, row in known.subjects("campaign").items()
            ]
            return _listed(request, "campaign", rows)
        case ["ads"]:
            rows = [
                {"id": key, "name": row.get("ad"), "ad_squad_id": row.get("ad_group_id")}
                for key, row in known.subjects("ad").items()
            ]
            return _listed(request, "ad", rows)
        case _:
            return _stats(request, name, known)


def _known(request: Request, book: Book) -> tuple[str, Advertiser | None]:
    own = request.path_params
    if "account" in own:
        return own["account"], book.accounts.get(own["account"])
    for known in book.accounts.values():
        if any(campaign == own["campaign"] for _, campaign, _ in known.rows):
            return own["campaign"], known
    return own["campaign"], None


def _listed(request: Request, row: str, rows: list[Row]) -> dict[str, Any]:
    limit, start = (request.query_params.get(name, "") for name in ("limit", "cursor"))
    if limit and not (limit.isdecimal() and 50 <= int(limit) <= 1_000):
        raise Refused("limit must be between 50 and 1000")
    size, at = int(limit or len(rows) or 1), int(start or "0")
    found = _whole(f"{row}s", [_part(row, present(one)) for one in rows[at : at + size]])
    if at + size < len(rows):
        link = request.url.include_query_params(cursor=at + size)
        found["paging"] = {"next_link": str(link)}
    return found


def _stats(request: Request, name: str, known: Advertiser) -> dict[str, Any]:
    asked, campaign = request.query_params, request.path_params.get("campaign")
    level: Level = "campaign" if campaign is None else "ad"
    if asked.get("granularity") != "DAY" or asked.get("breakdown") != level:
        raise Refused(f"only days broken down by {level} are told here")
    fields = asked.get("fields", "").split(",")
    if set(fields) - FIELDS.keys():
        raise Refused("fields has an unknown field")
    low, high = (_midnight(asked.get(edge, ""), known.zone) for edge in ("start_time", "end_time"))
    if not low < high <= low + timedelta(days=MOST_DAYS):
        raise Refused(f"a range of {MOST_DAYS} days at most")
    last = high - timedelta(days=1)
    rows = [r for r in known.of(low, last, level) if campaign in (None, r["campaign_id"])]
    by_subject: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_subject.setdefault(row[f"{level}_id"], {})[row["date"]] = row
    edges = {"start_time": _moment(low, known.zone), "end_time": _moment(high, known.zone)}
    about = {"granularity": "DAY", **edges}
    broken_down = [
        {
            "id": subject,
            "type": level.upper(),
            **about,
            "timeseries": [
                _point(own.get(str(day)), day, known, fields) for day in days(low, last)
            ],
        }
        for subject, own in by_subject.items()
    ]
    kind = "AD_ACCOUNT" if campaign is None else "CAMPAIGN"
    series = {"id": name, "type": kind, **about, "breakdown_stats": {level: broken_down}}
    return _whole("timeseries_stats", [_part("timeseries_stat", series)])


def _point(row: Row | None, day: date, known: Advertiser, fields: list[str]) -> Row:
    stats: Row = dict.fromkeys(fields, 0)
    if row is not None:
        told = {name: row.get(ours) for name, ours in FIELDS.items()}
        told |= {name: micro(told[name]) for name in _MONEY}
        stats = present({name: told[name] for name in fields})
    return {
        "start_time": _moment(day, known.zone),
        "end_time": _moment(day + timedelta(days=1), known.zone),
        "stats": stats,
    }


def _midnight(said: str, zone: str) -> date:
    """The day that begins then in the account's time zone."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise Refused("start_time and end_time must be moments") from None
    local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    if moment.tzinfo is None or (local.hour, local.minute, local.second) != (0, 0, 0):
        raise Refused("start_time and end_time must be midnights of the ad account's time zone")
    return local.date()


def _moment(day: date, zone: str) -> str:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.isoformat(timespec="milliseconds")


def _part(name: str, inside: Row) -> Row:
    return {"sub_request_status": "SUCCESS", name: inside}


def _whole(name: str, parts: list[Row]) -> dict[str, Any]:
    return {"request_status": "SUCCESS", "request_id": "0" * 24, name: parts}
