"""Each way in which a naive engine loses or doubles records, against ours, on a real broker.

M1 to M13 are the measured scenarios in which Faust's defaults, or a simple loop, fail. Here nothing
is lost and every duplicate is absorbed, under both Kafka engines.
"""

import signal
import socket
from time import monotonic

import pytest

from processors.engine.failstop import STOPPED
from processors.engine.kafka import Raw
from processors.engine.replay import Selection, replay
from tests.support.collector import collecting
from tests.support.engine_field import NOON, SESSION_MS, Field, arrival, ids, spend, until

_BATCHES = "attributary_batch_seconds_count"


async def some_commits(field: Field, count: int) -> None:
    async def enough() -> bool:
        return await field.committed() >= count

    await until(f"{count} committed records", enough)


async def test_m1_a_raising_handler_loses_nothing(field: Field, engine: str) -> None:
    names = ids(10)
    await field.put(names)
    worker = field.worker(engine=engine, fault="raise", at=names[5], batch_max_records=2)
    assert await worker.ended() == STOPPED
    assert await field.lag() > 0
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m2_a_kill_while_a_record_is_in_flight_loses_nothing(
    field: Field, engine: str
) -> None:
    names, arrived = ids(40), field.folder / "arrived"
    await field.put(names)
    worker = field.worker(
        engine=engine, fault="hang", at=names[10], arrived=arrived, batch_max_records=5
    )
    await until("the record in flight", arrival(arrived))
    worker.kill()
    assert names[10] not in await field.effects()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m3_sigterm_with_a_batch_in_hand_finishes_it_and_leaves_in_time(
    field: Field, engine: str
) -> None:
    names, arrived, resume = ids(20), field.folder / "arrived", field.folder / "resume"
    await field.put(names)
    worker = field.worker(engine=engine, fault="hang", at=names[3], arrived=arrived, resume=resume)
    await until("the batch in hand", arrival(arrived))
    worker.send(signal.SIGTERM)
    started = monotonic()
    resume.touch()
    assert await worker.ended() == 0
    assert monotonic() - started < 20
    assert await field.stops() == 1
    assert names[3] in await field.effects()
    assert await field.committed() > 0
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m4_a_first_batch_that_raises_comes_again_whole(field: Field, engine: str) -> None:
    names = ids(10)
    await field.put(names)
    worker = field.worker(engine=engine, fault="raise", where="after_store", at=names[0])
    assert await worker.ended() == STOPPED
    assert names[0] in await field.effects(), "stored, but neither emitted nor committed"
    # A batch of another partition may have come before it, and is not asked about.
    assert names[0] not in await field.emitted()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m5_bad_bytes_and_wrong_types_are_dead_lettered_and_the_partition_goes_on(
    field: Field, engine: str
) -> None:
    key = b"acme|platform-0"
    broken = spend("bad").model_dump_json().replace('"amount":100', '"amount":"much"')
    foreign = spend("bad", tenant="other").model_dump_json()
    await field.put_raw(
        Raw("spend.v1", key, b'{"half": '),
        Raw("spend.v1", key, broken.encode()),
        Raw("spend.v1", key, None),
        Raw("spend.v1", key, foreign.encode()),
        Raw("spend.v1", key, spend("good").model_dump_json().encode()),
    )
    field.worker(engine=engine)
    await field.drained()
    assert set(await field.effects()) == {"good"}
    assert await field.counts() == {
        ("applied", ""): 1,
        ("dead", "undecodable"): 2,
        ("dead", "invalid"): 1,
        ("dead", "tenant_mismatch"): 1,
    }
    assert len(await field.records("dead_letters.spend.v1")) == 4


async def test_m6_kills_in_the_middle_of_a_stream_lose_nothing(field: Field, engine: str) -> None:
    names = ids(6_000)
    await field.put(names)
    for share in (0.2, 0.6):
        worker = field.worker(engine=engine)
        await some_commits(field, int(len(names) * share))
        worker.kill()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m7_a_second_worker_that_joins_in_the_stream_loses_nothing(
    field: Field, engine: str
) -> None:
    names = ids(6_000)
    await field.put(names[:3_000])
    field.worker(engine=engine, replica=0, batch_max_records=20)
    await some_commits(field, 200)
    field.worker(engine=engine, replica=1, batch_max_records=20)
    await field.put(names[3_000:])

    async def shared() -> bool:
        if set((await field.effects()).values()) == {0, 1}:
            return True
        extra = ids(100, prefix=f"x{len(names)}-")
        names.extend(extra)
        await field.put(extra)
        return False

    await until("work by both", shared)
    await field.drained()
    await field.expect_all(names)


async def test_m8_a_worker_without_tables_or_standbys_starts_and_consumes(
    field: Field, engine: str
) -> None:
    worker = field.worker(engine=engine)
    await worker.ready()
    names = ids(10)
    await field.put(names)
    await field.drained()
    await field.expect_all(names)


