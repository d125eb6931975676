"""The simulator of Meta's Dataset Quality: whom it answers, and what a pixel is worth."""

import time

import httpx
import pytest

from processors.platforms.meta.quality import FIELDS, read
from tests.contract.platforms.test_simulators import Client, meta

PATH = "/v26.0/dataset_quality"
BEARER = {"authorization": "Bearer right"}
PIXEL = "9001"


def ask(client: Client, token: str = "right", **changes: str) -> httpx.Response:
    query = {"dataset_id": PIXEL, "fields": FIELDS, **changes}
    return client.get(f"{PATH}?{httpx.QueryParams(query)}", headers={"authorization": token})


def sent(client: Client, name: str, **person: str) -> None:
    event = {
        "event_name": name, "event_time": int(time.time()), "action_source": "website",
        "event_id": f"{name} {person}", "user_data": {"external_id": "x", **person},
        "custom_data": {"value": 1, "currency": "USD"},
    }  # fmt: skip
    answer = client.post(f"/v26.0/{PIXEL}/events", json={"data": [event]}, headers=BEARER)
    assert answer.status_code == 200, answer.text


def test_each_event_is_scored_by_what_its_people_are_known_by() -> None:
    client = meta()
    sent(client, "Lead", em="a" * 64)
    sent(client, "Lead")
    sent(client, "Purchase", em="a" * 64, ph="b" * 64)

    found = read(ask(client).json())
    assert {name: float(one.score) for name, one in found.items()} == {"Lead": 3.2, "Purchase": 7.5}
    assert found["Lead"].coverage == {"email": 50, "external_id": 100}
    assert read(ask(client, dataset_id="another").json()) == {}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [({"dataset_id": ""}, 400, 100), ({"fields": "offline"}, 400, 100), ({"token": ""}, 401, 190)],
)
def test_a_question_that_meta_would_not_answer_is_refused(
    changes: dict[str, str], status: int, code: int
) -> None:
    answer = ask(meta(), **changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_token_of_another_pixel_is_refused() -> None:
    client = meta()
    client.post("/_sim/accounts", json={PIXEL: "right"})
    assert ask(client).status_code == 200
    assert ask(client, token="wrong").status_code == 401
