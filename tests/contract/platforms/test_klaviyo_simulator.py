"""Klaviyo's simulator keeps the vendor's sheet: each rule refuses, and points at the field."""

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.simulators.authority import EXCHANGE
from deploy.simulators.klaviyo import BULK, ONE, KlaviyoRules
from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application
from tests.contract.platforms.test_simulators import HASH, Client, without

ROW = "/data/attributes/events-bulk-create/data"
MAIL = {"email": "mary@example.com"}


def klaviyo(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(KlaviyoRules(ledger), ledger))


def resource(kind: str, attributes: Any) -> dict[str, Any]:
    return {"data": {"type": kind, "attributes": attributes}}


def iso(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat(timespec="seconds")


def order(*, person: Any = MAIL, **fields: Any) -> dict[str, Any]:
    return {
        "metric": resource("metric", {"name": "Placed Order"}),
        "profile": resource("profile", person),
        "properties": {},
        "time": iso(minutes=1),
        "unique_id": "e1",
        "value": 1.5,
        "value_currency": "EUR",
        **fields,
    }


def job(*events: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": event["profile"],
                "events": {"data": [{"type": "event", "attributes": without(event, "profile")}]},
            },
        }
        for event in events
    ]
    return resource("event-bulk-create-job", {"events-bulk-create": {"data": rows}})


def post(client: Client, path: str, said: Any, **headers: str) -> httpx.Response:
    usual = {
        "authorization": "Klaviyo-API-Key pk_1",
        "revision": "2026-07-15",
        "content-type": "application/vnd.api+json",
    }
    return client.post(path, json=said, headers=usual | headers)


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400
    return [error["source"]["pointer"] for error in answer.json()["errors"]]


REFUSALS: dict[str, Callable[[], dict[str, Any]]] = {
    "/properties": lambda: without(order(), "properties"),
    "/metric/data/attributes/name": lambda: order(metric=resource("metric", {"name": "n" * 128})),
    "/time": lambda: order(time=int(time.time())),
    "/value": lambda: order(value="1.5"),
    "/value_currency": lambda: order(value_currency="QQQ"),
    "/unique_id": lambda: order(unique_id=7),
    "/backfill": lambda: order(backfill="yes"),
    "/event_id": lambda: order(event_id="e1"),
}


@pytest.mark.parametrize("field", REFUSALS)
def test_klaviyo_refuses_and_points_at(field: str) -> None:
    client = klaviyo()
    assert pointers(post(client, ONE, resource("event", REFUSALS[field]()))) == [
        f"/data/attributes{field}"
    ]
    good = order(unique_id="good")
    assert pointers(post(client, BULK, job(good, REFUSALS[field]()))) == [
        f"{ROW}/1/attributes/events/data/0/attributes{field}"
    ]
    assert client.get("/_sim/accepted").json() == []


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({}, ""),
        ({"email": HASH}, "/email"),
        ({"phone_number": "15005550006"}, "/phone_number"),
        ({"external_id": 7}, "/external_id"),
        ({**MAIL, "sha256": HASH}, "/sha256"),
        ({**MAIL, "location": {"state": "MA"}}, "/location"),
    ],
)
def test_klaviyo_wants_people_in_the_clear_and_points_at(person: Any, field: str) -> None:
    said = order(person=person)
    assert pointers(post(klaviyo(), ONE, resource("event", said))) == [
        f"/data/attributes/profile/data/attributes{field}"
    ]
    assert pointers(post(klaviyo(), BULK, job(said))) == [
        f"{ROW}/0/attributes/profile/data/attributes{field}"
    ]


def test_a_time_may_be_years_ago_but_not_two_years_ahead() -> None:
    client = klaviyo()
    assert post(client, ONE, resource("event", order(time=iso(days=900)))).status_code == 202
    assert pointers(post(client, ONE, resource("event", order(time=iso(days=-730)))))
    assert pointers(post(client, ONE, resource("event", order(time="1989-12-31T00:00:00Z"))))


