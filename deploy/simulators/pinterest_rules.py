"""What Pinterest wants of an event: its OpenAPI description, and what words there ask for.

A request that breaks the description (a type, a field that is missing or not known) is refused as a
whole; an event that keeps it and says something wrong fails alone.
"""

import ipaddress
import re
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_EVENTS: Final = 1_000
MAX_AGE_SECONDS: Final = 7 * 86_400
"""No age is published; ours is the careful one."""
AHEAD_SECONDS: Final = 60
_NAMES: Final = (
    "add_payment_info add_to_cart add_to_wishlist app_install app_open checkout contact custom "
    "customize_product find_location initiate_checkout lead page_visit schedule search signup "
    "start_trial submit_application subscribe view_category view_content watch_video"
)
NAMES: Final = frozenset(_NAMES.split())
SOURCES: Final = frozenset({"web", "offline", "app_android", "app_ios"})
HASHED: Final = ("em", "hashed_maids", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country",
                 "external_id")  # fmt: skip
IN_CLEAR: Final = ("client_ip_address", "client_user_agent", "click_id", "partner_id")

Fields = dict[str, Any]
_EVENT: Final[Fields] = {
    "event_name": str, "action_source": str, "event_time": int, "event_id": str,
    "user_data": dict, "custom_data": dict, "event_source_url": str, "opt_out": bool,
    "partner_name": str, "language": str, "app_id": str, "app_name": str, "app_version": str,
    "device_brand": str, "device_carrier": str, "device_model": str, "device_type": str,
    "os_version": str, "wifi": bool,
}  # fmt: skip
_REQUIRED: Final = ("event_name", "action_source", "event_time", "event_id", "user_data")
_USER: Final[Fields] = dict.fromkeys(HASHED, list) | dict.fromkeys(IN_CLEAR, str)
_CUSTOM: Final[Fields] = {
    "currency": str, "value": str, "content_ids": list, "contents": list, "num_items": int,
    "order_id": str, "search_string": str, "content_name": str, "content_category": str,
    "content_brand": str, "predicted_ltv": str, "opt_out_type": str, "np": str,
}  # fmt: skip
_CONTENT: Final[Fields] = {
    "id": str, "item_name": str, "item_category": str, "item_brand": str, "item_price": str,
    "quantity": int,
}  # fmt: skip
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def check(event: Any) -> None:
    """Whether an event keeps the description.

    Raises:
        ValueError: for what does not, naming the field.
    """
    _typed(event, _EVENT, "event")
    for name in _REQUIRED:
        if name not in event:
            raise ValueError(f"'{name}' is a required property")
    user, custom = event["user_data"], event.get("custom_data", {})
    _typed(user, _USER, "user_data")
    if not (user.keys() & {"em", "hashed_maids"} or set(IN_CLEAR[:2]) <= user.keys()):
        raise ValueError("user_data: em, hashed_maids, or both address and agent are required")
    _typed(custom, _CUSTOM, "custom_data")
    for content in custom.get("contents", []):
        _typed(content, _CONTENT, "contents")
    for name, texts in (*user.items(), ("content_ids", custom.get("content_ids", []))):
        if isinstance(texts, list) and not all(isinstance(text, str) for text in texts):
            raise ValueError(f"{name}: texts are required")


def failure(event: Fields, *, now: float) -> str | None:
    """Why an event that keeps the description fails; `now` in Unix seconds."""
    user, custom = event["user_data"], event.get("custom_data", {})
    prices = [custom.get("value", "0"), *(c.get("item_price", "0") for c in _contents(custom))]
    for wrong, why in (
        (event["event_name"] not in NAMES, "event_name is not valid"),
        (event["action_source"] not in SOURCES, "action_source is not valid"),
        (not event["event_id"], "event_id is empty"),
        (not _in_time(event["event_time"], now), "event_time is out of range"),
        (not _all_hashed(user), "user_data is not hashed with SHA-256"),
        (_any_hashed(user), "user_data is hashed that must not be"),
        (not _is_address(user.get("client_ip_address", "::")), "client_ip_address is not valid"),
        (custom.get("currency", "USD") not in CURRENCIES, "currency is not valid"),
        (not all(_NUMBER.fullmatch(price) for price in prices), "not a number"),
    ):
        if wrong:
            return why
    return None


def _typed(fields: Any, types: Fields, what: str) -> None:
    if not isinstance(fields, dict):
        raise ValueError(f"{what} is not an object")
    for name, value in fields.items():
        if name not in types:
            raise ValueError(
                f"Additional properties are not allowed ('{name}' was unexpected in {what})"
            )
        if type(value) is not types[name]:
            raise ValueError(f"{what}.{name} is not of type {types[name].__name__}")


def _contents(custom: Fields) -> list[Fields]:
    return list(custom.get("contents", []))


def _in_time(moment: int, now: float) -> bool:
    return now - MAX_AGE_SECONDS <= moment <= now + AHEAD_SECONDS


def _all_hashed(user: Fields) -> bool:
    return all(_SHA256.fullmatch(text) for name in HASHED for text in user.get(name, []))


def _any_hashed(user: Fields) -> bool:
    return any(_SHA256.fullmatch(user.get(name, "")) for name in IN_CLEAR)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