async def test_a_worker_whose_session_is_longer_than_a_request_may_take_starts_and_consumes(
    field: Field, engine: str
) -> None:
    names = ids(10)
    await field.put(names)
    field.worker(engine=engine, session_ms=120_000)
    await field.drained()
    await field.expect_all(names)


async def test_what_comes_one_by_one_while_a_worker_rests_is_one_batch(
    field: Field, engine: str
) -> None:
    names, arrived, resume = ids(21), field.folder / "arrived", field.folder / "resume"
    worker = field.worker(
        engine=engine, fault="hang", at=names[0], arrived=arrived, resume=resume, rest_max_ms=30_000
    )
    await worker.ready()
    await field.put(names[:1])
    await until("the first batch", arrival(arrived))
    since = monotonic()

    async def long() -> bool:
        return monotonic() > since + 1.5

    await until("a batch that took long, for a rest that is longer", long)
    resume.touch()

    async def stored() -> bool:
        return names[0] in await field.effects()

    await until("the first effect", stored)
    for name in names[1:]:
        await field.put([name])
    await field.drained()
    await field.expect_all(names)
    told = [row for row in worker.metrics().splitlines() if row.startswith(_BATCHES)]
    assert told == [f"{_BATCHES} 2.0"]


async def test_m9_counts_are_exact_over_kills_at_every_step(field: Field, engine: str) -> None:
    names, arrived = ids(300), field.folder / "arrived"
    for where, some in (("after_store", names[:150]), ("acknowledged", names[150:])):
        await field.put(some)
        worker = field.worker(
            engine=engine,
            fault="hang",
            where=where,
            at=some[50],
            arrived=arrived,
            batch_max_records=30,
        )
        await until(f"the pause {where}", arrival(arrived))
        worker.kill()
        arrived.unlink()
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_m10_sigterm_when_idle_ends_cleanly_and_soon(field: Field, engine: str) -> None:
    worker = field.worker(engine=engine)
    await worker.ready()
    worker.send(signal.SIGTERM)
    assert await worker.ended(seconds=8) == 0
    assert await field.stops() == 1


async def test_m11_a_killed_worker_takes_its_partitions_back_at_once(
    field: Field, engine: str
) -> None:
    first = field.worker(engine=engine)
    await first.ready()
    first.kill()
    started = monotonic()
    second = field.worker(engine=engine)
    await second.ready()
    assert monotonic() - started < SESSION_MS / 1000, "it waited for its own old session to end"


async def test_m12_a_busy_web_port_of_faust_is_no_matter(field: Field, engine: str) -> None:
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", 6066))
        busy.listen()
        worker = field.worker(engine=engine)
        await worker.ready()
        assert worker.ask("/healthz")[0] == 200


async def test_m13_what_is_not_even_an_exception_stops_before_the_commit(
    field: Field, engine: str
) -> None:
    names = ids(10)
    await field.put(names)
    worker = field.worker(engine=engine, fault="raise_base", where="acknowledged", at=names[9])
    assert await worker.ended() == STOPPED
    assert await field.lag() > 0
    field.worker(engine=engine)
    await field.drained()
    await field.expect_all(names)


async def test_a_trace_goes_through_a_hop_and_through_dead_letters_and_back(
    field: Field, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced, plain, broken = ids(3)
    parents = {name: f"00-{n:032x}-{n:016x}-01" for n, name in enumerate((traced, broken), 1)}
    key, value = b"acme|platform-0", spend(traced).model_dump_json().encode()
    await field.put_raw(
        Raw("spend.v1", key, value, NOON, traceparent=parents[traced]),
        Raw("spend.v1", key, b"{", NOON, traceparent=parents[broken]),
    )
    await field.put([plain])
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        worker = field.worker(engine=engine)
        await field.drained()
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0
    seen = {span.span: span for span in collector.spans}
    found = await field.records("conversions.v1")
    carried = {m.key: m.traceparent for m in found}
    assert carried[f"acme|{plain}".encode()] is None
    sent = seen[str(carried[f"acme|{traced}".encode()])[36:52]]
    worked = seen[sent.parent]
    assert (sent.name, worked.name) == ("send conversions.v1", "process spend.v1")
    assert (worked.trace, worked.parent) == (f"{1:032x}", f"{1:016x}")
    (letter,) = await field.records("dead_letters.spend.v1")
    assert letter.traceparent is not None
    buried = seen[letter.traceparent[36:52]]
    assert seen[buried.parent].attributes["attributary.rule"] == "undecodable"
    assert seen[buried.parent].parent == f"{2:016x}"
    cluster, producer = field.cluster, field.producer
    await replay(Selection("spend.v1"), cluster=cluster, producer=producer, db=field.db)
    again = [m.traceparent for m in await field.records("spend.v1") if m.value == b"{"]
    assert again == [parents[broken], letter.traceparent]
