"""TikTok's simulator keeps the vendor's sheet: each rule refuses, by the vendor's code."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application
from deploy.simulators.tiktok import TikTokRules
from tests.contract.platforms.test_simulators import HASH, Client, now, without

PATH = "/open_api/v1.3/event/track/"
TOKEN = {"Access-Token": "t"}


def tiktok(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(TikTokRules(ledger), ledger))


def purchase(**fields: Any) -> dict[str, Any]:
    return {
        "event": "Purchase",
        "event_time": int(time.time()) - 60,
        "event_id": "e1",
        "user": {"email": HASH, "ip": "203.0.113.7"},
        "properties": {"value": 1.5, "currency": "EUR", "contents": [{"content_id": "sku"}]},
        "page": {"url": "https://shop.example/thanks"},
        **fields,
    }


def body(*events: Any, **fields: Any) -> dict[str, Any]:
    return {"event_source": "web", "event_source_id": "C4X", "data": list(events), **fields}


def worth(**fields: Any) -> dict[str, Any]:
    return purchase(properties={"value": 1, "currency": "EUR", **fields})


def told(client: Client, said: Any, token: str = "t") -> int:
    answer = client.post(PATH, json=said, headers={"Access-Token": token})
    assert answer.status_code == 200
    return int(answer.json()["code"])


REFUSALS: dict[str, Callable[[], Any]] = {
    "no name": lambda: without(purchase(), "event"),
    "an id that is a number": lambda: purchase(event_id=7),
    "no time": lambda: without(purchase(), "event_time"),
    "a time in milliseconds": lambda: purchase(event_time=now() * 1000),
    "a time as text": lambda: purchase(event_time=str(now())),
    "older than seven days": lambda: purchase(event_time=now() - 8 * 86_400),
    "no user": lambda: without(purchase(), "user"),
    "a user of nothing": lambda: purchase(user={}),
    "an email in the clear": lambda: purchase(user={"email": "a@example.com"}),
    "a phone hashed in upper case": lambda: purchase(user={"phone": "A" * 64}),
    "one clear id of two": lambda: purchase(user={"external_id": [HASH, "7"]}),
    "a click id that is hashed": lambda: purchase(user={"ttclid": HASH}),
    "a city that is hashed": lambda: purchase(user={"email": HASH, "city": HASH}),
    "an address that is none": lambda: purchase(user={"ip": "unknown"}),
    "an empty agent": lambda: purchase(user={"email": HASH, "user_agent": ""}),
    "no page": lambda: without(purchase(), "page"),
    "a page without an address": lambda: purchase(page={"referrer": "https://a.example"}),
    "no value": lambda: purchase(properties={"currency": "EUR"}),
    "no currency": lambda: purchase(properties={"value": 1}),
    "a value as text": lambda: worth(value="1"),
    "no such currency": lambda: worth(currency="QQQ"),
    "no such type of content": lambda: worth(content_type="products"),
    "a content without an id": lambda: worth(contents=[{"quantity": 1}]),
    "a content id that is a number": lambda: worth(contents=[{"content_id": 7}]),
    "a price as text": lambda: worth(contents=[{"content_id": "s", "price": "1"}]),
    "half a piece": lambda: worth(contents=[{"content_id": "s", "quantity": 0.5}]),
    "a text for limited data use": lambda: purchase(limited_data_use="yes"),
    "no object": lambda: "event",
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_tiktok_refuses_the_whole_request_and_names_the_row_with(rule: str) -> None:
    client = tiktok()
    said = body(purchase(event_id="good"), REFUSALS[rule]())
    answer = client.post(PATH, json=said, headers=TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (200, 40002)
    assert answer.json()["message"].startswith("data.1.")
    assert client.get("/_sim/accepted").json() == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (body(purchase(), event_source="website"), 40002),
        (body(purchase(), event_source_id=""), 40002),
        (body(), 40002),
        (body(*[{}] * 1001), 40002),
        ([], 40000),
    ],
)
def test_tiktok_wants_a_source_a_pixel_and_at_most_a_thousand_events(said: Any, code: int) -> None:
    assert told(tiktok(), said) == code


def test_a_thousand_events_are_taken() -> None:
    client = tiktok()
    assert told(client, body(*[purchase(event_id=str(n)) for n in range(1000)])) == 0
    assert client.get("/_sim/stats").json()["counted"] == 1000


def test_tiktok_wants_the_token_of_the_pixel_and_one_that_lasts() -> None:
    client = tiktok()
    client.post("/_sim/accounts", json={"C4X": "right", "C4Y": "other"})
    assert told(client, body(purchase()), token="") == 40104
    assert told(client, body(purchase()), token="wrong") == 40105
    assert told(client, body(purchase()), token="other") == 40001
    assert told(client, body(purchase()), token="right") == 0
    client.post("/_sim/rows", json={"expired": ["right"]})
    assert told(client, body(purchase()), token="right") == 40105


def test_tiktok_throttles_a_token_that_asks_too_often() -> None:
    client = tiktok()
    client.post("/_sim/rows", json={"requests_per_second": 0})
    assert told(client, body(purchase())) == 40100
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_a_part_of_a_request_may_get_lost_and_the_rest_counts_once() -> None:
    client = tiktok()
    client.post("/_sim/rows", json={"lost": ["e1"]})
    said = body(purchase(), purchase(event_id="e2"))
    assert told(client, said) == 20001
    assert [row["id"] for row in client.get("/_sim/accepted").json()] == ["e2"]
    assert told(client, said) == 0
    rows = client.get("/_sim/accepted").json()
    assert {row["id"]: row["times_accepted"] for row in rows} == {"e1": 1, "e2": 1}


def test_the_same_id_counts_once_within_48_hours_under_one_name(tmp_path: Path) -> None:
    state = tmp_path / "tiktok.jsonl"
    for client in (tiktok(state), tiktok(state)):
        assert told(client, body(purchase(), purchase(event="CompletePayment"))) == 0
    rows = tiktok(state).get("/_sim/accepted").json()
    assert [(r["event_name"], r["times_accepted"], r["duplicates"]) for r in rows] == [
        ("Purchase", 1, 1), ("CompletePayment", 1, 1),
    ]  # fmt: skip
    old = [json.loads(line) for line in state.read_text().splitlines()]
    for line in old:
        line["at"] -= 49 * 3600
    state.write_text("".join(json.dumps(line) + "\n" for line in old))
    client = tiktok(state)
    assert told(client, body(purchase())) == 0
    assert client.get("/_sim/accepted").json()[0]["times_accepted"] == 2


def test_the_path_ends_with_a_slash() -> None:
    answer = tiktok().post(PATH.rstrip("/"), json=body(purchase()), headers=TOKEN)
    assert answer.status_code == 307
