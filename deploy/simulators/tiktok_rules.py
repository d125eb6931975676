"""What TikTok wants of an event: fields, units, and which of them are hashes."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_EVENTS: Final = 1_000
MAX_AGE_SECONDS: Final = 7 * 86_400
"""For web events no age is published; ours is the careful one."""
AHEAD_SECONDS: Final = 60
HASHED: Final = ("email", "phone", "external_id", "first_name", "last_name", "zip_code")
IN_CLEAR: Final = (
    "ttclid", "ttp", "ip", "user_agent", "locale", "city", "state", "country", "lead_id",
)  # fmt: skip
PURCHASES: Final = frozenset({"Purchase", "CompletePayment", "PlaceAnOrder"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """An error of the request, with TikTok's code."""

    def __init__(self, message: str, *, code: int = 40002) -> None:
        super().__init__(message)
        self.code = code


def check(event: Any, *, source: str, row: int, now: float) -> None:
    """Every rule for one event; `now` in Unix seconds.

    Raises:
        Refused: for the first rule that it breaks, naming the row.
    """
    try:
        _check(event, source=source, now=now)
    except ValueError as error:
        raise Refused(f"data.{row}.{error}") from None


def _check(event: Any, *, source: str, now: float) -> None:
    if not isinstance(event, dict):
        raise ValueError("event: Not an object")
    _text(event, "event", required=True)
    _text(event, "event_id")
    _check_time(event.get("event_time"), now=now)
    if not isinstance(event.get("limited_data_use", False), bool):
        raise ValueError("limited_data_use: Not a valid boolean")
    _check_user(event.get("user"))
    if source == "web":
        page = event.get("page")
        if not isinstance(page, dict) or not isinstance(page.get("url"), str) or not page["url"]:
            raise ValueError("page.url: Missing data for required field")
    _check_properties(event.get("properties", {}), purchase=event["event"] in PURCHASES)


def _check_time(moment: Any, *, now: float) -> None:
    if type(moment) is not int:
        raise ValueError("event_time: Not a valid integer of Unix seconds")
    if not now - MAX_AGE_SECONDS <= moment <= now + AHEAD_SECONDS:
        raise ValueError("event_time: Out of range")


def _check_user(user: Any) -> None:
    if not isinstance(user, dict) or not user:
        raise ValueError("user: Missing data for required field")
    for name in HASHED:
        values = user.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str) or not _SHA256.fullmatch(value):
                raise ValueError(f"user.{name}: Not a SHA-256 in lower-case hex")
    for name in IN_CLEAR:
        _text(user, name, of="user.")
        if _SHA256.fullmatch(user.get(name, "")):
            raise ValueError(f"user.{name}: Must not be hashed")
    if "ip" in user:
        try:
            ipaddress.ip_address(user["ip"])
        except ValueError:
            raise ValueError("user.ip: Not a valid address") from None


def _check_properties(properties: Any, *, purchase: bool) -> None:
    if not isinstance(properties, dict):
        raise ValueError("properties: Not an object")
    for name in ("value", "currency") if purchase else ():
        if name not in properties:
            raise ValueError(f"properties.{name}: Missing data for required field")
    _number(properties, "value", of="properties.")
    currency = properties.get("currency", "USD")
    if currency not in CURRENCIES:
        raise ValueError("properties.currency: Not a valid choice")
    if properties.get("content_type", "product") not in ("product", "product_group"):
        raise ValueError("properties.content_type: Not a valid choice")
    _text(properties, "order_id", of="properties.")
    contents = properties.get("contents", [])
    if not isinstance(contents, list):
        raise ValueError("properties.contents: Not a list")
    for n, content in enumerate(contents):
        where = f"properties.contents.{n}."
        if not isinstance(content, dict):
            raise ValueError(f"{where}content_id: Missing data for required field")
        _text(content, "content_id", of=where, required=True)
        _number(content, "price", of=where)
        if type(content.get("quantity", 1)) is not int:
            raise ValueError(f"{where}quantity: Not a valid integer")


def _text(fields: Mapping[str, Any], name: str, *, of: str = "", required: bool = False) -> None:
    if name not in fields and not required:
        return
    if not isinstance(fields.get(name), str) or not fields[name]:
        raise ValueError(f"{of}{name}: Not a valid string")


def _number(fields: Mapping[str, Any], name: str, *, of: str) -> None:
    value = fields.get(name, 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{of}{name}: Not a valid number")
