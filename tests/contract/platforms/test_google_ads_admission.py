"""Whom Google's simulator lets in, how often, and by which version."""

import time
from typing import Any

from tests.contract.platforms.test_google_ads_simulator import (
    BEARER,
    CUSTOMER,
    INGEST,
    OTHER,
    adjustment,
    body,
    buy,
    codes,
    conversion,
    error_code,
    event,
    google,
    upload,
)
from tests.contract.platforms.test_simulators import Client


def test_google_wants_a_token_that_lasts_of_who_may_use_the_account() -> None:
    client = google()
    buy(client, "other")
    client.post("/_sim/accounts", json={"1234567890": "refresh"})
    answers = [
        _with(client, {}),
        _with(client, {"Authorization": "Bearer by-hand"}),
        _with(client, OTHER),
        _with(client, {**BEARER, "login-customer-id": "123-456-7890"}),
    ]
    assert [(answer.status_code, error_code(answer)) for answer in answers] == [
        (401, "OAUTH_TOKEN_INVALID"),
        (401, "OAUTH_TOKEN_INVALID"),
        (403, "USER_PERMISSION_DENIED"),
        (400, "INVALID_CUSTOMER_ID"),
    ]
    assert _with(client, BEARER).status_code == 200
    assert client.post(INGEST, json=body(event())).status_code == 401
    assert client.post(INGEST, json=body(event()), headers=OTHER).status_code == 403


def test_tokens_are_sold_until_they_are_revoked_and_end_when_told_to() -> None:
    client = google()
    client.post("/_sim/rows", json={"expired": True})
    assert error_code(_with(client, BEARER)) == "OAUTH_TOKEN_EXPIRED"
    answer = client.post(INGEST, json=body(event()), headers=BEARER)
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"
    assert buy(client, "refresh").json()["access_token"] == "access-secret-2"
    assert _with(client, OTHER).status_code == 200
    client.post("/_sim/rows", json={"revoked": ["refresh"]})
    assert error_code(_with(client, OTHER)) == "OAUTH_TOKEN_REVOKED"
    answer = buy(client, "refresh")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    answer = buy(client, "refresh", client_secret="")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_quotas_and_bars_are_told_with_the_wait() -> None:
    client = google()
    client.post("/_sim/rows", json={"requests_per_minute": 1, "wait_seconds": 9})
    assert client.post(INGEST, json=body(event()), headers=BEARER).status_code == 200
    answer = client.post(INGEST, json=body(event()), headers=BEARER)
    assert answer.status_code == 429
    assert answer.json()["error"]["details"][-1]["retryDelay"] == "9s"
    answer = upload(client, conversion())
    assert (answer.status_code, error_code(answer)) == (429, "RESOURCE_EXHAUSTED")
    client.post("/_sim/rows", json={"requests_per_minute": 99, "barred": ["1234567890"]})
    assert error_code(upload(client, conversion())) == "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"
    assert codes(upload(client, adjustment())) == {}
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_a_version_that_is_gone_is_said_to_be() -> None:
    path = CUSTOMER.replace("v26", "v15") + "uploadClickConversions"
    assert google().post(path, json={}, headers=BEARER).status_code == 404


def _with(client: Client, headers: dict[str, str]) -> Any:
    told = {"conversions": [conversion(orderId=str(time.time_ns()))], "partialFailure": True}
    return client.post(CUSTOMER + "uploadClickConversions", json=told, headers=headers)
