"""Faults around a worker rather than in it: a stall, servers that die and come back, a processor
that has to wait, an upstream that sends only rubbish. And the way back from the dead letters."""

import signal
from collections import Counter
from time import monotonic

import asyncpg
import pytest

from processors.engine.failstop import STOPPED
from processors.engine.kafka import Raw
from processors.engine.replay import Selection, replay
from schemas.command import Command, SetSetting
from tests.support.engine_field import NOON, Field, arrival, ids, spend, until
from tests.support.servers import KafkaServer, PostgresServer

END_SESSIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def test_a_stalled_worker_that_comes_back_changes_nothing_twice(
    field: Field, engine: str
) -> None:
    names, arrived, resume = ids(200), field.folder / "arrived", field.folder / "resume"
    await field.put(names)
    stalled = field.worker(
        engine=engine,
        fault="hang",
        at=names[5],
        arrived=arrived,
        resume=resume,
        batch_max_records=50,
    )
    await until("the batch in hand", arrival(arrived))
    stalled.send(signal.SIGSTOP)
    field.worker(engine=engine, replica=1)
    await field.drained()
    await field.expect_all(names)
    committed = await field.committed()
    resume.touch()
    stalled.send(signal.SIGCONT)
    await stalled.ready()
    assert await field.committed() == committed
    more = ids(200, prefix="t")
    await field.put(more)
    await field.drained()
    await field.expect_all(names + more)


async def test_a_database_that_is_killed_and_comes_back_is_waited_out(
    field: Field, engine: str, postgres_server: PostgresServer
) -> None:
    names = ids(3_000)
    worker = field.worker(engine=engine, batch_max_records=50)
    await worker.ready()
    await field.put(names[:1_500])
    postgres_server.kill()
    await field.put(names[1_500:])

    async def says_so() -> bool:
        status, body = worker.ask("/readyz")
        return status == 503 and any("process" in reason for reason in body["reasons"])

    await until("readiness says what is waited for", says_so)
    assert worker.ask("/healthz")[0] == 200, "a restart would not mend the database"
    postgres_server.start()
    await field.drained()
    await field.expect_all(names)
    await worker.ready()


async def test_a_database_that_takes_no_writes_for_a_while_is_waited_out(field: Field) -> None:
    names, operator = ids(200), await asyncpg.connect(field.dsn)
    worker = field.worker(engine="batches", batch_max_records=50)
    await worker.ready()

    async def read_only(value: str) -> None:
        """For sessions to come."""
        name = await operator.fetchval("SELECT current_database()")
        await operator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")

    async def waits() -> bool:
        return worker.ask("/readyz")[1].get("reasons") == ["process: ReadOnlySQLTransactionError"]

    try:
        await read_only("on")
        await operator.execute(END_SESSIONS)
        await field.put(names)
        await until("the wait for a database that takes writes", waits)
        await read_only("off")
        await field.drained()
        await field.expect_all(names)
        await worker.ready()
    finally:
        await operator.close()


@pytest.mark.heavy
async def test_a_broker_that_is_killed_and_comes_back_is_waited_out(
    field: Field, engine: str, kafka_server: KafkaServer
) -> None:
    names = ids(3_000)
    worker = field.worker(engine=engine, batch_max_records=20)
    await worker.ready()
    await field.put(names)

    async def begun() -> bool:
        return len(await field.effects()) > 0

    await until("the first effects", begun)
    kafka_server.kill()
    kafka_server.start()
    await field.drained(seconds=90)
    await field.expect_all(names)


async def test_a_client_that_fetches_no_more_is_noticed_and_replaced(
    field: Field, engine: str
) -> None:
    names, deafen = ids(40), field.folder / "deafen"
    worker = field.worker(engine=engine, deafen=deafen)
    await worker.ready()
    await field.put(names[:20])
    await field.drained()
    deafen.touch()

    async def deaf() -> bool:
        return not deafen.exists()

    await until("the client is deaf", deaf)
    await field.put(names[20:])
    if engine == "agents":  # it ends, and whoever supervises it starts it again
        assert await worker.ended() == STOPPED
        field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_a_record_that_cannot_be_applied_yet_is_tried_again_in_place(
    field: Field, engine: str
) -> None:
    names, arrived, resume = ids(20), field.folder / "arrived", field.folder / "resume"
    await field.put(names)
    worker = field.worker(engine=engine, fault="retry", at=names[3], arrived=arrived, resume=resume)
    await until("the first attempt", arrival(arrived))

    async def says_so() -> bool:
        return worker.ask("/readyz")[0] == 503

    await until("readiness tells of it", says_so)
    resume.touch()
    await field.drained()
    await field.expect_all(names)


