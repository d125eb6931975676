"""Topics, offsets and groups on a real broker."""

import asyncio
import signal
from pathlib import Path

import pytest

from deploy.local.kafka import Kafka
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster, create_topics
from processors.engine.kafka import Producer, Raw
from processors.engine.spec import CATALOGUE
from schemas.topics import MAX_RECORD_BYTES
from tests.support.engine_field import NOON, Field, ids, spend, until
from tests.support.servers import KafkaServer


async def test_the_catalogue_is_created_once(kafka_server: KafkaServer, topic_prefix: str) -> None:
    assert await create_topics(kafka_server.bootstrap, topic_prefix) == sorted(CATALOGUE)
    assert await create_topics(kafka_server.bootstrap, topic_prefix) == []
    async with Cluster(kafka_server.bootstrap, prefix=topic_prefix) as cluster:
        assert await cluster.missing(CATALOGUE) == []
        assert await cluster.missing(["other.v1"]) == ["other.v1"]
        ends = await cluster.end_offsets(CATALOGUE)
    for name, row in CATALOGUE.items():
        assert {p for topic, p in ends if topic == name} == set(range(row.partitions))


async def test_what_was_produced_is_read_back_in_place_and_order(field: Field) -> None:
    names = ids(2_000)
    placed = await field.put_raw(
        *(
            Raw("spend.v1", f"acme|{n[-1]}".encode(), spend(n).model_dump_json().encode(), NOON)
            for n in names
        )
    )
    read = await field.records("spend.v1")
    by_place = {(m.partition, m.offset): m for m in read}
    assert len(read) == len(names)
    for name, place in zip(names, placed, strict=True):
        assert f'"campaign":"{name}"'.encode() in (by_place[place].value or b"")
        assert by_place[place].timestamp == NOON
    for partition in {m.partition for m in read}:
        offsets = [m.offset for m in read if m.partition == partition]
        assert offsets == sorted(offsets)


async def test_a_derived_record_of_an_old_event_is_not_expired_on_arrival(field: Field) -> None:
    before = wall_clock() - 60_000
    await field.put_raw(
        Raw("conversions.v1", b"acme|c", b"{}", NOON),
        Raw("spend.v1", b"acme|x", b"{}", wall_clock() + 2 * 86_400_000),
    )
    (derived,) = await field.records("conversions.v1")
    assert derived.timestamp > before, "retention goes by it"
    (ahead,) = await field.records("spend.v1")
    assert ahead.timestamp > wall_clock() + 86_400_000


async def test_the_largest_record_passes(field: Field) -> None:
    value = b"x" * MAX_RECORD_BYTES
    await field.put_raw(Raw("spend.v1", b"acme|big", value, NOON))
    (message,) = await field.records("spend.v1")
    assert message.value == value


async def test_a_send_of_one_record_answers_with_its_place(field: Field) -> None:
    future = await field.producer.send("spend.v1", b"acme|x", b"value", NOON)
    place = await future
    (message,) = await field.records("spend.v1")
    assert (place.partition, place.offset) == (message.partition, message.offset)


async def test_a_stopped_group_is_reset_and_a_running_one_is_not(field: Field) -> None:
    names = ids(100)
    await field.put(names)
    worker = field.worker(engine="batches")
    await field.drained()
    with pytest.raises(RuntimeError, match="toy has members"):
        await field.cluster.reset("toy", ["spend.v1"], to="beginning")
    worker.send(signal.SIGTERM)
    assert await worker.ended() == 0

    async def moved() -> bool:
        try:
            await field.cluster.reset("toy", ["spend.v1"], to="beginning")
        except RuntimeError:
            return False
        return True

    await until("the end of the static member's session", moved)
    assert await field.lag() == 100
    field.worker(engine="batches")
    await field.drained()
    await field.expect_all(names)
    again = await field.emitted()
    assert set(again.values()) == {2}, "all was repeated, and counted once"


async def test_lag_and_outcomes_are_told_to_prometheus(field: Field) -> None:
    await field.put(ids(50))
    worker = field.worker(engine="batches")
    await field.drained()

    async def told() -> bool:
        text = worker.metrics()
        lags = [line for line in text.splitlines() if line.startswith("attributary_lag_records{")]
        return (
            len(lags) == 4
            and all(line.endswith(" 0.0") for line in lags)
            and 'attributary_outcomes_total{outcome="applied",rule=""} 50.0' in text
            and 'attributary_emitted_total{topic="conversions.v1"} 50.0' in text
            and "attributary_ready_state 1.0" in text
        )

    await until("the metrics", told)


async def test_a_send_waits_for_a_broker_that_is_away_and_duplicates_nothing(
    tmp_path: Path,
) -> None:
    own = Kafka(tmp_path)  # that of all tests has their topics, and is long in coming back
    own.start()
    row = Raw("spend.v1", b"acme|x", b"value", NOON)
    producer = Producer(own.bootstrap, linger_ms=0)
    try:
        async with Cluster(own.bootstrap) as cluster:
            await cluster.create_topics(["spend.v1"])
        await producer.start()
        await producer.send_raw([row])
        own.kill()
        waiting = asyncio.ensure_future(producer.send_raw([row] * 5))
        own.start()
        async with Cluster(own.bootstrap) as cluster:
            assert await cluster.committed("nobody") == {}  # groups are not loaded yet
            assert await cluster.busy(["nobody"]) == []
            assert len(await waiting) == 5
            assert len([message async for message in cluster.read_topic("spend.v1")]) == 6
        await producer.stop()
    finally:
        own.kill()


@pytest.mark.heavy
async def test_a_send_that_was_given_up_does_not_break_the_next_one(
    field: Field, kafka_server: KafkaServer
) -> None:
    row = Raw("spend.v1", b"acme|x", b"value", NOON)
    await field.put_raw(row)
    kafka_server.kill()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(field.put_raw(row), 1)
    await field.producer.stop()
    kafka_server.start()
    await field.put_raw(row)
    assert len(await field.records("spend.v1")) >= 2
