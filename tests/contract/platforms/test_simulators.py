"""The simulators keep the vendors' sheets: each rule refuses, and says so in the vendor's shape."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from deploy.simulators.ga4 import Ga4Rules
from deploy.simulators.ledger import Ledger
from deploy.simulators.meta import MetaRules
from deploy.simulators.server import application
from deploy.simulators.sgtm import SgtmRules

HASH = "0" * 64
TOKEN = {"authorization": "Bearer t"}


class Client:
    """Asks an application without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, headers=headers))

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        given = {"json": json, "content": content, "data": data}
        return asyncio.run(self._ask("POST", path, headers=headers, **given))

    def send(self, method: str, path: str, *, content: str) -> httpx.Response:
        return asyncio.run(self._ask(method, path, content=content))

    async def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            return await client.request(method, path, **rest)


def meta(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(MetaRules(ledger), ledger))


def ga4(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(Ga4Rules(ledger), ledger))


def sgtm() -> Client:
    ledger = Ledger(None)
    return Client(application(SgtmRules(ledger), ledger))


def purchase(**fields: Any) -> dict[str, Any]:
    return {
        "event_name": "Purchase",
        "event_time": int(time.time()) - 60,
        "event_id": "e1",
        "action_source": "website",
        "user_data": {"em": [HASH]},
        "custom_data": {"value": 1.5, "currency": "EUR"},
        **fields,
    }


def without(event: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != field}


def now() -> int:
    return int(time.time())


META_REFUSALS = {
    "no name": lambda: without(purchase(), "event_name"),
    "no time": lambda: without(purchase(), "event_time"),
    "a time in milliseconds": lambda: purchase(event_time=now() * 1000),
    "a time as text": lambda: purchase(event_time=str(now())),
    "older than seven days": lambda: purchase(event_time=now() - 8 * 86_400),
    "no action source": lambda: without(purchase(), "action_source"),
    "an unknown action source": lambda: purchase(action_source="web"),
    "no user data": lambda: without(purchase(), "user_data"),
    "an email in the clear": lambda: purchase(user_data={"em": ["a@example.com"]}),
    "a hash in upper case": lambda: purchase(user_data={"ph": ["A" * 64]}),
    "an empty field": lambda: purchase(user_data={"em": [HASH], "fbp": ""}),
    "a click id with seconds": lambda: purchase(user_data={"fbc": "fb.1.1554763741.AbC"}),
    "a client agent alone": lambda: purchase(user_data={"client_user_agent": "Mozilla/5.0"}),
    "a city alone": lambda: purchase(user_data={"ct": [HASH], "country": [HASH]}),
    "a last name and a gender": lambda: purchase(user_data={"ln": [HASH], "ge": [HASH]}),
    "no value": lambda: purchase(custom_data={"currency": "EUR"}),
    "no currency": lambda: purchase(custom_data={"value": 1}),
    "a value as text": lambda: purchase(custom_data={"value": "1", "currency": "EUR"}),
    "no such currency": lambda: purchase(custom_data={"value": 1, "currency": "QQQ"}),
    "a content without an id": lambda: purchase(
        custom_data={"value": 1, "currency": "EUR", "contents": [{"quantity": 1}]}
    ),
}


@pytest.mark.parametrize("rule", META_REFUSALS)
def test_meta_refuses_the_whole_request_for_one_event_with(rule: str) -> None:
    client = meta()
    bad = META_REFUSALS[rule]()
    answer = client.post(
        "/v26.0/px/events", json={"data": [purchase(event_id="good"), bad]}, headers=TOKEN
    )
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == 100
    assert error["type"] == "OAuthException"
    assert client.get("/_sim/accepted").json() == []


def test_meta_names_its_known_refusals_by_subcode() -> None:
    client = meta()
    for rule, subcode in (
        ("older than seven days", 2804003),
        ("no value", 2804009),
        ("a city alone", 2804050),
    ):
        body = {"data": [META_REFUSALS[rule]()]}
        error = client.post("/v26.0/px/events", json=body, headers=TOKEN).json()["error"]
        assert error["error_subcode"] == subcode


def test_meta_wants_a_token_a_version_and_at_most_a_thousand_events() -> None:
    client = meta()
    client.post("/_sim/accounts", json={"px": "right"})
    body = {"data": [purchase()]}
    assert client.post("/v26.0/px/events", json=body).status_code == 401
    wrong = client.post("/v26.0/px/events", json=body, headers=TOKEN)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 190)
    right = {"authorization": "Bearer right"}
    assert client.post("/px/events", json=body, headers=right).status_code == 400
    many = {"data": [purchase(event_id=str(n)) for n in range(1001)]}
    assert client.post("/v26.0/px/events", json=many, headers=right).status_code == 400
    assert client.post("/v26.0/px/events", json={"data": []}, headers=right).status_code == 400
    assert client.post("/v26.0/px/events", json=body, headers=right).json()["events_received"] == 1


def test_meta_counts_an_event_id_once_within_48_hours_and_remembers_over_a_restart(
    tmp_path: Path,
) -> None:
    state = tmp_path / "meta.jsonl"
    for client in (meta(state), meta(state)):
        answer = client.post("/v26.0/px/events", json={"data": [purchase()]}, headers=TOKEN)
        assert answer.json()["events_received"] == 1
    (row,) = meta(state).get("/_sim/accepted").json()
    assert (row["id"], row["times_accepted"], row["duplicates"]) == ("e1", 1, 1)
    old = [json.loads(line) for line in state.read_text().splitlines()]
    for line in old:
        line["at"] -= 49 * 3600
    state.write_text("".join(json.dumps(line) + "\n" for line in old) + '{"torn')
    client = meta(state)
    client.post("/v26.0/px/events", json={"data": [purchase()]}, headers=TOKEN)
    (row,) = client.get("/_sim/accepted").json()
    assert row["times_accepted"] == 2


