"""What the Google Ads API wants of a row of conversions or adjustments; the first rule that a row
breaks is its error, and the others count."""

import re
from datetime import datetime
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES

MAX_ROWS: Final = 2_000
MAX_IDENTIFIERS: Final = 5
MAX_AGE_SECONDS: Final = 90 * 86_400
ADJUSTED_WITHIN_SECONDS: Final = 54 * 86_400
AHEAD_SECONDS: Final = 60
CLICKS: Final = ("gclid", "gbraid", "wbraid")
_CONVERSION: Final = frozenset(
    {
        *CLICKS, "conversionAction", "conversionDateTime", "conversionValue", "currencyCode",
        "orderId", "userIdentifiers", "consent", "conversionEnvironment", "cartData",
        "customVariables", "customerType", "externalAttributionData",
    }
)  # fmt: skip
_ADJUSTMENT: Final = frozenset(
    {
        "conversionAction", "adjustmentType", "adjustmentDateTime", "orderId",
        "gclidDateTimePair", "restatementValue", "userIdentifiers", "userAgent",
    }
)  # fmt: skip
FIELDS: Final = {"conversions": _CONVERSION, "conversionAdjustments": _ADJUSTMENT}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")
_ACTION: Final = re.compile(r"customers/(\d{10})/conversionActions/(\d+)")
_CLICK: Final = re.compile(r"[A-Za-z0-9_.-]{3,512}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Wrong(Exception):
    """What a row's error says: the enum, the code and the field."""

    def __init__(self, kind: str, code: str, field: str) -> None:
        super().__init__(code)
        self.kind, self.code, self.field = kind, code, field


def action_of(row: dict[str, Any]) -> str:
    """The id of the conversion action.

    Raises:
        Wrong: for a resource name that is none.
    """
    found = _ACTION.fullmatch(str(row.get("conversionAction")))
    if found is None:
        raise Wrong("fieldError", "INVALID_VALUE", "conversion_action")
    return found[2]


def seconds(row: dict[str, Any], field: str, *, now: float) -> float:
    """Unix seconds of a time of the row.

    Raises:
        Wrong: for another form, or a time to come.
    """
    told = str(row.get(field))
    if not _TIME.fullmatch(told):
        raise Wrong("dateError", "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", field)
    at = datetime.fromisoformat(told).timestamp()
    if at > now + AHEAD_SECONDS:
        raise Wrong("dateError", "LATER_THAN_MAXIMUM_DATE", field)
    return at


def is_click(told: Any) -> bool:
    """Whether a click id can be read."""
    return isinstance(told, str) and _CLICK.fullmatch(told) is not None


def order_of(row: dict[str, Any]) -> str:
    """The order's id, or nothing.

    Raises:
        Wrong: for one with an email in it.
    """
    told = str(row.get("orderId", ""))
    if "@" in told:
        raise Wrong(_enum(row), "ORDER_ID_CONTAINS_PII", "order_id")
    return told


def check_conversion(row: dict[str, Any], *, now: float) -> None:
    """The rules for a conversion by itself.

    Raises:
        Wrong: for the first that it breaks.
    """
    if now - seconds(row, "conversionDateTime", now=now) > MAX_AGE_SECONDS:
        raise Wrong("conversionUploadError", "EXPIRED_EVENT", "conversion_date_time")
    given = [name for name in CLICKS if row.get(name)]
    people = row.get("userIdentifiers", [])
    if not given and not people:
        raise Wrong("fieldError", "REQUIRED", "gclid")
    if {"gbraid", "wbraid"} <= set(given):
        raise Wrong("conversionUploadError", "GBRAID_WBRAID_BOTH_SET", "gbraid")
    if len(given) > 1:
        raise Wrong("fieldError", "VALUE_MUST_BE_UNSET", given[1])
    for name in given:
        if not is_click(row[name]):
            raise Wrong("conversionUploadError", f"UNPARSEABLE_{name.upper()}", name)
    _check_people(people)
    _check_money(row.get("conversionValue", 0), row.get("currencyCode", "USD"))
    consent = row.get("consent", {})
    if "adPersonalization" in consent:
        raise Wrong("fieldError", "VALUE_MUST_BE_UNSET", "consent")
    if consent.get("adUserData", "GRANTED") not in ("GRANTED", "DENIED"):
        raise Wrong("enumError", "ENUM_VALUE_NOT_PERMITTED", "consent")
    order_of(row)


def check_adjustment(row: dict[str, Any], *, now: float) -> None:
    """The rules for a retraction or a restatement by itself.

    Raises:
        Wrong: for the first that it breaks.
    """
    seconds(row, "adjustmentDateTime", now=now)
    kind, value = row.get("adjustmentType"), row.get("restatementValue")
    if kind not in ("RETRACTION", "RESTATEMENT"):
        raise Wrong("enumError", "ENUM_VALUE_NOT_PERMITTED", "adjustment_type")
    if order_of(row) and "gclidDateTimePair" in row:
        code = "GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET"
        raise Wrong("conversionAdjustmentUploadError", code, "order_id")
    if not row.get("orderId"):
        raise Wrong("conversionAdjustmentUploadError", "MISSING_ORDER_ID_FOR_WEBPAGE", "order_id")
    if kind == "RETRACTION" and value is not None:
        raise Wrong("fieldError", "VALUE_MUST_BE_UNSET", "restatement_value")
    if kind == "RESTATEMENT":
        told = value if isinstance(value, dict) else {}
        _check_money(told.get("adjustedValue"), told.get("currencyCode", "USD"))
    if row.get("userIdentifiers") or row.get("userAgent"):
        raise Wrong("fieldError", "VALUE_MUST_BE_UNSET", "user_identifiers")


def _check_people(people: Any) -> None:
    if not isinstance(people, list) or len(people) > MAX_IDENTIFIERS:
        raise Wrong("collectionSizeError", "TOO_MANY", "user_identifiers")
    for person in people:
        if set(person) - {"hashedEmail", "hashedPhoneNumber"}:
            raise Wrong("conversionUploadError", "UNSUPPORTED_USER_IDENTIFIER", "user_identifiers")
        if len(person) != 1 or not _SHA256.fullmatch(str(*person.values())):
            raise Wrong("conversionUploadError", "INVALID_USER_IDENTIFIER", "user_identifiers")


def _check_money(value: Any, currency: Any) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Wrong("fieldError", "INVALID_VALUE", "conversion_value")
    if currency not in CURRENCIES:
        raise Wrong("currencyCodeError", "UNSUPPORTED", "currency_code")


def _enum(row: dict[str, Any]) -> str:
    return "conversionAdjustmentUploadError" if "adjustmentType" in row else "conversionUploadError"
