"""Pinterest behind the queue, by its simulator: a part that failed, tokens, a rate, silence."""

from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from deploy.simulators.pinterest import PARTIAL
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names

BROWSER = {"user_agent": "Mozilla/5.0", "url": "https://shop.example.com/", "ip": "203.0.113.7"}


async def connected(field: Field) -> Simulator:
    pinterest = await field.add("pinterest")
    await field.connect("acme", "pinterest")
    field.worker(ATTRIBUTARY_PINTEREST_TOKEN_URL=pinterest.url + EXCHANGE)
    return pinterest


def pin(event_id: str, **rest: Any) -> Delivery:
    return event(event_id, platform="pinterest", **{"browser": BROWSER, **rest})


@pytest.mark.parametrize("partial", PARTIAL)
async def test_events_that_fail_cost_the_others_nothing(field: Field, partial: str) -> None:
    pinterest = await connected(field)
    events = names(40)
    bad = {events[5], events[6]}
    await pinterest.post("/_sim/rows", {"partial": partial})
    await pinterest.script(refuse_ids=sorted(bad))
    nobody = pin("nobody", browser={"url": "https://shop.example.com/"})
    await field.put([nobody, *(pin(e) for e in events)])
    states = await field.settled(["nobody", *events])
    assert {e for e, state in states.items() if state == "rejected"} == {"nobody", *bad}
    assert await pinterest.accepted() == {e: 1 for e in events if e not in bad}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"] for row in rows} == {"nobody", *bad}
    if partial != PARTIAL[2]:
        log = await field.fetch("SELECT event_id FROM capi_delivery_log")
        assert sorted(row["event_id"] for row in log) == events
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_token_that_ended_is_bought_again(field: Field) -> None:
    pinterest = await connected(field)
    await field.put([pin("one")])
    assert await field.settled(["one"]) == {"one": "sent"}
    await pinterest.post("/_sim/rows", {"expired": True})
    await field.put([pin("two")])
    assert (await field.settled(["two"]))["two"] == "sent"
    assert await pinterest.accepted() == {"one": 1, "two": 1}
    assert (await pinterest.stats())["tokens_sold"] == 2
    assert "access-secret-" not in field.logs()


@pytest.mark.heavy
async def test_a_refresh_token_that_was_revoked_waits_for_a_new_one(field: Field) -> None:
    pinterest = await connected(field)
    await pinterest.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([pin("e")])
    await field.in_state("parked")
    assert (await pinterest.stats())["tokens_sold"] == 0
    await field.connect("acme", "pinterest", token="token-2")
    assert await field.settled(["e"]) == {"e": "sent"}


@pytest.mark.heavy
async def test_an_answer_that_got_lost_and_a_storm_count_no_event_twice(field: Field) -> None:
    pinterest = await connected(field)
    events = names(30)
    storm = {"code": 4197, "message": "The endpoint has been ramped down."}
    await pinterest.script(
        {"account": "px-acme", "drop": "after"},
        {"account": "px-acme", "count": 2, "status": 503, "body": storm},
    )
    await field.put([pin(e) for e in events])
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await pinterest.accepted() == dict.fromkeys(events, 1)


@pytest.mark.heavy
async def test_a_rate_that_is_too_high_is_only_a_wait(field: Field) -> None:
    pinterest = await connected(field)
    await pinterest.post("/_sim/rows", {"requests_per_minute": 0})
    await field.put([pin("e")])
    await field.in_state("parked")
    await pinterest.post("/_sim/rows", {"requests_per_minute": 5000})
    assert await field.settled(["e"]) == {"e": "sent"}