def collect(event: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
    return {
        "client_id": "1.2",
        "events": [event or {"name": "purchase", "params": order()}],
        **body,
    }


def order(**params: Any) -> dict[str, Any]:
    return {"transaction_id": "o1", "currency": "EUR", "value": 1.5, **params}


def named(name: str, **params: Any) -> dict[str, Any]:
    return collect({"name": name, "params": params})


GA4_REFUSALS = {
    "no client": lambda: without(collect(), "client_id"),
    "no events": lambda: collect(events=[]),
    "26 events": lambda: collect(events=[{"name": "search"}] * 26),
    "26 parameters": lambda: named("search", **{f"p{n}": 1 for n in range(26)}),
    "a reserved name": lambda: named("session_start"),
    "a malformed name": lambda: named("1st"),
    "a reserved prefix": lambda: named("google_x"),
    "a name of 41 characters": lambda: named("n" * 41),
    "an empty value": lambda: named("search", search_term=""),
    "a null": lambda: named("search", search_term=None),
    "a value of 101 characters": lambda: named("search", search_term="x" * 101),
    "a value without a currency": lambda: named("search", value=1),
    "a purchase without a transaction": lambda: named("purchase", value=1, currency="EUR"),
    "a purchase with an empty transaction": lambda: named("purchase", transaction_id=""),
    "older than 72 hours": lambda: collect(timestamp_micros=(now() - 73 * 3600) * 1_000_000),
    "a time in milliseconds": lambda: collect(timestamp_micros=now() * 1000),
    "lower-case consent": lambda: collect(consent={"ad_user_data": "granted"}),
    "an email in the clear": lambda: collect(user_data={"sha256_email_address": ["a@example.com"]}),
    "201 items": lambda: named("search", items=[{"item_id": "x"}] * 201),
    "a nameless item": lambda: named("search", items=[{"price": 1}]),
    "a session that is no number": lambda: named("search", session_id="s1"),
}
QUERY = "?measurement_id=G-1&api_secret=s"


@pytest.mark.parametrize("rule", GA4_REFUSALS)
def test_ga4_says_204_and_drops(rule: str) -> None:
    client = ga4()
    body = GA4_REFUSALS[rule]()
    assert client.post("/debug/mp/collect", json=body).json()["validationMessages"]
    answer = client.post("/mp/collect" + QUERY, json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get("/_sim/accepted").json() == []
    assert client.get("/_sim/stats").json()["validation_messages"]


def test_ga4_loses_events_with_a_wrong_secret_without_a_word() -> None:
    client = ga4()
    client.post("/_sim/accounts", json={"G-1": "right"})
    assert client.post("/mp/collect" + QUERY, json=collect()).status_code == 204
    assert client.get("/_sim/accepted").json() == []
    assert client.post("/debug/mp/collect", json=collect()).json() == {"validationMessages": []}


def test_ga4_counts_a_transaction_once_and_anything_else_each_time() -> None:
    client = ga4()
    for _ in range(2):
        client.post("/mp/collect" + QUERY, json=collect())
        client.post("/mp/collect" + QUERY, json=named("search", event_id="s1"))
    rows = {row["event_name"]: row for row in client.get("/_sim/accepted").json()}
    assert rows["purchase"]["times_accepted"] == 1
    assert rows["purchase"]["duplicates"] == 1
    assert rows["search"]["times_accepted"] == 2


def test_ga4_refuses_a_body_that_is_too_large() -> None:
    body = collect(padding="x" * 130_001)
    assert ga4().post("/mp/collect" + QUERY, json=body).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"client_id": "1.2"}, {"events": [{"name": "search"}]}, {**collect(), "events": []},
        {**collect(), "client_id": 7}, {**collect(), "events": [{"params": {}}]},
    ],
)  # fmt: skip
def test_a_container_says_400_to_what_none_of_its_clients_claims(body: Any) -> None:
    client = sgtm()
    assert client.post("/mp/collect", json=body).status_code == 400
    assert client.get("/_sim/accepted").json() == []


def test_a_container_knows_an_event_again_and_tells_what_was_previewed() -> None:
    client = sgtm()
    body = named("purchase", event_id="e1", **order())
    for headers in ({}, {"X-Gtm-Server-Preview": "token"}):
        answer = client.post("/mp/collect?id=GTM-1", json=body, headers=headers)
        assert answer.status_code == 200
    (row,) = client.get("/_sim/accepted").json()
    assert (row["account"], row["id"], row["times_accepted"], row["duplicates"]) == (
        "GTM-1", "e1", 1, 1,
    )  # fmt: skip
    assert client.get("/_sim/stats").json()["previewed"] == ["token"]


def test_a_script_gives_the_next_requests_of_its_account_their_trouble() -> None:
    client = meta()
    client.post(
        "/_sim/script",
        json={"steps": [{"account": "sick", "count": 2, "status": 503, "headers": {"x-a": "1"}}]},
    )
    body = {"data": [purchase()]}
    assert client.post("/v26.0/well/events", json=body, headers=TOKEN).status_code == 200
    for _ in range(2):
        answer = client.post("/v26.0/sick/events", json=body, headers=TOKEN)
        assert (answer.status_code, answer.headers["x-a"]) == (503, "1")
    assert client.post("/v26.0/sick/events", json=body, headers=TOKEN).status_code == 200
    assert client.post("/_sim/script", json={"steps": [{"typo": 1}]}).status_code == 400
    assert client.get("/_sim/stats").json()["script_left"] == 0
