"""Snapchat's simulator keeps the vendor's sheet: each rule refuses and names the event."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application
from deploy.simulators.snapchat import SnapchatRules
from tests.contract.platforms.test_simulators import HASH, Client, now, without

PATH = "/v3/px/events"


def snapchat(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(SnapchatRules(ledger), ledger))


def purchase(**fields: Any) -> dict[str, Any]:
    return {
        "event_name": "PURCHASE",
        "event_time": now() * 1000 - 60_000,
        "event_id": "e1",
        "action_source": "WEB",
        "event_source_url": "https://shop.example/thanks",
        "user_data": {"em": [HASH], "client_ip_address": "203.0.113.7"},
        "custom_data": {"value": 1.5, "currency": "EUR"},
        **fields,
    }


def worth(**fields: Any) -> dict[str, Any]:
    return purchase(custom_data={"value": 1, "currency": "EUR", **fields})


def line(**fields: Any) -> dict[str, Any]:
    return worth(contents=[{"id": "s", "quantity": "1", "item_price": "9.50", **fields}])


def told(client: Client, *events: Any, token: str = "t", path: str = PATH) -> int:
    return client.post(f"{path}?access_token={token}", json={"data": list(events)}).status_code


REFUSALS: dict[str, Callable[[], Any]] = {
    "no name": lambda: without(purchase(), "event_name"),
    "a name of one's own": lambda: purchase(event_name="QUIZ"),
    "a field that is none": lambda: purchase(timestamp=1),
    "no time": lambda: without(purchase(), "event_time"),
    "a time as text": lambda: purchase(event_time=str(now())),
    "older than seven days": lambda: purchase(event_time=(now() - 8 * 86_400) * 1000),
    "older than seven days, in seconds": lambda: purchase(event_time=now() - 8 * 86_400),
    "from the future": lambda: purchase(event_time=(now() + 120) * 1000),
    "an offline event older than 37 days": lambda: purchase(
        action_source="OFFLINE", event_time=now() - 38 * 86_400
    ),
    "no source": lambda: without(purchase(), "action_source"),
    "a source that is none": lambda: purchase(action_source="SHOP"),
    "no page": lambda: without(purchase(), "event_source_url"),
    "a page without a protocol": lambda: purchase(event_source_url="shop.example"),
    "an id that is a number": lambda: purchase(event_id=7),
    "an option that is none": lambda: purchase(data_processing_options=["LDP"]),
    "an option of an offline event": lambda: purchase(
        action_source="OFFLINE", data_processing_options=["LMU"]
    ),
    "no user": lambda: without(purchase(), "user_data"),
    "a user of a visitor alone": lambda: purchase(user_data={"external_id": HASH}),
    "an agent without an address": lambda: purchase(user_data={"client_user_agent": "M"}),
    "an email in the clear": lambda: purchase(user_data={"em": ["a@example.com"]}),
    "a phone hashed in upper case": lambda: purchase(user_data={"ph": ["A" * 64]}),
    "one clear id of two": lambda: purchase(user_data={"em": HASH, "external_id": [HASH, "7"]}),
    "a click id that is hashed": lambda: purchase(user_data={"em": HASH, "sc_click_id": HASH}),
    "an address that is none": lambda: purchase(
        user_data={"em": HASH, "client_ip_address": "unknown"}
    ),
    "no value": lambda: purchase(custom_data={"currency": "EUR"}),
    "no currency": lambda: purchase(custom_data={"value": 1}),
    "a value as text": lambda: worth(value="1"),
    "a value below nothing": lambda: worth(value=-1),
    "no such currency": lambda: worth(currency="QQQ"),
    "items as text": lambda: worth(num_items="1"),
    "an order that is a number": lambda: worth(order_id=7),
    "a content id that is a number": lambda: worth(content_ids=[7]),
    "contents that are none": lambda: worth(contents={}),
    "a quantity as a number": lambda: line(quantity=1),
    "a price as a number": lambda: line(item_price=9.5),
    "a price in words": lambda: line(item_price="nine"),
    "a field of a line that is none": lambda: line(title="Hat"),
    "no object": lambda: "event",
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_snapchat_refuses_the_whole_request_and_names_the_event_with(rule: str) -> None:
    client = snapchat()
    events = [purchase(event_id="good"), REFUSALS[rule]()]
    answer = client.post(f"{PATH}?access_token=t", json={"data": events})
    said = answer.json()
    assert (answer.status_code, said["status"], said["event"]) == (400, "INVALID", 1)
    assert len(said["errors"]["codes"]) == len(said["errors"]["error_msgs"]) == 1
    assert client.get("/_sim/accepted").json() == []


@pytest.mark.parametrize(
    "event",
    [
        purchase(event_time=now()),
        purchase(action_source="OFFLINE", event_time=now() - 30 * 86_400),
        purchase(data_processing_options=["LMU"], user_data={"madid": "a-b"}),
        purchase(event_name="PAGE_VIEW", custom_data={}),
        line(),
    ],
)
def test_snapchat_takes_what_keeps_the_rules(event: dict[str, Any]) -> None:
    assert told(snapchat(), event) == 200


@pytest.mark.parametrize("said", [{"data": []}, {"data": [{}] * 2001}, {}, []])
def test_snapchat_wants_between_one_and_2000_events(said: Any) -> None:
    answer = snapchat().post(f"{PATH}?access_token=t", json=said)
    assert answer.status_code == 400
    assert "event" not in answer.json()


def test_2000_events_are_taken() -> None:
    client = snapchat()
    assert told(client, *[purchase(event_id=str(n)) for n in range(2000)]) == 200
    assert client.get("/_sim/stats").json()["counted"] == 2000


def test_snapchat_knows_version_3_alone() -> None:
    assert told(snapchat(), purchase(), path="/v2/px/events") == 404


def test_snapchat_wants_the_token_of_the_pixel_and_one_that_lasts() -> None:
    client = snapchat()
    client.post("/_sim/accounts", json={"px": "right"})
    assert told(client, purchase(), token="") == 401
    assert told(client, purchase(), token="wrong") == 403
    assert told(client, purchase(), token="right") == 200
    client.post("/_sim/rows", json={"expired": ["right"]})
    assert told(client, purchase(), token="right") == 401


def test_a_token_may_ask_so_often_and_no_more() -> None:
    client = snapchat()
    assert client.post("/_sim/rows", json={"requests_per_second": 0}).status_code == 200
    assert told(client, purchase()) == 429
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_the_same_id_counts_once_within_48_hours_whatever_its_name(tmp_path: Path) -> None:
    state = tmp_path / "snapchat.jsonl"
    for client in (snapchat(state), snapchat(state)):
        assert told(client, purchase(), purchase(event_name="SIGN_UP")) == 200
    (row,) = snapchat(state).get("/_sim/accepted").json()
    assert (row["event_name"], row["times_accepted"], row["duplicates"]) == ("PURCHASE", 1, 3)
    old = [json.loads(kept) for kept in state.read_text().splitlines()]
    for one in old:
        one["at"] -= 49 * 3600
    state.write_text("".join(json.dumps(one) + "\n" for one in old))
    client = snapchat(state)
    assert told(client, purchase()) == 200
    assert client.get("/_sim/accepted").json()[0]["times_accepted"] == 2


def test_test_events_are_judged_line_by_line_and_never_count() -> None:
    client = snapchat()
    events = [purchase(), purchase(event_name="QUIZ")]
    answer = client.post(f"{PATH}/validate?access_token=t", json={"data": events}).json()
    assert [(row["event"], row["status"]) for row in answer["event_logs"]] == [
        (0, "VALID"), (1, "INVALID"),
    ]  # fmt: skip
    assert client.get("/_sim/accepted").json() == []
    assert client.get("/_sim/stats").json()["test_events"] == 2
