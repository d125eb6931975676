"""The fan-out on real Kafka and Postgres against the simulators: what is sent, and what not."""

import time

from tests.integration.fanout.field import Field, event, names, until


async def test_every_delivery_is_accepted_once_and_its_outcome_published(field: Field) -> None:
    await field.connect("acme")
    meta, ga4 = names(60, "m"), names(30, "g")
    await field.put([event(e) for e in meta])
    await field.put([event(e, platform="ga4") for e in ga4])
    await field.put([event(e) for e in meta])
    field.worker()
    states = await field.settled([*meta, *ga4])
    assert set(states.values()) == {"sent"}
    assert await field.meta.accepted() == dict.fromkeys(meta, 1)
    assert await field.ga4.accepted() == dict.fromkeys(ga4, 1)
    log = await field.fetch("SELECT event_id, attempt, status FROM capi_delivery_log")
    assert sorted(row["event_id"] for row in log) == sorted([*meta, *ga4])
    assert "[META] Event sent successfully" in field.logs()
    assert "token-1" not in field.logs()

    async def all_published() -> bool:
        return not await field.fetch("SELECT FROM deliveries WHERE NOT published")

    await until("published outcomes", all_published)
    outcomes = await field.outcomes()
    assert {e: o.state for e, o in outcomes.items()} == dict.fromkeys([*meta, *ga4], "sent")
    counts = await field.fetch("SELECT outcome, sum(n) AS n FROM outcome_counts GROUP BY outcome")
    assert {row["outcome"]: row["n"] for row in counts} == {"applied": 90, "duplicate": 60}


async def test_a_tenant_without_a_connection_is_filtered_by_name(field: Field) -> None:
    await field.connect("acme")
    await field.put([event("lost", tenant="nobody"), event("kept")])
    field.worker()
    assert await field.settled(["kept"]) == {"kept": "sent"}
    rows = await field.fetch(
        "SELECT tenant_id, rule FROM outcome_counts WHERE outcome = 'filtered'"
    )
    assert [tuple(row) for row in rows] == [("nobody", "not_connected")]


async def test_consent_taken_back_stops_what_waits(field: Field) -> None:
    await field.connect("acme")
    later = int(time.time() * 1000)
    who = f"email:{'a' * 64}"
    visitor = "visitor:visitor-denied"
    await field.execute(
        "INSERT INTO identity_nodes VALUES ('acme', $1, $1, false), ('acme', $2, $1, false)",
        who,
        visitor,
    )
    await field.execute(
        "INSERT INTO consent_flags (tenant_id, node, flag, value, issued_at, command_id)"
        " SELECT 'acme', $1, unnest(ARRAY['ad_user_data', 'analytics_storage']), 'denied', $2, 'c'",
        who,
        later,
    )
    granted = {"ad_storage": "granted", "ad_user_data": "granted"}
    await field.put(
        [
            event("denied", consent=granted),
            event("granted", consent=granted),
            event("own", consent={"ad_storage": "denied"}),
        ]
    )
    field.worker()
    states = await field.settled(["denied", "granted", "own"])
    assert states == {"denied": "filtered", "granted": "sent", "own": "filtered"}
    assert await field.meta.accepted() == {"granted": 1}


async def test_somebody_who_was_suppressed_meanwhile_is_not_told_of(field: Field) -> None:
    await field.connect("acme")
    await field.execute(
        "INSERT INTO identity_nodes VALUES ('acme', 'customer:c', 'customer:c', false),"
        " ('acme', 'visitor:visitor-gone', 'customer:c', false)"
    )
    await field.execute(
        "INSERT INTO consent_flags VALUES ('acme', 'customer:c', 'processing', 'denied', 1, 'c'),"
        " ('acme', 'visitor:visitor-here', 'processing', 'granted', 1, 'c')"
    )
    await field.put([event("gone"), event("here")])
    field.worker()
    assert await field.settled(["gone", "here"]) == {"gone": "filtered", "here": "sent"}
    rows = await field.fetch("SELECT error FROM deliveries WHERE event_id = 'gone'")
    assert [row["error"] for row in rows] == ["suppressed"]
    assert await field.meta.accepted() == {"here": 1}


