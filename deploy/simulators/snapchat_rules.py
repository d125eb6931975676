"""What Snapchat wants of an event: fields, units, and which of them are hashes.

Fields and their types are those of its OpenAPI description, which has quantity and price of a line
as text; what is hashed, and the least that tells who it was, those of its pages.
"""

import ipaddress
import re
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_EVENTS: Final = 2_000
DAY: Final = 86_400
MAX_AGE_SECONDS: Final = {"WEB": 7 * DAY, "MOBILE_APP": 7 * DAY, "OFFLINE": 37 * DAY}
"""For the web and apps no age is published in one voice; ours is the careful one."""
AHEAD_SECONDS: Final = 60
MILLISECONDS_FROM: Final = 100_000_000_000
_NAMES: Final = (
    "PAGE_VIEW VIEW_CONTENT ADD_CART ADD_TO_WISHLIST SIGN_UP SEARCH PURCHASE ADD_BILLING SUBSCRIBE "
    "START_CHECKOUT START_TRIAL RESERVE LIST_VIEW LOGIN SHARE SAVE INVITE RATE AD_CLICK AD_VIEW "
    "COMPLETE_TUTORIAL LEVEL_COMPLETE ACHIEVEMENT_UNLOCKED SPENT_CREDITS APP_INSTALL APP_OPEN "
    "CUSTOM_EVENT_1 CUSTOM_EVENT_2 CUSTOM_EVENT_3 CUSTOM_EVENT_4 CUSTOM_EVENT_5"
)
NAMES: Final = frozenset(_NAMES.split())
HASHED: Final = ("em", "ph", "fn", "ln", "ge", "ct", "st", "zp", "country", "external_id")
IN_CLEAR: Final = (
    "madid", "idfv", "client_ip_address", "client_user_agent", "sc_click_id", "sc_cookie1",
    "lead_id", "subscription_id", "download_id", "anon_id",
)  # fmt: skip
_EVENT: Final = (
    "event_name event_time action_source event_source_url event_id user_data custom_data app_data "
    "data_processing_options integration opt_out"
)
EVENT: Final = frozenset(_EVENT.split())
_CUSTOM: Final = (
    "currency value contents content_ids content_category content_name content_type num_items "
    "order_id search_string status brands sign_up_method predicted_ltv"
)
CUSTOM: Final = frozenset(_CUSTOM.split())
CONTENT: Final = frozenset({"id", "quantity", "item_price", "brand", "delivery_category"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def check(event: Any, *, now: float) -> None:
    """Every rule for one event; `now` in Unix seconds.

    Raises:
        ValueError: for the first rule that it breaks, naming the field.
    """
    _known(event, EVENT, "event")
    if event.get("event_name") not in NAMES:
        raise ValueError("event_name: not one of Snapchat's")
    source = event.get("action_source")
    if source not in MAX_AGE_SECONDS:
        raise ValueError("action_source: not WEB, MOBILE_APP or OFFLINE")
    _check_time(event.get("event_time"), source, now=now)
    _text(event, "event_id")
    if source == "WEB" and not re.match(r"https?://.", str(event.get("event_source_url", ""))):
        raise ValueError("event_source_url: an address with its protocol is required")
    options = event.get("data_processing_options", [])
    if not isinstance(options, list) or not set(map(str, options)) <= {"LMU", "DELETE"}:
        raise ValueError("data_processing_options: LMU or DELETE")
    if options and source != "WEB":
        raise ValueError("data_processing_options: of web events alone")
    _check_user(event.get("user_data"))
    _check_custom(event.get("custom_data", {}), purchase=event["event_name"] == "PURCHASE")


def _check_time(moment: Any, source: str, *, now: float) -> None:
    if type(moment) is not int:
        raise ValueError("event_time: an integer is required")
    seconds = moment / 1000 if moment >= MILLISECONDS_FROM else moment
    if not now - MAX_AGE_SECONDS[source] <= seconds <= now + AHEAD_SECONDS:
        raise ValueError("event_time: out of range")


def _check_user(user: Any) -> None:
    _known(user, frozenset((*HASHED, *IN_CLEAR)), "user_data")
    for name in HASHED:
        values = user.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str) or not _SHA256.fullmatch(value):
                raise ValueError(f"user_data.{name}: SHA-256 in lower-case hex is required")
    for name in IN_CLEAR:
        _text(user, name, of="user_data.")
        if _SHA256.fullmatch(user.get(name, "")):
            raise ValueError(f"user_data.{name}: must not be hashed")
    if "client_ip_address" in user:
        ipaddress.ip_address(user["client_ip_address"])
    by_network = {"client_ip_address", "client_user_agent"} <= user.keys()
    if not by_network and not any(user.get(name) for name in ("em", "ph", "madid")):
        raise ValueError("user_data: em, ph, madid, or both address and agent are required")


def _check_custom(custom: Any, *, purchase: bool) -> None:
    _known(custom, CUSTOM, "custom_data")
    if purchase and not {"value", "currency"} <= custom.keys():
        raise ValueError("custom_data: a PURCHASE needs value and currency")
    value = custom.get("value", 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise ValueError("custom_data.value: a number is required")
    if custom.get("currency", "USD") not in CURRENCIES:
        raise ValueError("custom_data.currency: ISO 4217 is required")
    if type(custom.get("num_items", 0)) is not int:
        raise ValueError("custom_data.num_items: an integer is required")
    _text(custom, "order_id", of="custom_data.")
    for name in ("content_ids", "contents"):
        if not isinstance(custom.get(name, []), list):
            raise ValueError(f"custom_data.{name}: a list is required")
    if not all(isinstance(one, str) and one for one in custom.get("content_ids", [])):
        raise ValueError("custom_data.content_ids: texts are required")
    for content in custom.get("contents", []):
        _known(content, CONTENT, "custom_data.contents")
        _text(content, "id", of="custom_data.contents.")
        for name in ("quantity", "item_price"):
            if not _NUMBER.fullmatch(str(content.get(name, "0"))) or not isinstance(
                content.get(name, "0"), str
            ):
                raise ValueError(f"custom_data.contents.{name}: a number as text is required")


def _known(fields: Any, names: frozenset[str], what: str) -> None:
    if not isinstance(fields, dict):
        raise ValueError(f"{what}: an object is required")
    if unknown := fields.keys() - names:
        raise ValueError(f"{what}: unknown {', '.join(sorted(unknown))}")


def _text(fields: dict[str, Any], name: str, *, of: str = "") -> None:
    if name in fields and (not isinstance(fields[name], str) or not fields[name]):
        raise ValueError(f"{of}{name}: a text is required")
