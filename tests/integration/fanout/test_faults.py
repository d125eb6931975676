"""Platforms and processes that fail: nothing is accepted twice, nothing is lost, nobody else is
held up."""

from time import monotonic

from processors.engine.postgres import Database
from processors.fanout.store import dead_counts, requeue
from tests.integration.fanout.field import Field, event, names, until
from tests.support.servers import PostgresServer


async def test_a_kill_while_requests_are_under_way_neither_loses_nor_doubles(
    field: Field,
) -> None:
    await field.connect("acme")
    meta, ga4 = names(40, "m"), names(8, "g")
    slow = {"count": 6, "delay_ms": 1500}
    await field.meta.script(slow)
    await field.ga4.script(slow)
    await field.put([event(e) for e in meta])
    await field.put([event(e, platform="ga4") for e in ga4])
    for _ in range(3):
        worker = field.worker()
        await field.in_state("sending")
        field.kill(worker)
    field.worker()
    states = await field.settled([*meta, *ga4])
    assert set(states.values()) == {"sent"}
    assert await field.meta.accepted() == dict.fromkeys(meta, 1)
    assert await field.ga4.accepted() == dict.fromkeys(ga4, 1)


async def test_what_ga4_cannot_dedupe_is_not_sent_again_after_a_kill(field: Field) -> None:
    await field.connect("acme")
    views = names(8, "v")
    await field.ga4.script({"count": 8, "delay_ms": 1500})
    await field.put([event(e, platform="ga4", name="PageView") for e in views])
    worker = field.worker()
    await field.in_state("sending", at_least=4)
    field.kill(worker)
    field.worker()
    states = await field.settled(views)
    accepted = await field.ga4.accepted()
    assert all(times == 1 for times in accepted.values())
    unknown = {e for e, state in states.items() if state == "unknown"}
    assert len(unknown) >= 4
    assert unknown | accepted.keys() == set(views)
    dead = await field.fetch("SELECT event_id FROM delivery_dlq WHERE reason = 'unknown'")
    assert {row["event_id"] for row in dead} == unknown
    in_log = await field.fetch("SELECT event_id FROM capi_delivery_log WHERE status = 'unknown'")
    assert {row["event_id"] for row in in_log} == unknown


async def test_another_replica_takes_over_when_the_lease_ran_out(field: Field) -> None:
    await field.connect("acme")
    await field.meta.script({"count": 1, "delay_ms": 60_000})
    await field.put([event("slow")])
    worker = field.worker(0)

    async def arrived() -> bool:
        return bool((await field.meta.stats()).get("requests"))

    await until("the request", arrived)
    field.kill(worker)
    await field.execute("UPDATE deliveries SET leased_until = now()")
    field.worker(1)
    assert await field.settled(["slow"]) == {"slow": "sent"}
    assert await field.meta.accepted() == {"slow": 1}


async def test_two_replicas_share_a_queue_without_doubling(field: Field) -> None:
    await field.connect("acme")
    views = names(60, "v")
    await field.put([event(e, platform="ga4", name="PageView") for e in views])
    field.worker(0)
    field.worker(1)
    assert set((await field.settled(views)).values()) == {"sent"}
    assert await field.ga4.accepted() == dict.fromkeys(views, 1)
    log = await field.fetch("SELECT count(*) AS n FROM capi_delivery_log")
    assert log[0]["n"] == 60


async def test_a_storm_of_server_errors_passes(field: Field) -> None:
    await field.connect("acme")
    events = names(30)
    await field.meta.script({"count": 5, "status": 503})
    await field.put([event(e) for e in events])
    field.worker()
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await field.meta.accepted() == dict.fromkeys(events, 1)
    assert "Circuit OPEN for meta" in field.logs()
    assert "Retry 1 for meta" in field.logs()
    await field.put([event("after")])
    assert (await field.settled(["after"]))["after"] == "sent"
    opened = await field.fetch(
        "SELECT DISTINCT tenant_id, platform, replica, opened_at < open_until AS is_span"
        " FROM delivery_circuit_openings"
    )
    assert [tuple(row) for row in opened] == [("acme", "meta", "fanout-0", True)]


async def test_a_throttled_account_is_left_alone_for_as_long_as_it_asks(field: Field) -> None:
    await field.connect("acme")
    limited = {"status": 429, "body": {"error": {"code": 613}}, "headers": {"Retry-After": "3"}}
    await field.meta.script({**limited, "count": 1})
    await field.put([event("first")])
    field.worker()
    await field.in_state("queued")

    async def throttled() -> bool:
        return bool(await field.fetch("SELECT FROM capi_delivery_log WHERE status = 'throttled'"))

    await until("the refusal", throttled)
    started = monotonic()
    await field.put([event("second")])
    assert set((await field.settled(["first", "second"])).values()) == {"sent"}
    assert monotonic() - started > 2
    assert (await field.meta.stats())["requests"] <= 3


