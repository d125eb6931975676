"""Google's simulator tells the status of requests that it took, to whoever sent them."""

from typing import Any

from tests.contract.platforms.test_google_ads_simulator import (
    BEARER,
    INGEST,
    OTHER,
    body,
    buy,
    event,
    google,
)
from tests.contract.platforms.test_simulators import Client


def test_a_status_counts_what_was_refused_later_and_is_nobody_else_s() -> None:
    client = google()
    told = {"late": {"o2": "EVENT_TOO_OLD"}, "processing_seconds": 0}
    assert client.post("/_sim/rows", json=told).status_code == 200
    events = [event(transactionId=name) for name in ("o1", "o2", "o3")]
    request_id = client.post(INGEST, json=body(*events), headers=BEARER).json()["requestId"]
    (status,) = asked(client, request_id).json()["requestStatusPerDestination"]
    assert status["requestStatus"] == "PARTIAL_SUCCESS"
    assert status["eventsIngestionStatus"] == {"recordCount": "3"}
    assert status["errorInfo"] == {
        "errorCounts": [{"recordCount": "1", "reason": "PROCESSING_ERROR_REASON_EVENT_TOO_OLD"}]
    }
    assert {row["id"] for row in client.get("/_sim/accepted").json()} == {"o1", "o3"}
    assert buy(client, "other").status_code == 200
    assert asked(client, request_id, OTHER).status_code == 400
    assert asked(client, request_id, {}).status_code == 401


def test_a_request_is_judged_after_a_while_and_fails_when_all_of_it_does() -> None:
    client = google()
    client.post("/_sim/rows", json={"processing_seconds": 3600})
    wrong = body(event(adIdentifiers={"gclid": "no click"}))
    request_id = client.post(INGEST, json=wrong, headers=BEARER).json()["requestId"]
    (status,) = asked(client, request_id).json()["requestStatusPerDestination"]
    assert (status["requestStatus"], "errorInfo" in status) == ("PROCESSING", False)
    client.post("/_sim/rows", json={"processing_seconds": 0})
    (status,) = asked(client, request_id).json()["requestStatusPerDestination"]
    assert status["requestStatus"] == "FAILED"
    good = client.post(INGEST, json=body(event()), headers=BEARER).json()["requestId"]
    (status,) = asked(client, good).json()["requestStatusPerDestination"]
    assert status["requestStatus"] == "SUCCESS"


def test_a_request_that_was_only_checked_and_an_unknown_one_have_no_status() -> None:
    client = google()
    checked = body(event(), validateOnly=True)
    request_id = client.post(INGEST, json=checked, headers=BEARER).json()["requestId"]
    for one in (request_id, "unknown", ""):
        answer = asked(client, one)
        assert answer.status_code == 400
        violation = answer.json()["error"]["details"][1]["fieldViolations"][0]
        assert violation["reason"] == "INVALID_REQUEST_ID"


def asked(client: Client, request_id: str, headers: dict[str, str] = BEARER) -> Any:
    return client.get(f"/v1/requestStatus:retrieve?requestId={request_id}", headers=headers)