async def test_sigterm_while_the_database_is_away_leaves_at_once(
    field: Field, engine: str, postgres_server: PostgresServer
) -> None:
    names = ids(500)
    worker = field.worker(engine=engine, batch_max_records=20)
    await worker.ready()
    postgres_server.kill()
    await field.put(names)

    async def waits() -> bool:
        return worker.ask("/readyz")[0] == 503

    await until("the wait for the database", waits)
    worker.send(signal.SIGTERM)
    started = monotonic()
    await worker.ended()
    assert monotonic() - started < 21
    postgres_server.start()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


@pytest.mark.heavy
async def test_sigterm_while_the_broker_is_away_leaves_in_time(
    field: Field, engine: str, kafka_server: KafkaServer
) -> None:
    names, arrived, resume = ids(200), field.folder / "arrived", field.folder / "resume"
    worker = field.worker(
        engine=engine, fault="hang", at=names[100], arrived=arrived, resume=resume,
        batch_max_records=20,
    )  # fmt: skip
    await worker.ready()
    await field.put(names)
    await until("the batch in hand", arrival(arrived))
    kafka_server.kill()
    resume.touch()

    async def waits() -> bool:
        return worker.ask("/readyz")[0] == 503

    await until("the wait for the broker", waits)
    worker.send(signal.SIGTERM)
    started = monotonic()
    await worker.ended()
    assert monotonic() - started < 21
    kafka_server.start()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_several_topics_are_read_by_one_processor(field: Field, engine: str) -> None:
    field.worker(engine=engine, inputs="spend.v1,commands.v1")
    names = ids(50)
    await field.put(names)
    await field.put_raw(
        *(
            Raw(
                "commands.v1",
                b"acme|setting",
                Command(
                    tenant_id="acme",
                    command_id=f"c{n}",
                    issued_at=NOON,
                    received_at=NOON,
                    body=SetSetting(key="currency", value="EUR"),
                )
                .model_dump_json()
                .encode(),
                NOON,
            )
            for n in range(20)
        )
    )
    await field.drained(topics=("spend.v1", "commands.v1"))
    assert set(await field.effects()) == {*names, *(f"c{n}" for n in range(20))}
    assert await field.counts("commands.v1") == Counter({("applied", ""): 20})


async def test_the_engine_counts_for_a_processor_that_stores_nothing(
    field: Field, engine: str
) -> None:
    names = ids(200)
    await field.put(names)
    await field.put(ids(30, prefix="u"), channel="unwanted")
    field.worker(engine=engine, stores=False)
    await field.drained()
    assert await field.counts() == Counter({("applied", ""): 200, ("filtered", "unwanted"): 30})
    assert not await field.effects()


async def test_an_upstream_that_sends_only_rubbish_stops_the_worker_before_it_pours(
    field: Field, engine: str
) -> None:
    await field.put_raw(*(Raw("spend.v1", b"acme|p", b"rubbish") for _ in range(40)))
    worker = field.worker(engine=engine, dead_letter_limit=30, batch_max_records=40)
    assert await worker.ended() == STOPPED
    assert len(await field.records("dead_letters.spend.v1")) < 30
    assert await field.lag() > 10


async def test_replay_puts_dead_letters_back_once_byte_for_byte(field: Field) -> None:
    repaired = spend("repaired").model_dump_json().encode()
    key = b"acme|platform-3"
    await field.put_raw(
        Raw("spend.v1", key, b"{", NOON), Raw("spend.v1", b"no-bar", repaired, NOON + 1)
    )
    worker = field.worker(engine="batches")
    await field.drained()
    worker.kill()
    before = {(m.key, m.value, m.timestamp) for m in await field.records("spend.v1")}

    async def again(selection: Selection, *, dry_run: bool = False) -> tuple[int, int, int]:
        report = await replay(
            selection,
            cluster=field.cluster,
            producer=field.producer,
            db=field.db,
            dry_run=dry_run,
        )
        return report.matched, report.skipped, report.replayed

    mismatched = Selection("spend.v1", reason="tenant_mismatch")
    assert await again(Selection("spend.v1"), dry_run=True) == (2, 0, 0)
    assert await again(mismatched) == (1, 0, 1)
    assert await again(mismatched) == (1, 1, 0)
    assert await again(Selection("spend.v1", tenant="acme")) == (1, 0, 1)
    assert await again(Selection("spend.v1", since=NOON + 2)) == (0, 0, 0)
    field.worker(engine="batches")
    await field.drained()
    after = await field.records("spend.v1")
    assert len(after) == 4
    assert {(m.key, m.value, m.timestamp) for m in after} == before