def test_a_job_has_at_most_a_thousand_events_and_five_megabytes() -> None:
    client = klaviyo()
    thousand = [order(unique_id=str(n)) for n in range(1000)]
    answer = post(client, BULK, job(*thousand))
    assert (answer.status_code, answer.content) == (202, b"")
    assert client.get("/_sim/stats").json()["counted"] == 1000
    assert pointers(post(client, BULK, job(*thousand, order()))) == [ROW]
    assert pointers(post(client, BULK, job())) == [ROW]
    large = order(properties={f"p{n}": "x" * 90_000 for n in range(60)})
    assert post(client, BULK, job(large)).status_code == 413


def test_a_request_has_a_revision_a_media_type_and_a_key_that_is_good() -> None:
    client = klaviyo()
    client.post("/_sim/accounts", json={"acme": "pk_1"})
    said = resource("event", order())
    assert post(client, ONE, said, revision="latest").status_code == 400
    assert post(client, ONE, said, **{"content-type": "text/plain"}).status_code == 415
    assert post(client, ONE, said, authorization="").status_code == 401
    assert post(client, ONE, said, authorization="Klaviyo-API-Key pk_2").status_code == 401
    assert post(client, ONE, said, authorization="Bearer pk_1").status_code == 401
    assert post(client, ONE, said).status_code == 202
    assert client.get("/_sim/accepted").json()[0]["account"] == "acme"
    client.post("/_sim/rows", json={"unscoped": ["pk_1"]})
    assert post(client, ONE, said).status_code == 403
    client.post("/_sim/rows", json={"revoked": ["pk_1"]})
    assert post(client, ONE, said).status_code == 401
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400


def test_the_same_id_of_one_profile_and_metric_counts_once_for_ever(tmp_path: Path) -> None:
    state = tmp_path / "klaviyo.jsonl"
    other = order(metric=resource("metric", {"name": "Refunded Order"}))
    for client in (klaviyo(state), klaviyo(state)):
        assert post(client, ONE, resource("event", order())).status_code == 202
        assert post(client, BULK, job(order(), other)).status_code == 202
    rows = klaviyo(state).get("/_sim/accepted").json()
    assert [(r["event_name"], r["times_accepted"], r["duplicates"]) for r in rows] == [
        ("Placed Order", 1, 3), ("Refunded Order", 1, 1),
    ]  # fmt: skip


def test_without_an_id_two_events_of_one_second_are_one() -> None:
    client = klaviyo()
    said = without(order(), "unique_id")
    for _ in range(2):
        post(client, ONE, resource("event", said))
    (row,) = client.get("/_sim/accepted").json()
    assert (row["times_accepted"], row["duplicates"]) == (1, 1)


def test_the_headers_tell_what_is_left_of_the_minute_and_then_it_throttles() -> None:
    client = klaviyo()
    client.post("/_sim/rows", json={"per_minute": 2})
    said = resource("event", order())
    left = [post(client, ONE, said).headers.get("ratelimit-remaining") for _ in range(2)]
    answer = post(client, ONE, said)
    if answer.status_code != 429:
        # The minute ended in between: the next window has two of its own.
        post(client, ONE, said)
        answer = post(client, ONE, said)
    assert left[0] == "1"
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (429, "throttled")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_a_refresh_token_buys_access_tokens_that_end() -> None:
    client = klaviyo()
    pair = base64.b64encode(b"app:secret").decode()

    def buy(form: str, authorization: str) -> httpx.Response:
        headers = {"authorization": authorization}
        return client.post(EXCHANGE, content=form.encode(), headers=headers)

    form = "grant_type=refresh_token&refresh_token=r1"
    assert buy(form, "").json() == {"error": "invalid_client"}
    assert buy("grant_type=refresh_token", f"Basic {pair}").status_code == 400
    sold = buy(form, f"Basic {pair}").json()
    bearer = {"authorization": f"Bearer {sold['access_token']}"}
    assert sold["expires_in"] == 3600
    said = resource("event", order())
    assert post(client, ONE, said, **bearer).status_code == 202
    client.post("/_sim/rows", json={"token_seconds": 0, "revoked": [sold["access_token"]]})
    assert post(client, ONE, said, **bearer).status_code == 401
    ended = buy(form, f"Basic {pair}").json()["access_token"]
    assert post(client, ONE, said, authorization=f"Bearer {ended}").status_code == 401
    client.post("/_sim/rows", json={"revoked": ["r1"]})
    assert buy(form, f"Basic {pair}").json() == {"error": "invalid_grant"}
