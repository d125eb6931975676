"""Klaviyo behind the queue: people in the clear there and nowhere else, each event once."""

import base64
from typing import Any

import pytest

from processors.domain.ids import touchpoint_id
from processors.engine.sealing import PersonKey, Sealer
from processors.fanout.handle import NO_KEY
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names, until

SEAL_KEY = bytes(range(64))


def mailed(event_id: str, **clear: str) -> Delivery:
    details = {"email": f"{event_id}@example.com", **clear}
    sealed = Sealer(SEAL_KEY).seal("acme", details)
    return event(event_id, platform="klaviyo", user_data={"sealed": sealed})


async def connected(field: Field) -> Simulator:
    klaviyo = await field.add("klaviyo")
    await field.connect("acme", "klaviyo")
    return klaviyo


def worker(field: Field) -> None:
    field.worker(ATTRIBUTARY_SEAL_KEY=base64.b64encode(SEAL_KEY).decode())


async def everything_written(field: Field) -> str:
    tables = ("deliveries", "capi_delivery_log", "delivery_dlq")
    rows = [await field.fetch(f"SELECT t::text FROM {table} t") for table in tables]
    outcomes = await field.outcomes()
    return f"{rows} {outcomes} {field.logs()}"


async def test_details_are_opened_for_klaviyo_alone_and_each_event_counts_once(
    field: Field,
) -> None:
    klaviyo = await connected(field)
    events = names(20)
    await klaviyo.script({"drop": "after"}, {"status": 503}, {"drop": "before"})
    await field.put([mailed(e) for e in events])
    worker(field)
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await klaviyo.accepted() == dict.fromkeys(events, 1)
    rows: list[dict[str, Any]] = await klaviyo.get("/_sim/accepted")
    assert {row["payload"]["profile"]["email"] for row in rows} == {
        f"{e}@example.com" for e in events
    }
    assert "@example.com" not in await everything_written(field)


@pytest.mark.heavy
async def test_a_row_that_is_refused_and_one_that_cannot_be_opened_cost_their_job_nothing(
    field: Field,
) -> None:
    klaviyo = await connected(field)
    events = names(20)
    await klaviyo.script(refuse_ids=[events[5]])
    await klaviyo.post("/_sim/rows", {"bad_phones": ["+14155550100"]})
    foreign = Sealer(SEAL_KEY).seal("other", {"email": "a@example.com"})
    odd = event("odd", platform="klaviyo", user_data={"sealed": foreign})
    number = mailed("number", phone="+1 415 555 0100")
    await field.put([odd, number, *(mailed(e) for e in events)])
    worker(field)
    states = await field.settled(["odd", "number", *events])
    assert {e for e, state in states.items() if state == "rejected"} == {"odd", events[5]}
    assert await klaviyo.accepted() == {e: 1 for e in ["number", *events] if e != events[5]}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {
        "odd": "the sealed details cannot be opened",
        events[5]: "HTTP 400 invalid",
    }


@pytest.mark.heavy
async def test_a_revoked_key_waits_for_a_new_one(field: Field) -> None:
    klaviyo = await connected(field)
    await klaviyo.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([mailed("e")])
    worker(field)
    await field.in_state("parked")
    assert await klaviyo.accepted() == {}
    await field.connect("acme", "klaviyo", token="token-2")
    assert await field.settled(["e"]) == {"e": "sent"}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_rate_that_is_too_high_is_only_a_wait(field: Field) -> None:
    klaviyo = await connected(field)
    await klaviyo.post("/_sim/rows", {"per_second": 0})
    await field.put([mailed("e")])
    worker(field)
    await field.in_state("parked")
    await klaviyo.post("/_sim/rows", {"per_second": 350})
    assert await field.settled(["e"]) == {"e": "sent"}
    assert await klaviyo.accepted() == {"e": 1}


async def test_who_was_erased_is_not_told_of_and_whose_key_is_on_its_way_is_told_of_later(
    field: Field,
) -> None:
    klaviyo = await connected(field)
    people = ("ann", "bob", "cy", "dee")
    keys = {name: PersonKey(name[0] * 64, bytes([n]) * 32) for n, name in enumerate(people)}

    def sealed_for(name: str) -> Delivery:
        details = {"email": f"{name}@example.com"}
        text = Sealer(SEAL_KEY).seal_for("acme", details, [keys[name]])
        return event(name, platform="klaviyo", user_data={"sealed": text})

    async def bring(name: str) -> None:
        own = keys[name]
        await field.execute(
            "INSERT INTO person_keys VALUES ('acme', $1, $2, $3, 0, false)",
            own.subject, own.key_id, own.key,
        )  # fmt: skip

    async def erase(name: str, until: int) -> None:
        await field.execute(
            "INSERT INTO person_erasures (tenant_id, erasure_id, erased_at, reason, subjects)"
            " VALUES ('acme', $1, $2, '', $3)", name, until, [keys[name].subject],
        )  # fmt: skip

    told = {name: sealed_for(name) for name in people}
    await bring("ann")
    await erase("bob", told["bob"].occurred_at)
    await erase("dee", told["dee"].occurred_at - 1)
    await field.put([*told.values()])
    worker(field)
    states = await field.settled(["ann", "bob"])
    assert (states["ann"], states["bob"]) == ("sent", "filtered")

    async def two_wait() -> bool:
        said = "SELECT FROM deliveries WHERE state = 'queued' AND error = $1"
        return len(await field.fetch(said, NO_KEY)) == 2

    await until("two that wait for their keys", two_wait)
    assert await klaviyo.accepted() == {"ann": 1}
    await bring("cy")
    await bring("dee")
    states = await field.settled(["cy", "dee"])
    assert (states["cy"], states["dee"]) == ("sent", "sent")
    assert await klaviyo.accepted() == {"ann": 1, "cy": 1, "dee": 1}
    rows = await field.fetch("SELECT error FROM deliveries WHERE state = 'filtered'")
    assert [row["error"] for row in rows] == ["erased"]


async def test_what_comes_of_an_erased_record_does_not_enter_the_queue(field: Field) -> None:
    klaviyo = await connected(field)
    record = touchpoint_id("acme", "gone")
    await field.execute("INSERT INTO erased_records VALUES ('acme', $1, 0)", record)
    gone = mailed("gone").model_copy(update={"source_event_id": "gone"})
    await field.put([gone, mailed("stays")])
    worker(field)
    assert await field.settled(["stays"]) == {"stays": "sent"}
    assert await klaviyo.accepted() == {"stays": 1}
    assert len(await field.fetch("SELECT 1 FROM deliveries")) == 1
