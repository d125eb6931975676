"""LinkedIn's ad analytics by day, which drops what is more than 15,000 rows without a word, and the
account and the campaigns that it tells of. Rest.li's structure must not be encoded in the query,
and its texts must be."""

import re
from datetime import date
from typing import Any, Final

from starlette.requests import Request

from deploy.simulators.spending import Advertiser, Book, Level, Row, present

PATHS: Final = (
    "/rest/adAccounts/{account}",
    "/rest/adAccounts/{account}/adCampaigns",
    "/rest/adAnalytics",
)
CAP: Final = 15_000
MOST_FIELDS: Final = 20
FIELDS: Final = frozenset(
    {
        "dateRange", "pivotValues", "costInLocalCurrency", "impressions", "clicks", "videoViews",
        "externalWebsiteConversions", "externalWebsitePostClickConversions",
        "externalWebsitePostViewConversions", "conversionValueInLocalCurrency",
    }
)  # fmt: skip
_FINDERS: Final[dict[str, Level]] = {
    "q=analytics&pivot=CAMPAIGN": "campaign",
    "q=statistics&pivots=List(CAMPAIGN,CREATIVE)": "ad",
}
_DAY: Final = r"\(year:(\d{4}),month:(\d{1,2}),day:(\d{1,2})\)"
_QUERY: Final = re.compile(
    r"(?P<finder>.*)&timeGranularity=DAILY"
    rf"&dateRange=\(start:{_DAY},end:{_DAY}\)"
    r"&accounts=List\(urn%3Ali%3AsponsoredAccount%3A(?P<account>\d+)\)"
    r"&fields=(?P<fields>[A-Za-z,]+)"
)


class Denied(Exception):
    """What may not be seen."""


def answer(request: Request, book: Book, credential: str, *, cap: int) -> dict[str, Any]:
    """The account, a page of its campaigns, or rows.

    Raises:
        Denied: for an account that is not the token's.
        ValueError: for a question that the vendor refuses, with what it says.
    """
    found = _QUERY.fullmatch(request.url.query)
    if request.url.path.endswith("/adAnalytics") and found is None:
        raise ValueError("Invalid query parameters passed to request")
    name = found["account"] if found else request.path_params["account"]
    known = book.accounts.get(name)
    if known is None or known.token != credential:
        raise Denied
    if found is None and request.url.path.endswith("/adCampaigns"):
        return _campaigns(request, known)
    if found is None:
        return {"id": int(name), "currency": known.currency, "status": "ACTIVE"}
    level = _FINDERS.get(found["finder"])
    fields = found["fields"].split(",")
    if level is None or len(fields) > MOST_FIELDS or set(fields) - FIELDS:
        raise ValueError("Invalid query parameters passed to request")
    low, high = (date(*map(int, found.groups()[at : at + 3])) for at in (1, 4))
    elements = [_element(row, level) for row in known.of(low, high, level)]
    return {
        "paging": {"start": 0, "count": 10, "links": []},
        "elements": [
            present({name: element[name] for name in fields}) for element in elements[:cap]
        ],
    }


def _campaigns(request: Request, known: Advertiser) -> dict[str, Any]:
    asked = request.query_params
    size, start = asked.get("pageSize", "100"), asked.get("pageToken", "0")
    if asked.get("q") != "search" or not size.isdecimal() or not 1 <= int(size) <= 1_000:
        raise ValueError("Invalid query parameters passed to request")
    rows = [
        present({"id": int(key), "name": row.get("campaign"), "type": "SPONSORED_UPDATES"})
        for key, row in known.subjects("campaign").items()
    ]
    at, end = int(start), int(start) + int(size)
    metadata = {"nextPageToken": str(end)} if end < len(rows) else {}
    return {"elements": rows[at:end], "metadata": metadata}


def _element(row: Row, level: Level) -> Row:
    year, month, day = map(int, row["date"].split("-"))
    told = {"year": year, "month": month, "day": day}
    pivots = [f"urn:li:sponsoredCampaign:{row['campaign_id']}"]
    if level == "ad":
        pivots.append(f"urn:li:sponsoredCreative:{row['ad_id']}")
    return {
        "dateRange": {"start": told, "end": dict(told)},
        "pivotValues": pivots,
        "costInLocalCurrency": row.get("spend"),
        "impressions": row.get("impressions"),
        "clicks": row.get("clicks"),
        "videoViews": row.get("video_views"),
        "externalWebsiteConversions": row.get("purchases"),
        "externalWebsitePostClickConversions": row.get("click", (None,))[0],
        "externalWebsitePostViewConversions": row.get("view", (None,))[0],
        "conversionValueInLocalCurrency": row.get("value"),
    }
