"""Pinterest's analytics by day, and the lists without whose ids nothing is told: days of UTC, money
in millionths, columns without a value left out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request

from deploy.simulators.spending import Advertiser, Level, Row, micro, present

_ACCOUNT: Final = "/{version}/ad_accounts/{account}"
PATHS: Final = (
    _ACCOUNT,
    f"{_ACCOUNT}/campaigns",
    f"{_ACCOUNT}/ads",
    f"{_ACCOUNT}/campaigns/analytics",
    f"{_ACCOUNT}/ads/analytics",
)
MOST_IDS: Final = 250
MOST_DAYS: Final = 90
_LEVELS: Final[dict[str, Level]] = {"campaigns": "campaign", "ads": "ad"}


def answer(request: Request, known: Advertiser) -> Any:
    """A page of a list, rows of a report, or the account.

    Raises:
        ValueError: for a question that the vendor refuses, with what it says.
    """
    match request.url.path.split("/")[4:]:
        case [kind]:
            return _listed(request, known, _LEVELS[kind])
        case [kind, "analytics"]:
            return _rows(request, known, _LEVELS[kind])
        case _:
            return {"id": request.path_params["account"], "currency": known.currency}


def _listed(request: Request, known: Advertiser, level: Level) -> dict[str, Any]:
    asked = request.query_params
    size, start = asked.get("page_size", "25"), asked.get("bookmark", "b0")
    if not size.isdecimal() or not 1 <= int(size) <= MOST_IDS:
        raise ValueError("page_size is out of range")
    if not start.startswith("b"):
        raise ValueError("bookmark is none")
    statuses = asked.get("entity_statuses", "ACTIVE,PAUSED").split(",")
    rows = [
        _item(key, row, level)
        for key, row in known.subjects(level).items()
        if row.get("status", "ACTIVE") in statuses
    ]
    at, end = int(start[1:]), int(start[1:]) + int(size)
    return {"items": rows[at:end], "bookmark": f"b{end}" if end < len(rows) else None}


def _item(key: str, row: Row, level: Level) -> Row:
    if level == "campaign":
        item = {"id": key, "name": row.get("campaign"), "objective_type": "WEB_CONVERSION"}
    else:
        names = ("campaign_id", "ad_group_id")
        item = {"id": key, "name": row.get("ad"), **{name: row.get(name) for name in names}}
    return present(item)


def _rows(request: Request, known: Advertiser, level: Level) -> list[Row]:
    asked = request.query_params
    ids = list(filter(None, asked.get(f"{level}_ids", "").split(",")))
    if not 1 <= len(ids) <= MOST_IDS or not all(one.isdecimal() for one in ids):
        raise ValueError(f"between 1 and {MOST_IDS} ids are required")
    names = list(filter(None, asked.get("columns", "").split(",")))
    if asked.get("granularity") != "DAY" or not names or set(names) - columns({}).keys():
        raise ValueError("granularity and known columns are required")
    low, high = (date.fromisoformat(asked.get(edge, "")) for edge in ("start_date", "end_date"))
    today = datetime.now(UTC).date()
    if not today - timedelta(days=MOST_DAYS) <= low <= high <= low + timedelta(days=MOST_DAYS):
        raise ValueError(f"start_date cannot be more than {MOST_DAYS} days back")
    found = []
    for row in known.of(low, high, level):
        if row[f"{level}_id"] in ids:
            told = columns(row)
            named = {"DATE": row["date"], f"{level.upper()}_ID": row[f"{level}_id"]}
            found.append(named | present({name: told[name] for name in names}))
    return found


def columns(row: Row) -> Row:
    """A row's figures, by column."""
    (views, view_value), (clicks, click_value) = (
        row.get(side, (None, None)) for side in ("view", "click")
    )
    return {
        "SPEND_IN_MICRO_DOLLAR": micro(row.get("spend")),
        "PAID_IMPRESSION": row.get("impressions"),
        "CLICKTHROUGH_1": row.get("clicks"),
        "VIDEO_MRC_VIEWS_1": row.get("video_views"),
        "TOTAL_CHECKOUT": row.get("purchases"),
        "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR": micro(row.get("value")),
        "TOTAL_VIEW_CHECKOUT": views,
        "TOTAL_VIEW_CHECKOUT_VALUE_IN_MICRO_DOLLAR": micro(view_value),
        "TOTAL_CLICK_CHECKOUT": clicks,
        "TOTAL_CLICK_CHECKOUT_VALUE_IN_MICRO_DOLLAR": micro(click_value),
    }
