"""TikTok's synchronous report, `/report/integrated/get/`: arrays as JSON in the query, numbers as
text, a dash for what it does not know."""

import json
from datetime import date
from typing import Any, Final

from starlette.requests import Request

from deploy.simulators.spending import Book, Level, Row
from deploy.simulators.tiktok_rules import Refused

PATH: Final = "/open_api/v1.3/report/integrated/get/"
MOST_DAYS: Final = 30
MOST_ROWS: Final = 1_000
_LEVELS: Final[dict[str, Level]] = {"AUCTION_CAMPAIGN": "campaign", "AUCTION_AD": "ad"}
_METRICS: Final = {
    "spend": "spend", "impressions": "impressions", "clicks": "clicks", "reach": "reach",
    "frequency": "frequency", "video_play_actions": "video_views",
    "complete_payment": "purchases", "total_complete_payment_rate": "value",
    "campaign_name": "campaign",
}  # fmt: skip
_OF_ADS: Final = {
    "campaign_id": "campaign_id", "adgroup_id": "ad_group_id", "adgroup_name": "ad_group",
    "ad_name": "ad",
}  # fmt: skip


def report(request: Request, book: Book, credential: str) -> dict[str, Any]:
    """The data of a page.

    Raises:
        Refused: for a question that the vendor refuses.
    """
    asked = dict(request.query_params)
    advertiser = book.accounts.get(asked.get("advertiser_id", ""))
    if advertiser is None or advertiser.token != credential:
        raise Refused("No permission to operate advertiser", code=40001)
    level = _LEVELS.get(asked.get("data_level", ""))
    if asked.get("report_type") != "BASIC" or asked.get("service_type") != "AUCTION" or not level:
        raise Refused("report_type, service_type, data_level: Not a valid choice")
    if _list(asked, "dimensions") != [f"{level}_id", "stat_time_day"]:
        raise Refused("dimensions: Not valid for the data level")
    known = _METRICS | (_OF_ADS if level == "ad" else {})
    metrics = _list(asked, "metrics")
    if not metrics or set(metrics) - known.keys() - {"currency"}:
        raise Refused("metrics: Not a valid choice")
    low, high = _date(asked, "start_date"), _date(asked, "end_date")
    if low > high or (high - low).days >= MOST_DAYS:
        raise Refused(f"start_date, end_date: a range of {MOST_DAYS} days at most")
    page, size = _count(asked, "page", "1"), _count(asked, "page_size", "10")
    if size > MOST_ROWS:
        raise Refused(f"page_size: Must be between 1 and {MOST_ROWS}")
    rows = list(advertiser.of(low, high, level))
    told = {**known, "currency": "currency"}
    return {
        "list": [
            {
                "dimensions": {
                    f"{level}_id": row[f"{level}_id"],
                    "stat_time_day": f"{row['date']} 00:00:00",
                },
                "metrics": {
                    name: _text({**row, "currency": advertiser.currency}, told[name])
                    for name in metrics
                },
            }
            for row in rows[(page - 1) * size : page * size]
        ],
        "page_info": {
            "page": page,
            "page_size": size,
            "total_number": len(rows),
            "total_page": -(-len(rows) // size),
        },
    }


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "-" if value is None else str(value)


def _list(asked: dict[str, str], name: str) -> list[Any]:
    try:
        found = json.loads(asked.get(name, "null"))
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Refused(f"{name}: Not a valid list")
    return found


def _date(asked: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(asked.get(name, ""))
    except ValueError:
        raise Refused(f"{name}: Not a valid date") from None


def _count(asked: dict[str, str], name: str, usual: str) -> int:
    said = asked.get(name, usual)
    if not said.isdecimal() or int(said) < 1:
        raise Refused(f"{name}: Must be greater than or equal to 1")
    return int(said)
