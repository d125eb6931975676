"""LinkedIn behind the queue: a batch whose wrong event is named, rules, tokens, a rate."""

from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from processors.platforms.linkedin.settings import conversions
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names, until

RULES = conversions("Purchase=7,OTHER=8")


async def connected(field: Field, *, refresh_token: str = "") -> Simulator:
    linkedin = await field.add("linkedin")
    await field.connect("acme", "linkedin", conversions=RULES, refresh_token=refresh_token)
    return linkedin


def clicked(event_id: str, **rest: Any) -> Delivery:
    return event(event_id, platform="linkedin", marketing={"li_fat_id": "df5gf5-gh6t7"}, **rest)


async def test_the_event_that_is_named_is_rejected_and_the_others_count_once(field: Field) -> None:
    linkedin = await connected(field)
    events = names(20)
    await linkedin.script(refuse_ids=[events[3], events[7]])
    nobody = event("nobody", platform="linkedin")
    await field.put([nobody, *(clicked(e) for e in events)])
    field.worker()
    states = await field.settled(["nobody", *events])
    refused = {events[3], events[7]}
    assert {e for e, state in states.items() if state == "rejected"} == {"nobody", *refused}
    assert await linkedin.accepted() == {e: 1 for e in events if e not in refused}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {
        "nobody": "nothing to match anybody by",
        events[3]: "HTTP 422",
        events[7]: "HTTP 422",
    }


@pytest.mark.heavy
async def test_an_event_without_a_conversion_rule_costs_the_others_nothing(field: Field) -> None:
    linkedin = await connected(field)
    said = {"a": "Purchase", "b": "Lead", "c": "FindLocation"}
    await field.put([clicked(e, name=name) for e, name in said.items()])
    field.worker()
    assert await field.settled(said) == {"a": "sent", "b": "filtered", "c": "sent"}
    rows = await linkedin.get("/_sim/accepted")
    assert {row["id"]: row["event_name"][-2:] for row in rows} == {"a": ":7", "c": ":8"}
    assert "Event sent successfully" in field.logs()


@pytest.mark.heavy
async def test_an_access_token_is_bought_and_bought_again_when_it_has_ended(field: Field) -> None:
    linkedin = await connected(field, refresh_token="refresh-1")
    await linkedin.post("/_sim/accounts", {"507404993": "another's"})
    # A first token that ends while the connector still believes in it.
    await linkedin.post("/_sim/rows", {"token_seconds": 0})
    await field.put([clicked("e")])
    field.worker(ATTRIBUTARY_LINKEDIN_TOKEN_URL=linkedin.url + EXCHANGE)

    async def refused() -> bool:
        return "refused" in await linkedin.stats()

    await until("a token that had ended is refused", refused)
    assert await linkedin.accepted() == {}
    await linkedin.post("/_sim/rows", {"token_seconds": 3600})
    assert await field.settled(["e"]) == {"e": "sent"}
    assert (await linkedin.stats())["tokens_sold"] >= 2
    assert "refresh-1" not in field.logs()


@pytest.mark.heavy
async def test_a_revoked_token_waits_for_a_new_one(field: Field) -> None:
    linkedin = await connected(field)
    await linkedin.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([clicked("e")])
    field.worker()
    await field.in_state("parked")
    assert await linkedin.accepted() == {}
    await field.connect("acme", "linkedin", token="token-2", conversions=RULES, refresh_token="")
    assert await field.settled(["e"]) == {"e": "sent"}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_what_may_have_arrived_is_not_sent_again(field: Field) -> None:
    linkedin = await connected(field)
    await linkedin.script({"drop": "after"})
    await field.put([clicked("e")])
    field.worker()
    assert await field.settled(["e"]) == {"e": "unknown"}
    assert await linkedin.accepted() == {"e": 1}
