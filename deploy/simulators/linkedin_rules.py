"""What LinkedIn wants of a conversion event: fields, units, and which of them are hashes."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_EVENTS: Final = 5_000
MAX_AGE_MS: Final = 90 * 86_400_000
AHEAD_MS: Final = 60_000
RULE: Final = re.compile(r"urn:lla:llaPartnerConversion:(\d+)")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_AMOUNT: Final = re.compile(r"\d+(\.\d+)?")
_HASHED: Final = frozenset({"SHA256_EMAIL", "SHA256_IP_ADDRESS"})
_CLEAR: Final = frozenset(
    {"LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "PLAINTEXT_IP_ADDRESS", "ACXIOM_ID", "GOOGLE_AID"}
)
_FIELDS: Final = frozenset(
    {"conversion", "conversionHappenedAt", "conversionValue", "eventId", "user"}
)
_USER: Final = frozenset({"userIds", "userInfo", "externalIds", "lead"})

Wrong = tuple[str, str]
"""The pointer of a field and what is wrong with it."""


def faults(event: Any, *, now_ms: int) -> list[Wrong]:
    """Every rule that an event breaks."""
    if not isinstance(event, dict):
        return [("", "is not an object")]
    found: list[Wrong] = [
        (f"/{name}", "unrecognized field found but not allowed") for name in event.keys() - _FIELDS
    ]
    conversion = event.get("conversion")
    if not isinstance(conversion, str) or not RULE.fullmatch(conversion):
        found.append(("/conversion", "is not a URN of a conversion rule"))
    if "eventId" in event and (not isinstance(event["eventId"], str) or not event["eventId"]):
        found.append(("/eventId", "is not a string"))
    return found + _time(event, now_ms) + _value(event) + _user(event.get("user"))


def _time(event: Mapping[str, Any], now_ms: int) -> list[Wrong]:
    at = event.get("conversionHappenedAt")
    if type(at) is not int:
        return [("/conversionHappenedAt", "is not a long")]
    if not now_ms - MAX_AGE_MS <= at <= now_ms + AHEAD_MS:
        return [("/conversionHappenedAt", "is not within the last 90 days in milliseconds")]
    return []


def _value(event: Mapping[str, Any]) -> list[Wrong]:
    if "conversionValue" not in event:
        return []
    value = event["conversionValue"]
    if not isinstance(value, dict):
        return [("/conversionValue", "is not an object")]
    found: list[Wrong] = []
    amount = value.get("amount")
    if amount is None:
        found.append(
            ("/conversionValue/amount", "field is required but not found and has no default value")
        )
    elif not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        found.append(("/conversionValue/amount", "is not a decimal string"))
    if value.get("currencyCode") not in CURRENCIES:
        found.append(("/conversionValue/currencyCode", "is not an ISO currency code"))
    return found


def _user(user: Any) -> list[Wrong]:
    if not isinstance(user, dict):
        return [("/user", "field is required but not found and has no default value")]
    found: list[Wrong] = [
        (f"/user/{name}", "unrecognized field found but not allowed")
        for name in user.keys() - _USER
    ]
    ids = user.get("userIds")
    if not isinstance(ids, list):
        return [("/user/userIds", "field is required but not found and has no default value")]
    for place, one in enumerate(ids):
        if wrong := _user_id(one):
            found.append((f"/user/userIds/{place}", wrong))
    outside = user.get("externalIds", [])
    if not isinstance(outside, list) or len(outside) > 1 or not all(_text(one) for one in outside):
        found.append(("/user/externalIds", "must be an array of one string at most"))
    info = user.get("userInfo") or {}
    if not ids and not outside and not {"firstName", "lastName"} <= info.keys():
        found.append(("/user", "needs a user id, an external id, or both names"))
    return found


def _user_id(one: Any) -> str | None:
    if not isinstance(one, dict) or not _text(one.get("idValue")):
        return "idValue is not a string"
    kind, value = one.get("idType"), one["idValue"]
    if kind in _HASHED:
        return None if _SHA256.fullmatch(value) else "is not SHA-256 in lower-case hex"
    if kind not in _CLEAR:
        return f"{kind} is not an enum symbol"
    if kind == "PLAINTEXT_IP_ADDRESS":
        try:
            ipaddress.IPv4Address(value)
        except ValueError:
            return "is not an IPv4 address"
    return "must not be hashed" if _SHA256.fullmatch(value) else None


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
