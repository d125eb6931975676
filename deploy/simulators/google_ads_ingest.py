"""What the Data Manager API wants of a request with events, before it takes it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from deploy.simulators.currencies import CURRENCIES
from deploy.simulators.google_ads_errors import Violation, ingestion

MAX_EVENTS: Final = 2_000
MAX_DESTINATIONS: Final = 10
MAX_IDENTIFIERS: Final = 10
MAX_AGE_SECONDS: Final = 90 * 86_400
AHEAD_SECONDS: Final = 60
CONSENTS: Final = frozenset({"CONSENT_GRANTED", "CONSENT_DENIED"})
SOURCES: Final = frozenset({"WEB", "APP", "IN_STORE", "PHONE", "MESSAGE", "OTHER"})
_BODY: Final = frozenset(
    {"destinations", "events", "consent", "validateOnly", "encoding", "encryptionInfo"}
)
_EVENT: Final = frozenset(
    {
        "destinationReferences", "transactionId", "eventTimestamp", "lastUpdatedTimestamp",
        "userData", "consent", "adIdentifiers", "currency", "conversionValue", "eventSource",
        "eventDeviceInfo", "cartData", "customVariables", "userProperties",
    }
)  # fmt: skip
_CLICKS: Final = frozenset(
    {
        "gclid", "gbraid", "wbraid", "sessionAttributes", "landingPageDeviceInfo", "mobileDeviceId",
    }
)  # fmt: skip
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_DIGITS: Final = re.compile(r"\d+")
_CUSTOMER: Final = re.compile(r"\d{10}")
_HEX: Final = re.compile(r"[0-9a-fA-F]*")


def check(body: Mapping[str, Any], *, now: float, refused: Callable[[str], bool]) -> None:
    """Every rule for a request; `refused` says which transactions are refused on demand.

    Raises:
        Refused: naming every field that breaks one.
    """
    found = list(_of_body(body))
    events = body.get("events")
    if isinstance(events, list) and not found:
        for place, event in enumerate(events):
            where = f"events[{place}]"
            found += _of_event(event, where, now=now)
            if isinstance(event, dict) and refused(str(event.get("transactionId"))):
                found.append(Violation(where, "INVALID_EVENT"))
    if found:
        raise ingestion(400, found)


def _of_body(body: Mapping[str, Any]) -> Iterator[Violation]:
    yield from (Violation(name, "INVALID_ARGUMENT") for name in body.keys() - _BODY)
    destinations, events = body.get("destinations"), body.get("events")
    if not isinstance(destinations, list) or not destinations:
        yield Violation("destinations", "REQUIRED_FIELD_MISSING")
    elif len(destinations) > MAX_DESTINATIONS:
        yield Violation("destinations", "TOO_MANY_DESTINATIONS")
    else:
        for place, destination in enumerate(destinations):
            yield from _of_destination(destination, f"destinations[{place}]")
    if not isinstance(events, list) or not events:
        yield Violation("events", "REQUIRED_FIELD_MISSING")
    elif len(events) > MAX_EVENTS:
        yield Violation("events", "TOO_MANY_EVENTS")
    elif "encoding" not in body and any(
        isinstance(event, dict) and "userData" in event for event in events
    ):
        yield Violation("encoding", "REQUIRED_FIELD_MISSING")
    if body.get("encoding", "HEX") not in ("HEX", "BASE64"):
        yield Violation("encoding", "INVALID_ENUM_VALUE")
    if not isinstance(body.get("validateOnly", False), bool):
        yield Violation("validate_only", "INVALID_FORMAT")


def _of_destination(destination: Any, where: str) -> Iterator[Violation]:
    told = destination if isinstance(destination, dict) else {}
    for name, required in (("operatingAccount", True), ("loginAccount", False)):
        account = told.get(name)
        if account is None and not required:
            continue
        if not isinstance(account, dict) or account.get("accountType") != "GOOGLE_ADS":
            yield Violation(f"{where}.{name}", "INVALID_DESTINATION")
        elif not _CUSTOMER.fullmatch(str(account.get("accountId"))):
            yield Violation(f"{where}.{name}.account_id", "INVALID_DESTINATION")
    if not _DIGITS.fullmatch(str(told.get("productDestinationId"))):
        yield Violation(f"{where}.product_destination_id", "INVALID_CONVERSION_ACTION_ID")


def _of_event(event: Any, where: str, *, now: float) -> Iterator[Violation]:
    if not isinstance(event, dict):
        yield Violation(where, "INVALID_EVENT")
        return
    yield from (Violation(f"{where}.{name}", "INVALID_ARGUMENT") for name in event.keys() - _EVENT)
    yield from _of_time(event.get("eventTimestamp"), f"{where}.event_timestamp", now=now)
    if event.get("eventSource", "WEB") not in SOURCES:
        yield Violation(f"{where}.event_source", "INVALID_ENUM_VALUE")
    if event.get("currency", "USD") not in CURRENCIES:
        yield Violation(f"{where}.currency", "INVALID_CURRENCY_CODE")
    value = event.get("conversionValue", 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Violation(f"{where}.conversion_value", "INVALID_NUMBER_FORMAT")
    name = event.get("transactionId", "id")
    if not isinstance(name, str) or not name:
        yield Violation(f"{where}.transaction_id", "INVALID_FORMAT")
    consent = event.get("consent", {})
    if (
        not consent.keys() <= {"adUserData", "adPersonalization"}
        or not set(consent.values()) <= CONSENTS
    ):
        yield Violation(f"{where}.consent", "INVALID_ENUM_VALUE")
    clicks = event.get("adIdentifiers", {})
    yield from (
        Violation(f"{where}.ad_identifiers.{name}", "INVALID_ARGUMENT")
        for name in clicks.keys() - _CLICKS
    )
    people = event.get("userData", {}).get("userIdentifiers", [])
    if not people and not any(clicks.get(name) for name in ("gclid", "gbraid", "wbraid")):
        yield Violation(where, "NO_IDENTIFIERS_PROVIDED")
    if len(people) > MAX_IDENTIFIERS:
        yield Violation(f"{where}.user_data", "TOO_MANY_USER_IDENTIFIERS")
    for place, one in enumerate(people):
        yield from _of_person(one, f"{where}.user_data.user_identifiers[{place}]")


def _of_time(moment: Any, where: str, *, now: float) -> Iterator[Violation]:
    if moment is None:
        yield Violation(where, "REQUIRED_FIELD_MISSING")
    elif not isinstance(moment, str) or not _TIME.fullmatch(moment):
        yield Violation(where, "INVALID_FORMAT")
    else:
        age = now - datetime.fromisoformat(moment).timestamp()
        if not -AHEAD_SECONDS <= age <= MAX_AGE_SECONDS:
            yield Violation(where, "EVENT_TIME_INVALID")


def _of_person(person: Any, where: str) -> Iterator[Violation]:
    if not isinstance(person, dict) or len(person) != 1:
        yield Violation(where, "INVALID_FORMAT")
        return
    ((name, value),) = person.items()
    if name not in ("emailAddress", "phoneNumber"):
        yield Violation(f"{where}.{name}", "INVALID_ARGUMENT")
    elif not isinstance(value, str) or not _HEX.fullmatch(value):
        yield Violation(f"{where}.{name}", "INVALID_HEX_ENCODING")
    elif len(value) != 64:
        yield Violation(f"{where}.{name}", "INVALID_SHA256_FORMAT")
