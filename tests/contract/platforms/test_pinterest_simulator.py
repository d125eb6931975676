"""Pinterest's simulator keeps the vendor's description and sheet: what breaks the one is refused
with its request, what breaks the other fails alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.simulators.ledger import Ledger
from deploy.simulators.pinterest import PARTIAL, PinterestRules
from deploy.simulators.server import application
from tests.contract.platforms.test_simulators import HASH, Client, now, without

PATH = "/v5/ad_accounts/549/events"
TOKEN = {"Authorization": "Bearer t"}


def pinterest(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(PinterestRules(ledger), ledger))


def checkout(**fields: Any) -> dict[str, Any]:
    return {
        "event_name": "checkout",
        "action_source": "web",
        "event_time": now() - 60,
        "event_id": "e1",
        "user_data": {"em": [HASH]},
        "custom_data": {"value": "1.50", "currency": "EUR"},
        **fields,
    }


def person(**fields: Any) -> dict[str, Any]:
    return checkout(user_data={"em": [HASH], **fields})


def worth(**fields: Any) -> dict[str, Any]:
    return checkout(custom_data={"value": "1.50", "currency": "EUR", **fields})


def line(**fields: Any) -> dict[str, Any]:
    return worth(contents=[{"id": "s", "quantity": 1, "item_price": "9.50", **fields}])


def told(client: Client, *events: Any, token: str = "t", path: str = PATH) -> tuple[int, int]:
    answer = client.post(
        path, json={"data": list(events)}, headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code, answer.json().get("code", 0)


REFUSALS: dict[str, Callable[[], Any]] = {
    "no name": lambda: without(checkout(), "event_name"),
    "no source": lambda: without(checkout(), "action_source"),
    "no time": lambda: without(checkout(), "event_time"),
    "no id": lambda: without(checkout(), "event_id"),
    "no user": lambda: without(checkout(), "user_data"),
    "a field that is none": lambda: checkout(timestamp=1),
    "a time as text": lambda: checkout(event_time=str(now())),
    "a time with a fraction": lambda: checkout(event_time=now() + 0.5),
    "an id that is a number": lambda: checkout(event_id=7),
    "a phone alone": lambda: checkout(user_data={"ph": [HASH]}),
    "an agent without an address": lambda: checkout(user_data={"client_user_agent": "M"}),
    "an email that is no list": lambda: checkout(user_data={"em": HASH}),
    "a list of numbers": lambda: person(ph=[7]),
    "a click id in a list": lambda: person(click_id=["x"]),
    "a detail that is none": lambda: person(fbp="x"),
    "a value as a number": lambda: worth(value=1.5),
    "items as text": lambda: worth(num_items="1"),
    "a custom field that is none": lambda: worth(category_name="Hats"),
    "a content id that is a number": lambda: worth(content_ids=[7]),
    "a price as a number": lambda: line(item_price=9.5),
    "a quantity as text": lambda: line(quantity="1"),
    "a field of a line that is none": lambda: line(title="Hat"),
    "no object": lambda: "event",
}
FAILURES: dict[str, Callable[[], Any]] = {
    "a name that is none": lambda: checkout(event_name="purchase"),
    "a source that is none": lambda: checkout(action_source="website"),
    "an empty id": lambda: checkout(event_id=""),
    "a time in milliseconds": lambda: checkout(event_time=now() * 1000),
    "older than seven days": lambda: checkout(event_time=now() - 8 * 86_400),
    "an email in the clear": lambda: checkout(user_data={"em": ["a@example.com"]}),
    "one clear id of two": lambda: person(external_id=[HASH, "7"]),
    "a phone hashed in upper case": lambda: person(ph=["A" * 64]),
    "a click id that is hashed": lambda: person(click_id=HASH),
    "an address that is none": lambda: person(client_ip_address="unknown"),
    "no such currency": lambda: worth(currency="QQQ"),
    "a value in words": lambda: worth(value="much"),
    "a price in words": lambda: line(item_price="nine"),
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_pinterest_refuses_the_whole_request_with(rule: str) -> None:
    client = pinterest()
    assert told(client, checkout(event_id="good"), REFUSALS[rule]()) == (400, 4196)
    assert client.get("/_sim/accepted").json() == []


@pytest.mark.parametrize("rule", FAILURES)
def test_an_event_fails_alone_with(rule: str) -> None:
    client = pinterest()
    events = [checkout(event_id="good"), FAILURES[rule]()]
    answer = client.post(PATH, json={"data": events}, headers=TOKEN)
    details = answer.json()["details"]
    assert answer.status_code == 422
    assert [row["status"] for row in details["events"]] == ["processed", "failed"]
    assert (details["num_events_received"], details["num_events_processed"]) == (2, 1)
    assert [row["id"] for row in client.get("/_sim/accepted").json()] == ["good"]


@pytest.mark.parametrize(
    "event",
    [
        line(),
        checkout(action_source="offline"),
        checkout(user_data={"client_ip_address": "::1", "client_user_agent": "M"}),
        without(checkout(event_name="page_visit"), "custom_data"),
    ],
)
def test_pinterest_takes_what_keeps_the_rules(event: dict[str, Any]) -> None:
    assert told(pinterest(), event) == (200, 0)


@pytest.mark.parametrize("said", [{"data": []}, {"data": [{}] * 1001}, {}, [], {"data": {}}])
def test_pinterest_wants_between_one_and_a_thousand_events(said: Any) -> None:
    answer = pinterest().post(PATH, json=said, headers=TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (400, 4196)


def test_a_thousand_events_are_taken() -> None:
    client = pinterest()
    assert told(client, *[checkout(event_id=str(n)) for n in range(1000)]) == (200, 0)
    assert client.get("/_sim/stats").json()["counted"] == 1000


@pytest.mark.parametrize(
    ("partial", "status", "where"),
    [(PARTIAL[1], 200, "events"), (PARTIAL[2], 422, "details")],
)
def test_a_part_may_be_told_in_another_way(partial: str, status: int, where: str) -> None:
    client = pinterest()
    client.post("/_sim/rows", json={"partial": partial})
    events = [checkout(event_id="good"), checkout(event_name="x")]
    answer = client.post(PATH, json={"data": events}, headers=TOKEN)
    assert answer.status_code == status
    assert bool(answer.json()[where]) is (where == "events")
    assert client.post("/_sim/rows", json={"partial": "?"}).status_code == 400


def test_pinterest_wants_the_token_of_the_ad_account_and_one_that_lasts() -> None:
    client = pinterest()
    client.post("/_sim/accounts", json={"549": "right"})
    assert told(client, checkout(), token="") == (401, 2)
    assert told(client, checkout(), token="wrong") == (403, 29)
    assert told(client, checkout(), token="right") == (200, 0)
    client.post("/_sim/rows", json={"expired": ["right"]})
    assert told(client, checkout(), token="right") == (401, 2)
    assert told(client, checkout(), path="/v4/ad_accounts/549/events")[0] == 404


def test_who_cannot_buy_a_token_is_told_so_in_pinterest_s_shape() -> None:
    answer = pinterest().post("/oauth/token", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, 2)


def test_an_ad_account_may_ask_so_often_and_no_more() -> None:
    client = pinterest()
    client.post("/_sim/rows", json={"requests_per_minute": 0})
    answer = client.post(PATH, json={"data": [checkout()]}, headers=TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (429, 8)
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == "1"
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_the_same_id_counts_once_within_48_hours_under_one_name(tmp_path: Path) -> None:
    state = tmp_path / "pinterest.jsonl"
    for client in (pinterest(state), pinterest(state)):
        assert told(client, checkout(), checkout(event_name="lead")) == (200, 0)
    rows = pinterest(state).get("/_sim/accepted").json()
    assert [(r["event_name"], r["times_accepted"], r["duplicates"]) for r in rows] == [
        ("checkout", 1, 1), ("lead", 1, 1),
    ]  # fmt: skip
    old = [json.loads(kept) for kept in state.read_text().splitlines()]
    for one in old:
        one["at"] -= 49 * 3600
    state.write_text("".join(json.dumps(one) + "\n" for one in old))
    client = pinterest(state)
    assert told(client, checkout()) == (200, 0)
    assert client.get("/_sim/accepted").json()[0]["times_accepted"] == 2


def test_an_offline_event_is_never_taken_for_another() -> None:
    client = pinterest()
    for _ in range(2):
        assert told(client, checkout(action_source="offline")) == (200, 0)
    assert client.get("/_sim/stats").json()["counted"] == 2


def test_when_testing_the_first_20_are_processed_and_nothing_counts() -> None:
    client = pinterest()
    events = [checkout(event_id=str(n)) for n in range(21)]
    answer = client.post(f"{PATH}?test=true", json={"data": events}, headers=TOKEN).json()
    assert (answer["num_events_received"], len(answer["events"])) == (21, 20)
    assert client.get("/_sim/accepted").json() == []
    assert client.get("/_sim/stats").json()["test_events"] == 20
