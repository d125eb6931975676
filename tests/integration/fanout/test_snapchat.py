"""Snapchat behind the queue, by its simulator: refusals that name one event, tokens, a rate."""

from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names

BROWSER = {"user_agent": "Mozilla/5.0", "url": "https://shop.example.com/", "ip": "203.0.113.7"}


async def connected(field: Field) -> Simulator:
    snapchat = await field.add("snapchat")
    await field.connect("acme", "snapchat")
    field.worker(ATTRIBUTARY_SNAPCHAT_TOKEN_URL=snapchat.url + EXCHANGE)
    return snapchat


def snap(event_id: str, **rest: Any) -> Delivery:
    return event(event_id, platform="snapchat", **{"browser": BROWSER, **rest})


async def test_events_that_are_refused_cost_their_batch_one_request_each(field: Field) -> None:
    snapchat = await connected(field)
    events = names(200)
    bad = {events[5], events[6], events[117]}
    await snapchat.script(refuse_ids=sorted(bad))
    nobody = snap("nobody", browser={"url": "https://shop.example.com/"})
    await field.put([nobody, *(snap(e) for e in events)])
    states = await field.settled(["nobody", *events])
    assert {e for e, state in states.items() if state == "rejected"} == {"nobody", *bad}
    assert await snapchat.accepted() == {e: 1 for e in events if e not in bad}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {
        "nobody": "needs an email, a phone, or both address and agent",
        **dict.fromkeys(bad, "HTTP 400 code E400"),
    }
    log = await field.fetch(
        "SELECT event_id, count(*) AS n FROM capi_delivery_log GROUP BY event_id"
    )
    # One for each refusal, and the last, which has them all: no halves were asked for.
    assert max(row["n"] for row in log) <= len(bad) + 1
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_token_that_ended_is_bought_again(field: Field) -> None:
    snapchat = await connected(field)
    await field.put([snap("one")])
    assert await field.settled(["one"]) == {"one": "sent"}
    await snapchat.post("/_sim/rows", {"expired": True})
    await field.put([snap("two")])
    assert (await field.settled(["two"]))["two"] == "sent"
    assert await snapchat.accepted() == {"one": 1, "two": 1}
    assert (await snapchat.stats())["tokens_sold"] == 2
    assert "access-secret-" not in field.logs()


@pytest.mark.heavy
async def test_a_refresh_token_that_was_revoked_waits_for_a_new_one(field: Field) -> None:
    snapchat = await connected(field)
    await snapchat.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([snap("e")])
    await field.in_state("parked")
    assert (await snapchat.stats())["tokens_sold"] == 0
    await field.connect("acme", "snapchat", token="token-2")
    assert await field.settled(["e"]) == {"e": "sent"}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_an_answer_that_got_lost_and_a_storm_count_no_event_twice(field: Field) -> None:
    snapchat = await connected(field)
    events = names(30)
    await snapchat.script(
        {"account": "px-acme", "drop": "after"},
        {"account": "px-acme", "count": 2, "status": 503, "body": "<html></html>"},
    )
    await field.put([snap(e) for e in events])
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await snapchat.accepted() == dict.fromkeys(events, 1)


@pytest.mark.heavy
async def test_a_rate_that_is_too_high_is_only_a_wait(field: Field) -> None:
    snapchat = await connected(field)
    await snapchat.post("/_sim/rows", {"requests_per_second": 0})
    await field.put([snap("e")])
    await field.in_state("parked")
    await snapchat.post("/_sim/rows", {"requests_per_second": 1000})
    assert await field.settled(["e"]) == {"e": "sent"}
