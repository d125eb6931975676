"""LinkedIn's simulator keeps the vendor's sheet: each rule refuses, and names who broke it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.simulators.authority import EXCHANGE
from deploy.simulators.ledger import Ledger
from deploy.simulators.linkedin import LinkedInRules
from deploy.simulators.server import application
from tests.contract.platforms.test_simulators import HASH, Client, without

PATH = "/rest/conversionEvents"
RULE = "urn:lla:llaPartnerConversion:7"
HEADERS = {
    "authorization": "Bearer t",
    "linkedin-version": "202608",
    "x-restli-protocol-version": "2.0.0",
    "x-restli-method": "BATCH_CREATE",
}


def linkedin(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(LinkedInRules(ledger), ledger))


def now_ms() -> int:
    return int(time.time() * 1000)


def event(event_id: str = "e1", **fields: Any) -> dict[str, Any]:
    return {
        "conversion": RULE,
        "conversionHappenedAt": now_ms() - 60_000,
        "eventId": event_id,
        "conversionValue": {"currencyCode": "EUR", "amount": "1.50"},
        "user": {"userIds": [{"idType": "SHA256_EMAIL", "idValue": HASH}]},
        **fields,
    }


def known(kind: str, value: Any) -> dict[str, Any]:
    return event(user={"userIds": [{"idType": kind, "idValue": value}]})


def worth(**fields: Any) -> dict[str, Any]:
    return event(conversionValue=fields)


def told(client: Client, *events: Any, **headers: str) -> httpx.Response:
    replaced = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(PATH, json={"elements": list(events)}, headers=HEADERS | replaced)


def counted(client: Client) -> dict[str, int]:
    return {row["id"]: row["times_accepted"] for row in client.get("/_sim/accepted").json()}


REFUSALS: dict[str, Callable[[], Any]] = {
    "no rule": lambda: without(event(), "conversion"),
    "a rule without its URN": lambda: event(conversion="7"),
    "an id that is a number": lambda: event(eventId=7),
    "no time": lambda: without(event(), "conversionHappenedAt"),
    "a time in seconds": lambda: event(conversionHappenedAt=now_ms() // 1000),
    "a time as text": lambda: event(conversionHappenedAt=str(now_ms())),
    "a time to come": lambda: event(conversionHappenedAt=now_ms() + 3_600_000),
    "older than 90 days": lambda: event(conversionHappenedAt=now_ms() - 91 * 86_400_000),
    "an amount that is a number": lambda: worth(currencyCode="EUR", amount=1.5),
    "an amount without a currency": lambda: worth(amount="1.50"),
    "a currency without an amount": lambda: worth(currencyCode="EUR"),
    "no such currency": lambda: worth(currencyCode="QQQ", amount="1"),
    "no user": lambda: without(event(), "user"),
    "a user without a list of ids": lambda: event(user={"externalIds": ["x"]}),
    "a user of nothing": lambda: event(user={"userIds": []}),
    "a first name alone": lambda: event(user={"userIds": [], "userInfo": {"firstName": "Mary"}}),
    "two ids from outside": lambda: event(user={"userIds": [], "externalIds": ["x", "y"]}),
    "an email in the clear": lambda: known("SHA256_EMAIL", "a@example.com"),
    "an email hashed in upper case": lambda: known("SHA256_EMAIL", "A" * 64),
    "a phone": lambda: known("SHA256_PHONE", HASH),
    "a click id that is hashed": lambda: known("LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", HASH),
    "an address of the sixth version": lambda: known("PLAINTEXT_IP_ADDRESS", "2001:db8::7"),
    "a field that LinkedIn does not know": lambda: event(event_name="Purchase"),
    "no object": lambda: "event",
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_linkedin_refuses_the_whole_batch_and_names_the_event_with(rule: str) -> None:
    client = linkedin()
    answer = told(client, event("good"), REFUSALS[rule]())
    assert answer.status_code == answer.json()["status"] == 422
    assert answer.json()["message"].startswith("Index: 1, ERROR :: ")
    assert "Index: 0" not in answer.json()["message"]
    assert counted(client) == {}


def test_each_element_of_a_good_batch_is_created() -> None:
    client = linkedin()
    names = {"userIds": [], "userInfo": {"firstName": "Mary", "lastName": "Doe"}}
    answer = told(client, event(), event("e2", user=names))
    assert (answer.status_code, answer.json()) == (200, {"elements": [{"status": 201}] * 2})
    assert counted(client) == {"e1": 1, "e2": 1}


def test_a_single_event_is_created_without_a_body() -> None:
    client = linkedin()
    answer = client.post(PATH, json=event(), headers=without(HEADERS, "x-restli-method"))
    assert (answer.status_code, answer.content) == (201, b"")
    assert counted(client) == {"e1": 1}


def test_five_thousand_events_are_taken_and_one_more_is_not() -> None:
    client = linkedin()
    assert told(client, *[event(str(n)) for n in range(5000)]).status_code == 200
    assert told(client, *[event(str(n)) for n in range(5001)]).status_code == 400
    assert told(client).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"linkedin_version": ""}, 400),
        ({"linkedin_version": "202511"}, 426),
        ({"x_restli_protocol_version": "1.0.0"}, 400),
        ({"authorization": ""}, 401),
    ],
)
def test_linkedin_wants_its_headers(headers: dict[str, str], status: int) -> None:
    assert told(linkedin(), event(), **headers).status_code == status


def test_a_rule_that_is_not_of_the_api_is_named() -> None:
    client = linkedin()
    client.post("/_sim/rows", json={"rules": [8]})
    answer = told(client, event(), event(conversion=RULE[:-1] + "8"))
    assert answer.status_code == 400
    assert "indices [0] (0-indexed)" in answer.json()["message"]
    assert counted(client) == {}


def test_a_token_may_be_foreign_expired_or_revoked() -> None:
    client = linkedin()
    client.post("/_sim/accounts", json={"507404993": "right"})
    client.post("/_sim/rows", json={"expired": ["old"], "revoked": ["gone"]})
    said = [
        told(client, event(), authorization=f"Bearer {t}") for t in ("right", "old", "gone", "x")
    ]
    assert [answer.status_code for answer in said] == [200, 401, 401, 401]
    codes = ["EXPIRED_ACCESS_TOKEN", "REVOKED_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN"]
    assert [answer.json()["code"] for answer in said[1:]] == codes


def test_linkedin_throttles_a_token_that_asks_too_often() -> None:
    client = linkedin()
    client.post("/_sim/rows", json={"requests_per_minute": 1})
    assert told(client, event()).status_code == 200
    late = told(client, event("e2"))
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_the_insight_tag_wins_and_the_same_id_from_a_server_counts_twice(tmp_path: Path) -> None:
    state = tmp_path / "linkedin.jsonl"
    client = linkedin(state)
    client.post("/_sim/rows", json={"insight_tag": ["e2"]})
    assert told(client, event(), event("e2")).status_code == 200
    assert told(linkedin(state), event()).status_code == 200
    assert counted(linkedin(state)) == {"e1": 2}
    assert client.get("/_sim/stats").json()["told_by_the_tag"] == 1


def test_a_token_that_was_bought_counts_until_it_ends_or_its_refresh_token_goes() -> None:
    client = linkedin()
    client.post("/_sim/accounts", json={"507404993": "right"})
    app = {"client_id": "c", "client_secret": "s"}
    form = {"grant_type": "refresh_token", "refresh_token": "r", **app}
    sold = client.post(EXCHANGE, data=form).json()
    bearer = {"authorization": f"Bearer {sold['access_token']}"}
    assert sold["expires_in"] == 3600
    assert told(client, event(), **bearer).status_code == 200
    client.post("/_sim/rows", json={"revoked": ["r"]})
    assert told(client, event(), **bearer).json()["code"] == "REVOKED_ACCESS_TOKEN"
    assert client.post(EXCHANGE, data=form).json()["error"] == "invalid_grant"
    del form["client_id"]
    assert client.post(EXCHANGE, data=form).status_code == 401
    client.post("/_sim/rows", json={"token_seconds": 0})
    other = client.post(EXCHANGE, data={**form, **app, "refresh_token": "r2"}).json()
    said = told(client, event(), authorization=f"Bearer {other['access_token']}")
    assert said.json()["code"] == "EXPIRED_ACCESS_TOKEN"
