"""Google's simulator keeps the vendor's sheet: fast refusals of a request, errors of a row, books
of what counts and what it was adjusted to."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from deploy.simulators.google_ads import GoogleAdsRules
from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application
from tests.contract.platforms.test_simulators import HASH, Client, without

BEARER = {"Authorization": "Bearer access-secret-1"}
OTHER = {"Authorization": "Bearer access-secret-2"}
INGEST = "/v1/events:ingest"
CUSTOMER = "/v26/customers/1234567890:"
ACTION = "customers/1234567890/conversionActions/987"
DAY = 86_400.0


def google(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    client = Client(application(GoogleAdsRules(ledger), ledger))
    assert buy(client, "refresh").status_code == 200
    return client


def buy(client: Client, refresh_token: str, **fields: str) -> Any:
    form = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", **fields}
    return client.post(EXCHANGE, data={**form, "refresh_token": refresh_token})


def rfc(ago: float = 60) -> str:
    return datetime.fromtimestamp(time.time() - ago, UTC).isoformat().replace("+00:00", "Z")


def plain(ago: float = 60) -> str:
    moment = datetime.fromtimestamp(time.time() - ago, UTC)
    return moment.isoformat(sep=" ", timespec="seconds")


def event(**fields: Any) -> dict[str, Any]:
    return {
        "transactionId": "o1",
        "eventTimestamp": rfc(),
        "eventSource": "WEB",
        "currency": "EUR",
        "conversionValue": 1.5,
        "adIdentifiers": {"gclid": "Cj0K"},
        **fields,
    }


def body(*events: Any, **fields: Any) -> dict[str, Any]:
    account = {"accountType": "GOOGLE_ADS", "accountId": "1234567890"}
    destination = {"operatingAccount": account, "productDestinationId": "987"}
    return {"destinations": [destination], "events": list(events), **fields}


def person(**identifier: Any) -> dict[str, Any]:
    return {"userData": {"userIdentifiers": [identifier]}}


def conversion(**fields: Any) -> dict[str, Any]:
    return {
        "conversionAction": ACTION,
        "gclid": "Cj0K",
        "conversionDateTime": plain(),
        "conversionValue": 1.5,
        "currencyCode": "EUR",
        "orderId": "o1",
        **fields,
    }


def adjustment(kind: str = "RETRACTION", **fields: Any) -> dict[str, Any]:
    return {
        "conversionAction": ACTION,
        "orderId": "o1",
        "adjustmentType": kind,
        "adjustmentDateTime": plain(30),
        **fields,
    }


def restated(value: float, ago: float = 30) -> dict[str, Any]:
    worth = {"adjustedValue": value, "currencyCode": "EUR"}
    return adjustment("RESTATEMENT", restatementValue=worth, adjustmentDateTime=plain(ago))


def upload(client: Client, *rows: Any, **fields: Any) -> Any:
    adjusts = "adjustmentType" in rows[0]
    name = "conversionAdjustments" if adjusts else "conversions"
    method = "uploadConversionAdjustments" if adjusts else "uploadClickConversions"
    told = {name: list(rows), "partialFailure": True, **fields}
    return client.post(CUSTOMER + method, json=told, headers=BEARER)


def codes(answer: Any) -> dict[int, str]:
    """Row -> its code."""
    assert answer.status_code == 200
    failure = answer.json().get("partialFailureError", {"details": [{"errors": []}]})
    return {
        error["location"]["fieldPathElements"][0]["index"]: next(iter(error["errorCode"].values()))
        for error in failure["details"][0]["errors"]
    }


def reasons(answer: Any) -> list[tuple[str, str]]:
    found = answer.json()["error"]["details"][1]["fieldViolations"]
    return [(each["field"], each["reason"]) for each in found]


def counted(client: Client) -> dict[str, int]:
    return {row["id"]: row["times_accepted"] for row in client.get("/_sim/accepted").json()}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no time": (without(event(), "eventTimestamp"), "REQUIRED_FIELD_MISSING"),
    "a time in milliseconds": (event(eventTimestamp=int(time.time() * 1000)), "INVALID_FORMAT"),
    "a time without a zone": (event(eventTimestamp="2026-09-01T12:00:00"), "INVALID_FORMAT"),
    "older than 90 days": (event(eventTimestamp=rfc(91 * DAY)), "EVENT_TIME_INVALID"),
    "to come": (event(eventTimestamp=rfc(-3600)), "EVENT_TIME_INVALID"),
    "nobody": (without(event(), "adIdentifiers"), "NO_IDENTIFIERS_PROVIDED"),
    "an email in the clear": (event(**person(emailAddress="a@b.ex")), "INVALID_HEX_ENCODING"),
    "half a hash": (event(**person(phoneNumber="a" * 63)), "INVALID_SHA256_FORMAT"),
    "two identifiers in one": (
        event(**person(emailAddress=HASH, phoneNumber=HASH)),
        "INVALID_FORMAT",
    ),
    "an identifier of another API": (event(**person(hashedEmail=HASH)), "INVALID_ARGUMENT"),
    "eleven identifiers": (
        event(userData={"userIdentifiers": [{"emailAddress": HASH}] * 11}),
        "TOO_MANY_USER_IDENTIFIERS",
    ),
    "no such currency": (event(currency="QQQ"), "INVALID_CURRENCY_CODE"),
    "a value as text": (event(conversionValue="1.5"), "INVALID_NUMBER_FORMAT"),
    "no such source": (event(eventSource="website"), "INVALID_ENUM_VALUE"),
    "the other API's consent": (event(consent={"adUserData": "GRANTED"}), "INVALID_ENUM_VALUE"),
    "an unknown field": (event(orderId="o1"), "INVALID_ARGUMENT"),
    "an empty transaction": (event(transactionId=""), "INVALID_FORMAT"),
    "no object": ("event", "INVALID_EVENT"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_the_data_manager_refuses_the_whole_request_and_names_the_event_with(rule: str) -> None:
    client = google()
    wrong, reason = REFUSALS[rule]
    answer = client.post(INGEST, json=body(event(), wrong, encoding="HEX"), headers=BEARER)
    assert answer.status_code == 400
    ((field, found),) = reasons(answer)
    assert field.startswith("events[1]")
    assert found == reason
    assert counted(client) == {}


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        (body(event(), destinations=[]), "destinations", "REQUIRED_FIELD_MISSING"),
        (body(), "events", "REQUIRED_FIELD_MISSING"),
        (body(*[event()] * 2001), "events", "TOO_MANY_EVENTS"),
        (body(event(**person(emailAddress=HASH))), "encoding", "REQUIRED_FIELD_MISSING"),
        (body(event(), encoding="hex"), "encoding", "INVALID_ENUM_VALUE"),
        (body(event(), partialFailure=True), "partialFailure", "INVALID_ARGUMENT"),
        (
            body(event(), destinations=[{"operatingAccount": {"accountId": "123-456-7890"}}]),
            "destinations[0].operatingAccount",
            "INVALID_DESTINATION",
        ),
    ],
)
def test_the_data_manager_wants_destinations_events_and_an_encoding_of_hashes(
    said: Any, field: str, reason: str
) -> None:
    answer = google().post(INGEST, json=said, headers=BEARER)
    assert answer.status_code == 400
    assert reasons(answer)[0] == (field, reason)


def test_a_transaction_counts_once_for_good_in_both_apis(tmp_path: Path) -> None:
    state = tmp_path / "google.jsonl"
    for client in (google(state), google(state)):
        for _ in range(2):
            answer = client.post(INGEST, json=body(event()), headers=BEARER)
            assert (answer.status_code, list(answer.json())) == (200, ["requestId"])
    client = google(state)
    assert codes(upload(client, conversion(), conversion(orderId="o2"))) == {
        0: "ORDER_ID_ALREADY_IN_USE"
    }
    assert counted(client) == {"o1": 1, "o2": 1}


def test_what_cannot_be_matched_is_taken_and_does_not_count() -> None:
    client = google()
    denied = event(transactionId="o2", consent={"adUserData": "CONSENT_DENIED"})
    broken = event(adIdentifiers={"gclid": "Cj 0K"})
    assert client.post(INGEST, json=body(denied, broken), headers=BEARER).status_code == 200
    assert counted(client) == {}
    stats = client.get("/_sim/stats").json()
    assert stats["unmatched"] == {"DENIED_CONSENT": 1, "INVALID_GCLID": 1}


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "no such action": (conversion(conversionAction="987"), "INVALID_VALUE"),
    "a time with a T": (
        conversion(conversionDateTime=rfc()),
        "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET",
    ),
    "a time to come": (conversion(conversionDateTime=plain(-3600)), "LATER_THAN_MAXIMUM_DATE"),
    "older than 90 days": (conversion(conversionDateTime=plain(91 * DAY)), "EXPIRED_EVENT"),
    "nobody": (without(conversion(), "gclid"), "REQUIRED"),
    "two braids": (
        without(conversion(gbraid="abc", wbraid="abc"), "gclid"),
        "GBRAID_WBRAID_BOTH_SET",
    ),
    "two clicks": (conversion(wbraid="abc"), "VALUE_MUST_BE_UNSET"),
    "a click that cannot be read": (conversion(gclid="a b"), "UNPARSEABLE_GCLID"),
    "six identifiers": (conversion(userIdentifiers=[{"hashedEmail": HASH}] * 6), "TOO_MANY"),
    "an address": (
        conversion(userIdentifiers=[{"addressInfo": {}}]),
        "UNSUPPORTED_USER_IDENTIFIER",
    ),
    "an email in the clear": (
        conversion(userIdentifiers=[{"hashedEmail": "a@b.ex"}]),
        "INVALID_USER_IDENTIFIER",
    ),
    "a hash in upper case": (
        conversion(userIdentifiers=[{"hashedEmail": "A" * 64}]),
        "INVALID_USER_IDENTIFIER",
    ),
    "no such currency": (conversion(currencyCode="QQQ"), "UNSUPPORTED"),
    "a value as text": (conversion(conversionValue="1.5"), "INVALID_VALUE"),
    "consent of the other API": (
        conversion(consent={"adUserData": "CONSENT_GRANTED"}),
        "ENUM_VALUE_NOT_PERMITTED",
    ),
    "consent that is not asked for": (
        conversion(consent={"adPersonalization": "GRANTED"}),
        "VALUE_MUST_BE_UNSET",
    ),
    "an order that is an email": (conversion(orderId="a@b.ex"), "ORDER_ID_CONTAINS_PII"),
}


@pytest.mark.parametrize("rule", ROWS)
def test_an_upload_says_200_and_the_code_of_a_row_with(rule: str) -> None:
    client = google()
    wrong, code = ROWS[rule]
    answer = upload(client, wrong, conversion(orderId="good"))
    assert codes(answer) == {0: code}
    assert answer.json()["results"] == [{}, {"conversionAction": ACTION}]
    assert counted(client) == {"good": 1}


def test_one_order_twice_in_a_request_counts_not_at_all() -> None:
    client = google()
    assert set(codes(upload(client, conversion(), conversion())).values()) == {"DUPLICATE_ORDER_ID"}
    assert counted(client) == {}


def test_a_conversion_without_an_order_is_known_by_click_and_time() -> None:
    client = google()
    row = without(conversion(), "orderId")
    assert codes(upload(client, row)) == {}
    assert codes(upload(client, row)) == {0: "CLICK_CONVERSION_ALREADY_EXISTS"}


ADJUSTMENTS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "of what is unknown": (lambda: adjustment(orderId="o9"), "CONVERSION_NOT_FOUND"),
    "of no order": (lambda: without(adjustment(), "orderId"), "MISSING_ORDER_ID_FOR_WEBPAGE"),
    "before its conversion": (
        lambda: adjustment(adjustmentDateTime=plain(3600)),
        "ADJUSTMENT_PRECEDES_CONVERSION",
    ),
    "of another kind": (lambda: adjustment("REFUND"), "ENUM_VALUE_NOT_PERMITTED"),
    "a retraction with a value": (lambda: adjustment(restatementValue={}), "VALUE_MUST_BE_UNSET"),
    "a restatement without one": (lambda: adjustment("RESTATEMENT"), "INVALID_VALUE"),
    "with a click, too": (
        lambda: adjustment(gclidDateTimePair={}),
        "GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET",
    ),
    "with details of a person": (
        lambda: adjustment(userIdentifiers=[{"hashedEmail": HASH}]),
        "VALUE_MUST_BE_UNSET",
    ),
}


@pytest.mark.parametrize("rule", ADJUSTMENTS)
def test_an_adjustment_is_refused(rule: str) -> None:
    client = google()
    client.post(INGEST, json=body(event()), headers=BEARER)
    wrong, code = ADJUSTMENTS[rule]
    assert codes(upload(client, wrong())) == {0: code}
    assert client.get("/_sim/stats").json()["adjusted"] == {}


def test_the_last_restatement_counts_until_a_retraction_ends_it(tmp_path: Path) -> None:
    state = tmp_path / "google.jsonl"
    client = google(state)
    assert codes(upload(client, conversion())) == {}
    assert codes(upload(client, restated(1.0, ago=30))) == {}
    assert codes(upload(client, restated(0.5, ago=40))) == {0: "MORE_RECENT_RESTATEMENT_FOUND"}
    client = google(state)
    assert client.get("/_sim/stats").json()["adjusted"] == {"o1": 1.0}
    assert codes(upload(client, restated(0.7, ago=20))) == {}
    assert codes(upload(client, adjustment(), restated(0.1, ago=0))) == {
        1: "CONVERSION_ALREADY_RETRACTED"
    }
    assert codes(upload(google(state), adjustment())) == {0: "CONVERSION_ALREADY_RETRACTED"}
    assert google(state).get("/_sim/stats").json()["adjusted"] == {"o1": None}


def test_a_conversion_of_55_days_ago_cannot_be_adjusted() -> None:
    client = google()
    upload(client, conversion(conversionDateTime=plain(55 * DAY)))
    assert codes(upload(client, adjustment())) == {0: "CONVERSION_EXPIRED"}


def test_what_is_only_checked_does_not_count() -> None:
    client = google()
    said = body(event(), validateOnly=True)
    assert client.post(INGEST, json=said, headers=BEARER).status_code == 200
    answer = upload(client, conversion(), validateOnly=True)
    assert "results" not in answer.json()
    assert codes(upload(client, conversion(gclid="a b"), validateOnly=True)) == {
        0: "UNPARSEABLE_GCLID"
    }
    assert counted(client) == {}


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"partialFailure": False}, 400, "PARTIAL_FAILURE_MODE_REQUIRED"),
        ({"conversions": []}, 400, "REQUIRED_FIELD_MISSING"),
        ({"conversions": [{}] * 2001}, 400, "TOO_MANY_CONVERSIONS_IN_REQUEST"),
        ({"conversions": [{"transactionId": "o1"}]}, 400, "UNKNOWN_FIELD"),
        ({"events": []}, 400, "UNKNOWN_FIELD"),
    ],
)
def test_an_upload_is_refused_as_a_whole(fields: Any, status: int, code: str) -> None:
    answer = upload(google(), conversion(), **fields)
    assert answer.status_code == status
    assert error_code(answer) == code


def error_code(answer: Any) -> str:
    (error,) = answer.json()["error"]["details"][0]["errors"]
    return str(next(iter(error["errorCode"].values())))
