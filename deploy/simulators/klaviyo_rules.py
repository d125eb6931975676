"""What Klaviyo wants of an event and its profile: fields, units, and that nothing is hashed.

Each fault is a JSON pointer below the event's or the profile's attributes, and a detail.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_EVENTS: Final = 1_000
MAX_BYTES: Final = 5_000_000
MAX_PROPERTIES: Final = 400
MAX_TEXT: Final = 100_000
MAX_NAME: Final = 127
EVENT_FIELDS: Final = frozenset(
    {
        "properties", "time", "value", "value_currency", "unique_id", "backfill", "metric",
        "profile",
    }
)  # fmt: skip
IDS: Final = ("id", "email", "phone_number", "external_id", "anonymous_id", "_kx")
TEXTS: Final = (*IDS, "first_name", "last_name", "organization", "title", "image", "locale")
PLACES: Final = frozenset(
    {
        "address1", "address2", "city", "country", "latitude", "longitude", "region", "zip",
        "timezone", "ip",
    }
)  # fmt: skip
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)

Fault = tuple[str, str]


def of_event(said: Any, *, now: datetime, with_profile: bool) -> Iterator[Fault]:
    """Every fault of an event's attributes; in a bulk job the profile stands elsewhere."""
    if not isinstance(said, dict):
        yield "", "attributes must be an object"
        return
    for name in said.keys() - EVENT_FIELDS:
        yield f"/{name}", f"{name} is not a valid field for the resource event"
    yield from _properties(said.get("properties"))
    metric = of(said.get("metric"), "metric")
    name = metric.get("name") if metric is not None else None
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME:
        yield "/metric/data/attributes/name", "A metric needs a name of less than 128 characters"
    if "time" in said:
        yield from _time(said["time"], now=now)
    if "value" in said and (isinstance(said["value"], bool) or not _is_number(said["value"])):
        yield "/value", "value must be a number"
    if said.get("value_currency", "USD") not in CURRENCIES:
        yield "/value_currency", "value_currency must be an ISO 4217 code"
    if not isinstance(said.get("unique_id", "x"), str) or not said.get("unique_id", "x"):
        yield "/unique_id", "unique_id must be a text"
    if not isinstance(said.get("backfill", False), bool):
        yield "/backfill", "backfill must be a boolean"
    if with_profile:
        yield from (
            (f"/profile/data/attributes{where}", why)
            for where, why in of_profile(of(said.get("profile"), "profile"))
        )


def of_profile(said: dict[str, Any] | None) -> Iterator[Fault]:
    """Every fault of a profile's attributes."""
    if said is None or not any(said.get(name) for name in IDS):
        yield "", f"One of {', '.join(IDS)} is required"
        return
    for name in said.keys() - {*TEXTS, "location", "properties"}:
        yield f"/{name}", f"{name} is not a valid field for the resource profile"
    for name in TEXTS:
        if name in said and (not isinstance(said[name], str) or not said[name]):
            yield f"/{name}", f"{name} must be a text"
    if "email" in said and not _EMAIL.fullmatch(str(said["email"])):
        yield "/email", "Invalid email address"
    if "phone_number" in said and not _E164.fullmatch(str(said["phone_number"])):
        yield "/phone_number", "Invalid phone number format"
    place = said.get("location", {})
    if not isinstance(place, dict) or not place.keys() <= PLACES:
        yield "/location", "location is malformed"


def of(relation: Any, kind: str) -> dict[str, Any] | None:
    """The attributes of a related resource of this kind; None when it is none."""
    data = relation.get("data") if isinstance(relation, dict) else None
    if not isinstance(data, dict) or data.get("type") != kind:
        return None
    attributes = data.get("attributes")
    return attributes if isinstance(attributes, dict) else None


def _properties(said: Any) -> Iterator[Fault]:
    if not isinstance(said, dict):
        yield "/properties", "properties is a required field"
        return
    if len(said) > MAX_PROPERTIES:
        yield "/properties", f"More than {MAX_PROPERTIES} properties"
    for name, value in said.items():
        if isinstance(value, str) and len(value.encode()) > MAX_TEXT:
            yield f"/properties/{name}", "A text is larger than 100 KB"


def _time(said: Any, *, now: datetime) -> Iterator[Fault]:
    try:
        moment = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        yield "/time", "time must be a date-time of ISO 8601"
        return
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not _OLDEST < moment <= now + timedelta(days=366):
        yield "/time", "time is out of range"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
