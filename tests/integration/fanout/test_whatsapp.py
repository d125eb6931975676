"""WhatsApp behind the queue: what is in doubt is never told twice, as nothing would absorb it."""

from typing import Any

import pytest

from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names

CLICK = {"ctwa_clid": "ARAkLkA+rmso"}


def chatted(event_id: str, **rest: Any) -> Delivery:
    return event(event_id, platform="whatsapp", **{"marketing": CLICK, **rest})


async def connected(field: Field) -> Simulator:
    whatsapp = await field.add("whatsapp")
    await field.connect("acme", "whatsapp")
    return whatsapp


async def test_a_refused_event_and_one_of_no_chat_cost_their_batch_nothing(field: Field) -> None:
    whatsapp = await connected(field)
    events = names(20)
    await whatsapp.script({"status": 503}, refuse_ids=[events[5]])
    strange = chatted("strange", marketing={"fbclid": "IwAR"})
    await field.put([strange, *(chatted(e) for e in events)])
    field.worker()
    states = await field.settled(["strange", *events])
    assert {e for e, state in states.items() if state == "rejected"} == {"strange", events[5]}
    assert await whatsapp.accepted() == {e: 1 for e in events if e != events[5]}
    for row in await whatsapp.get("/_sim/accepted"):
        assert row["payload"]["user_data"]["ctwa_clid"] == CLICK["ctwa_clid"]
        assert row["payload"]["messaging_channel"] == "whatsapp"


@pytest.mark.heavy
async def test_an_event_whose_answer_never_came_is_left_to_a_human_and_counts_once(
    field: Field,
) -> None:
    whatsapp = await connected(field)
    await whatsapp.script({"drop": "after"})
    await field.put([chatted("e")])
    field.worker()
    assert await field.settled(["e"]) == {"e": "unknown"}
    assert await whatsapp.accepted() == {"e": 1}
    (row,) = await field.fetch("SELECT event_id FROM delivery_dlq")
    assert row["event_id"] == "e"


@pytest.mark.heavy
async def test_a_revoked_token_waits_for_a_new_one(field: Field) -> None:
    whatsapp = await connected(field)
    await whatsapp.post("/_sim/accounts", {"px-acme": "token-2"})
    await field.put([chatted("e")])
    field.worker()
    await field.in_state("parked")
    await field.connect("acme", "whatsapp", token="token-2")
    assert await field.settled(["e"]) == {"e": "sent"}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_where_silence_is_denial_a_person_who_allowed_it_is_told_of(field: Field) -> None:
    whatsapp = await connected(field)
    await field.execute(
        "INSERT INTO tenant_settings (tenant_id, key, value, issued_at, command_id)"
        " VALUES ('acme', 'consent_when_absent', 'denied', 1, 'a')"
    )
    granted = {"ad_user_data": "granted", "whatsapp": "granted"}
    await field.put(
        [
            chatted("allowed", consent=granted),
            chatted("stopped", consent={**granted, "whatsapp": "denied"}),
            chatted("silent", consent={"ad_user_data": "granted"}),
        ]
    )
    field.worker()
    assert await field.settled(["allowed", "stopped", "silent"]) == {
        "allowed": "sent", "stopped": "filtered", "silent": "filtered",
    }  # fmt: skip
    assert await whatsapp.accepted() == {"allowed": 1}
