"""What Microsoft Advertising wants of an offline conversion and of an adjustment."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_ITEMS: Final = 1_000
MAX_AGE_SECONDS: Final = 90 * 86_400
AHEAD_SECONDS: Final = 60
MAX_VALUE: Final = 10**12
_PERSON: Final = frozenset({"MicrosoftClickId", "HashedEmailAddress", "HashedPhoneNumber"})
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "OfflineConversions": _PERSON
    | {"ConversionName", "ConversionTime", "ConversionValue", "ConversionCurrencyCode"}
    | {"ExternalAttributionCredit", "ExternalAttributionModel"},
    "OfflineConversionAdjustments": _PERSON
    | {"ConversionName", "ConversionTime", "AdjustmentTime", "AdjustmentType"}
    | {"AdjustmentValue", "AdjustmentCurrencyCode"},
}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z")
_CLICK: Final = re.compile(r"[0-9A-Za-z-]{20,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def moment(text: Any) -> float | None:
    """Seconds since 1970; None for what is no UTC time, with its Z."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text[:-1][:26]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def symbols(item: Any, *, operation: str, now: float, enhanced: bool) -> Iterator[str]:
    """The error of each rule that an item breaks; `enhanced`: its goal takes hashes."""
    if not isinstance(item, dict):
        yield "OfflineConversionIsNull"
        return
    yield from _person(item, enhanced=enhanced)
    if not isinstance(item.get("ConversionName"), str) or not item["ConversionName"]:
        yield "OfflineConversionNameNullOrEmpty"
    yield from _when(item.get("ConversionTime"), "OfflineConversionTime", now=now)
    if operation == "OfflineConversions":
        yield from _money(item, "ConversionValue", "ConversionCurrencyCode")
    else:
        yield from _adjustment(item, now=now)


def _person(item: Mapping[str, Any], *, enhanced: bool) -> Iterator[str]:
    click, email = item.get("MicrosoftClickId"), item.get("HashedEmailAddress")
    phone = item.get("HashedPhoneNumber")
    if email is not None and not (isinstance(email, str) and _SHA256.fullmatch(email)):
        yield "ConversionEmailAddressIsNotHashed"
    if phone is not None and not (isinstance(phone, str) and _SHA256.fullmatch(phone)):
        yield "ConversionPhoneNumberIsNotHashed"
    if (email or phone) and not enhanced:
        yield "NotEligibleForEnhancedConversions"
    if not click and not (email or phone):
        yield "OfflineConversionMSClickIdNullOrEmpty"
    if click and not _is_click(click):
        yield "OfflineConversionMSClickIdInvalid"


def _is_click(click: Any) -> bool:
    """A hash of one is none."""
    known = isinstance(click, str) and _CLICK.fullmatch(click) is not None
    return known and not _SHA256.fullmatch(click)


def _when(text: Any, name: str, *, now: float) -> Iterator[str]:
    if not text:
        yield f"{name}NullOrEmpty"
        return
    at = moment(text)
    if at is None:
        yield f"{name}Invalid"
    elif at > now + AHEAD_SECONDS:
        yield "FutureConversionTimeCannotBeSet"
    elif at < now - MAX_AGE_SECONDS:
        yield f"{name}OutOfWindow"


def _money(item: Mapping[str, Any], value: str, currency: str) -> Iterator[str]:
    worth = item.get(value, 0)
    if not isinstance(worth, int | float) or isinstance(worth, bool) or not 0 <= worth <= MAX_VALUE:
        yield "OfflineConversionValueInvalid"
    if currency in item and item[currency] not in CURRENCIES:
        yield "OfflineConversionCurrencyCodeInvalid"


def _adjustment(item: Mapping[str, Any], *, now: float) -> Iterator[str]:
    adjusted, at = moment(item.get("AdjustmentTime")), moment(item.get("ConversionTime"))
    if not item.get("AdjustmentTime"):
        yield "OfflineConversionAdjustmentTimeNullOrEmpty"
    elif adjusted is None:
        yield "OfflineConversionAdjustmentTimeInvalid"
    elif adjusted > now + AHEAD_SECONDS:
        yield "OfflineConversionFutureAdjustmentTimeCannotBeSet"
    elif at is not None and adjusted < at:
        yield "OfflineConversionAdjustmentTimeEarlierThanConversionTime"
    match item.get("AdjustmentType"):
        case "Retract":
            if "AdjustmentValue" in item:
                yield "OfflineConversionAdjustmentValueNotExpected"
        case "Restate":
            if "AdjustmentValue" not in item or "AdjustmentCurrencyCode" not in item:
                yield "OfflineConversionAdjustmentValueRequired"
            yield from _money(item, "AdjustmentValue", "AdjustmentCurrencyCode")
        case _:
            yield "OfflineConversionInvalidAdjustmentType"
