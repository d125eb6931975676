"""TikTok behind the queue, by its simulator's own codes: a part, a refusal, a token, a rate."""

import pytest

from tests.integration.fanout.field import Field, Simulator, event, names


async def connected(field: Field) -> Simulator:
    tiktok = await field.add("tiktok")
    await field.connect("acme", "tiktok")
    return tiktok


async def test_events_that_were_left_out_of_a_part_are_sent_again_and_all_count_once(
    field: Field,
) -> None:
    tiktok = await connected(field)
    events = names(20)
    await tiktok.post("/_sim/rows", {"lost": [events[3], events[7]]})
    await field.put([event(e, platform="tiktok") for e in events])
    field.worker()
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await tiktok.accepted() == dict.fromkeys(events, 1)
    assert (await tiktok.stats())["requests"] >= 2


@pytest.mark.heavy
async def test_an_event_that_is_refused_costs_its_batch_nothing(field: Field) -> None:
    tiktok = await connected(field)
    events = names(20)
    await tiktok.script(refuse_ids=[events[5]])
    homeless = event("homeless", platform="tiktok", browser={"user_agent": "Mozilla/5.0"})
    await field.put([homeless, *(event(e, platform="tiktok") for e in events)])
    field.worker()
    states = await field.settled(["homeless", *events])
    assert {e for e, state in states.items() if state == "rejected"} == {"homeless", events[5]}
    assert await tiktok.accepted() == {e: 1 for e in events if e != events[5]}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {
        "homeless": "a web event needs the address of its page",
        events[5]: "HTTP 200 code 40002",
    }


@pytest.mark.heavy
async def test_an_expired_token_waits_for_a_new_one(field: Field) -> None:
    tiktok = await connected(field)
    await tiktok.post("/_sim/rows", {"expired": ["token-1"]})
    await field.put([event("e", platform="tiktok")])
    field.worker()
    await field.in_state("parked")
    assert await tiktok.accepted() == {}
    await field.connect("acme", "tiktok", token="token-2")
    assert await field.settled(["e"]) == {"e": "sent"}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_rate_that_is_too_high_is_only_a_wait(field: Field) -> None:
    tiktok = await connected(field)
    await tiktok.post("/_sim/rows", {"requests_per_second": 0})
    await field.put([event("e", platform="tiktok")])
    field.worker()
    await field.in_state("parked")
    await tiktok.post("/_sim/rows", {"requests_per_second": 1000})
    assert await field.settled(["e"]) == {"e": "sent"}
    assert await tiktok.accepted() == {"e": 1}