async def test_an_absent_flag_is_what_the_tenant_says(field: Field) -> None:
    await field.connect("acme")
    await field.connect("strict")
    await field.execute(
        "INSERT INTO tenant_settings VALUES ('strict', 'consent_when_absent', 'denied', 1, 'c')"
    )
    nobody = event("nobody", tenant="strict", visitor_id=None)
    await field.put([event("open"), event("shut", tenant="strict"), nobody])
    field.worker()
    states = await field.settled(["open", "shut", "nobody"])
    assert states == {"open": "sent", "shut": "filtered", "nobody": "filtered"}


async def test_what_comes_one_by_one_waits_a_little_and_shares_a_request(field: Field) -> None:
    await field.connect("acme")
    field.worker(ATTRIBUTARY_FANOUT_LINGER_SECONDS="3")
    events = names(6)
    for name in events:
        await field.put([event(name)])

        async def is_there(name: str = name) -> bool:
            return bool(await field.fetch("SELECT FROM deliveries WHERE event_id = $1", name))

        await until("its row in the queue", is_there)
    assert set((await field.settled(events)).values()) == {"sent"}
    assert (await field.meta.stats())["requests"] <= 3


async def test_whoever_waits_for_a_request_to_end_does_not_wait_for_more_to_come(
    field: Field,
) -> None:
    tenants = [f"t{number}" for number in range(6)]
    for tenant in tenants:
        await field.connect(tenant)
    await field.put([event(tenant, tenant=tenant) for tenant in tenants])
    field.worker(ATTRIBUTARY_FANOUT_LINGER_SECONDS="5", ATTRIBUTARY_FANOUT_IN_FLIGHT_MAX="1")
    states = await field.settled(tenants, seconds=20)
    assert set(states.values()) == {"sent"}


async def test_a_poisoned_event_costs_its_batch_nothing(field: Field) -> None:
    await field.connect("acme")
    events = names(200)
    poisoned = {events[17], events[101]}
    await field.meta.script(refuse_ids=sorted(poisoned))
    await field.put([event(e) for e in events])
    field.worker()
    states = await field.settled(events)
    assert {e for e, state in states.items() if state == "rejected"} == poisoned
    assert await field.meta.accepted() == {e: 1 for e in events if e not in poisoned}
    dead = await field.fetch("SELECT event_id, reason FROM delivery_dlq")
    assert {row["event_id"]: row["reason"] for row in dead} == dict.fromkeys(poisoned, "rejected")
    attempts = await field.fetch(
        "SELECT d.event_id FROM deliveries d WHERE d.attempts <> (SELECT count(*)"
        " FROM capi_delivery_log l WHERE l.event_id = d.event_id)"
    )
    assert attempts == []


async def test_what_a_platform_can_never_take_is_dead_without_a_request(field: Field) -> None:
    await field.connect("acme")
    await field.put([event("bad", value=None), event("good")])
    field.worker()
    assert await field.settled(["bad", "good"]) == {"bad": "rejected", "good": "sent"}
    rows = await field.fetch("SELECT attempts FROM delivery_dlq WHERE event_id = 'bad'")
    assert [row["attempts"] for row in rows] == [0]


async def test_what_is_too_old_expires(field: Field) -> None:
    await field.connect("acme")
    old = int(time.time() * 1000) - 8 * 86_400_000
    await field.put([event("old", occurred_at=old), event("new")])
    field.worker()
    assert await field.settled(["old", "new"]) == {"old": "expired", "new": "sent"}
    rows = await field.fetch("SELECT reason FROM delivery_dlq")
    assert [row["reason"] for row in rows] == ["expired"]
