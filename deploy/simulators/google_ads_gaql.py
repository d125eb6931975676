"""The part of Google's query language that the simulator reads, strictly: what it does not know, it
refuses by the vendor's code (google.ads.googleads QueryError, ChangeEventError)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from deploy.simulators.google_ads_errors import Refused, upload

_METRICS: Final = {
    "metrics.cost_micros": "int64",
    "metrics.impressions": "int64",
    "metrics.clicks": "int64",
    "metrics.conversions": "double",
    "metrics.conversions_value": "double",
}
_CAMPAIGN: Final = {
    "customer.id": "int64",
    "customer.currency_code": "text",
    "segments.date": "date",
    "campaign.id": "int64",
    "campaign.name": "text",
    "campaign.advertising_channel_type": "text",
    **_METRICS,
}
_CHANGE: Final = {
    **{
        f"change_event.{name}": "text"
        for name in (
            "resource_name", "change_date_time", "change_resource_type", "change_resource_name",
            "user_email", "client_type", "resource_change_operation", "changed_fields", "campaign",
            "ad_group",
        )
    },
    "change_event.old_resource": "message",
    "change_event.new_resource": "message",
}  # fmt: skip
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "campaign": _CAMPAIGN,
    "ad_group_ad": {
        **_CAMPAIGN,
        "ad_group.id": "int64",
        "ad_group.name": "text",
        "ad_group_ad.ad.id": "int64",
        "ad_group_ad.ad.name": "text",
        "ad_group_ad.status": "text",
        "ad_group_ad.ad.type": "text",
        "ad_group_ad.ad.image_ad.image_url": "text",
        "ad_group_ad.ad.expanded_text_ad.headline_part1": "text",
        "ad_group_ad.ad.expanded_text_ad.description": "text",
        **{
            f"ad_group_ad.ad.{name}": "message"
            for name in (
                "final_urls",
                "responsive_search_ad.headlines",
                "responsive_search_ad.descriptions",
                "responsive_display_ad.headlines",
                "responsive_display_ad.descriptions",
            )
        },
    },
    "change_event": _CHANGE,
    "customer_client": {
        "customer_client.id": "int64",
        "customer_client.manager": "bool",
        "customer_client.status": "text",
        "customer_client.level": "int64",
        "customer_client.descriptive_name": "text",
    },
    "recommendation": {
        "recommendation.resource_name": "text",
        "recommendation.type": "text",
        "recommendation.campaign": "text",
        "recommendation.ad_group": "text",
        "recommendation.dismissed": "bool",
        "recommendation.impact": "message",
    },
}
"""By resource: the fields that may be selected, and of what kind they are."""
_MOMENT: Final = "change_event.change_date_time"
_MOST_CHANGES: Final = 10_000
_CHANGES_FOR: Final = timedelta(days=30)

_QUERY: Final = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<resource>\w+)"
    r"(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w.]+)(?: (?P<way>ASC|DESC))?)?"
    r"(?: LIMIT (?P<limit>\S+))?"
)
_CONDITION: Final = re.compile(
    r"(?P<name>[\w.]+) (?:BETWEEN '(?P<low>[^']*)' AND '(?P<high>[^']*)'"
    r"|(?P<sign>=|!=|>=|<=) '(?P<value>[^']*)')(?: AND |$)"
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `low` and `high` bound `dated`, the resource's field of time."""

    fields: tuple[str, ...]
    resource: str
    dated: str
    low: str
    high: str
    order: str | None
    descends: bool
    limit: int | None
    texts: tuple[tuple[str, str, str], ...] = ()
    """Conditions on texts: a field, = or !=, a value."""

    def rows(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of these rows, by field, that answer it. A metric that is asked for makes a row of
        each day that has any; of rows without a day that is asked for, one subject is one row."""
        found = [row for row in told if self.low <= str(row.get(self.dated, "")) <= self.high]
        if self.resource == "ad_group_ad" and self.dated not in self.fields:
            found = list({row["ad_group_ad.ad.id"]: row for row in found}.values())
        elif any(name in FIELDS[self.resource] for name in _METRICS):
            found = [row for row in found if any(float(row.get(n, 0)) for n in _METRICS)]
        for name, sign, value in self.texts:
            found = [row for row in found if (row.get(name) == value) == (sign == "=")]
        if self.order:
            name = self.order
            found.sort(key=lambda row: str(row.get(name, "")), reverse=self.descends)
        return found[: self.limit]


def read(text: Any, *, now: float) -> Query:
    """A query.

    Raises:
        Refused: for what the vendor refuses, or what is not in this part of the language.
    """
    found = _QUERY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _wrong("UNEXPECTED_INPUT" if isinstance(text, str) else "EXPECTED_SELECT")
    resource = found["resource"]
    if resource not in FIELDS:
        raise _wrong("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")
    fields = tuple(name.strip() for name in found["fields"].split(","))
    for name in (*fields, *([found["order"]] if found["order"] else [])):
        if name not in FIELDS[resource]:
            known = any(name in others for others in FIELDS.values())
            raise _wrong(
                "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE" if known else "UNRECOGNIZED_FIELD"
            )
    dated = _MOMENT if resource == "change_event" else "segments.date"
    low, high, texts = _range(found["where"], resource, dated)
    limit = found["limit"]
    if limit is not None and not limit.isdigit():
        raise _wrong("BAD_LIMIT_VALUE")
    asked = Query(
        fields, resource, dated, low, high, found["order"], found["way"] == "DESC",
        int(limit) if limit else None, texts,
    )  # fmt: skip
    if resource == "change_event":
        _check_changes(asked, now=now)
    elif dated in fields and not (low and high < "~"):
        raise _wrong("EXPECTED_FILTERS_ON_DATE_RANGE")
    return asked


def _range(
    where: str | None, resource: str, dated: str
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    """The bounds of the time, the widest there are without any, and conditions on texts."""
    low, high, rest = "", "~", where or ""
    texts = []
    while rest:
        found = _CONDITION.match(rest)
        if found is None:
            raise _wrong("UNEXPECTED_INPUT")
        kind = FIELDS[resource].get(found["name"])
        if kind is None or (found["name"] != dated and kind != "text"):
            raise _wrong("PROHIBITED_FIELD_IN_WHERE_CLAUSE")
        if found["name"] != dated:
            if found["sign"] not in ("=", "!="):
                raise _wrong("OPERATOR_FIELD_MISMATCH")
            texts.append((found["name"], found["sign"], found["value"]))
        elif found["low"] is not None:
            low, high = found["low"], found["high"]
        else:
            low = found["value"] if found["sign"] in ("=", ">=") else low
            high = found["value"] if found["sign"] in ("=", "<=") else high
        rest = rest[found.end() :]
    for bound in (low, high):
        if bound not in ("", "~") and not _is_date(bound):
            raise _wrong("INVALID_DATE_FORMAT")
    if low > high:
        if dated == _MOMENT:
            raise _change("CHANGE_DATE_RANGE_NEGATIVE")
        raise _wrong("DATE_RANGE_TOO_NARROW")
    # A day in the place of a moment is its first.
    return low, high, tuple(texts)


def _check_changes(asked: Query, *, now: float) -> None:
    if not asked.low or asked.high == "~":
        raise _change("CHANGE_DATE_RANGE_INFINITE")
    oldest = (datetime.fromtimestamp(now, UTC) - _CHANGES_FOR).date()
    if date.fromisoformat(asked.low[:10]) < oldest:
        raise _change("START_DATE_TOO_OLD")
    if asked.limit is None:
        raise _change("LIMIT_NOT_SPECIFIED")
    if asked.limit > _MOST_CHANGES:
        raise _change("INVALID_LIMIT_CLAUSE")


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong(code: str) -> Refused:
    return upload(400, "queryError", code)


def _change(code: str) -> Refused:
    return upload(400, "changeEventError", code)