async def test_a_bad_token_parks_until_it_is_changed(field: Field) -> None:
    await field.connect("acme", token="old")
    await field.meta.post("/_sim/accounts", {"px-acme": "new"})
    await field.put([event("waits")])
    field.worker()
    await field.in_state("parked")
    await field.connect("acme", token="new")
    assert await field.settled(["waits"]) == {"waits": "sent"}
    log = await field.fetch("SELECT DISTINCT status FROM capi_delivery_log ORDER BY status")
    assert [row["status"] for row in log] == ["reauth", "sent"]
    assert await field.fetch("SELECT FROM delivery_dlq") == []


async def test_a_lost_connection_is_repeated_only_where_the_platform_dedupes(
    field: Field,
) -> None:
    await field.connect("acme")
    cut = {"count": 1, "drop": "after"}
    await field.meta.script(cut)
    await field.put([event("m")])
    field.worker()
    assert (await field.settled(["m"]))["m"] == "sent"
    assert await field.meta.accepted() == {"m": 1}
    assert (await field.meta.stats())["duplicates"] == 1

    await field.ga4.script(cut)
    await field.put([event("order", platform="ga4")])
    assert (await field.settled(["order"]))["order"] == "sent"
    assert await field.ga4.accepted() == {"order": 1}

    await field.ga4.script(cut)
    await field.put([event("view", platform="ga4", name="PageView")])
    assert (await field.settled(["view"]))["view"] == "unknown"


async def test_a_human_may_send_again_what_is_unknown_under_the_same_id(field: Field) -> None:
    await field.connect("acme")
    await field.ga4.script({"count": 1, "drop": "before"})
    await field.put([event("view", platform="ga4", name="PageView")])
    field.worker()
    assert await field.settled(["view"]) == {"view": "unknown"}
    db = await Database.connect(field.dsn, application_name="operator")
    try:
        async with db.transaction() as connection:
            assert await dead_counts(connection) == {("ga4", "unknown"): 1}
            assert await requeue(connection, dry_run=True) == 1
            assert await requeue(connection, tenant="nobody") == 0
            assert await requeue(connection, reason="rejected") == 0
            assert await requeue(connection, platform="ga4", event_ids=["view"]) == 1
            assert await requeue(connection) == 0
            assert await dead_counts(connection) == {}
    finally:
        await db.close()
    assert await field.settled(["view"]) == {"view": "sent"}
    assert await field.ga4.accepted() == {"view": 1}


async def test_a_sick_tenant_does_not_slow_a_healthy_one(field: Field) -> None:
    await field.connect("sick")
    await field.connect("well")
    await field.meta.script({"account": "px-sick", "count": 1000, "delay_ms": 4_000})
    sick, well = names(40, "s"), names(40, "w")
    field.worker()
    await field.put([event(e, tenant="sick") for e in sick])
    await field.in_state("sending")
    started = monotonic()
    for e in well:
        await field.put([event(e, tenant="well")])
    states = await field.settled(well)
    assert {states[e] for e in well} == {"sent"}
    assert monotonic() - started < 4
    rows = await field.fetch(
        "SELECT max(latency_ms) AS slowest FROM capi_delivery_log WHERE tenant_id = 'well'"
    )
    assert rows[0]["slowest"] < 2_000


async def test_a_simulator_remembers_over_a_restart_and_an_outage_is_only_waited_out(
    field: Field,
) -> None:
    await field.connect("acme")
    await field.put([event("before")])
    field.worker()
    await field.settled(["before"])
    field.meta.kill()
    await field.put([event("during")])

    async def tried() -> bool:
        return bool(await field.fetch("SELECT FROM capi_delivery_log WHERE status = 'retry'"))

    await until("an attempt", tried)
    await field.meta.start()
    assert await field.settled(["before", "during"]) == {"before": "sent", "during": "sent"}
    assert await field.meta.accepted() == {"before": 1, "during": 1}


async def test_an_outage_of_the_database_neither_loses_nor_doubles(
    field: Field, postgres_server: PostgresServer
) -> None:
    await field.connect("acme")
    await field.ga4.script({"count": 1, "delay_ms": 1_500})
    await field.put([event("order", platform="ga4")])
    worker = field.worker()
    await field.in_state("sending")
    postgres_server.restart()
    await field.reconnect()

    async def sent() -> bool:
        nonlocal worker
        if worker.poll() is not None:
            # The driver may break in a way that stops the process; a supervisor starts it again.
            worker = field.worker()
        return await field.states() == {"order": "sent"}

    await until("the order is sent", sent, seconds=90)
    assert await field.ga4.accepted() == {"order": 1}
