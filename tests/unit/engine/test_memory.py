"""The contract of the engine, on the memory engine."""

import pytest

from processors.engine.deadletter import TooManyDead
from processors.engine.memory import MemoryBroker
from processors.engine.outcome import APPLIED, Dead, Outcome, Retry
from processors.engine.processor import Item
from schemas.conversion import ConversionPointer
from schemas.dead_letter import DeadLetter
from tests.support.engine_field import NOON, ids, spend
from tests.support.engine_memory import Scripted, engine


@pytest.fixture
def broker() -> MemoryBroker:
    """An empty broker."""
    return MemoryBroker(lambda: NOON)


def put(broker: MemoryBroker, *names: str) -> None:
    for name in names:
        record = spend(name)
        broker.produce(
            "spend.v1", f"acme|{record.platform}".encode(), record.model_dump_json().encode()
        )


async def test_everything_is_applied_emitted_and_committed(broker: MemoryBroker) -> None:
    put(broker, *ids(50))
    processor = Scripted()
    assert await engine(broker, processor, batch_max_records=20).drain() == 50
    assert processor.stored == set(ids(50))
    out = {
        ConversionPointer.model_validate_json(m.value or b"").conversion_id
        for m in broker.read("conversions.v1")
    }
    assert out == set(ids(50))
    assert processor.calls[:3] == ["start", "process 20", "acknowledged 20"]


async def test_a_raise_commits_nothing_and_the_batch_comes_again(broker: MemoryBroker) -> None:
    put(broker, *ids(5))

    def refuse(item: Item) -> Outcome:
        raise RuntimeError("no")

    processor = Scripted(refuse)
    running = engine(broker, processor)
    with pytest.raises(RuntimeError, match="no"):
        await running.turn()
    assert broker.committed == {}
    processor.decide = lambda item: APPLIED
    assert await running.drain() == 5


async def test_retry_is_tried_again_in_place_until_it_ends(broker: MemoryBroker) -> None:
    put(broker, "one")
    answers: list[Outcome] = [Retry("later"), Retry("later"), APPLIED]
    processor = Scripted(lambda item: answers.pop(0))
    assert await engine(broker, processor).drain() == 1
    assert answers == []
    assert len(broker.read("conversions.v1")) == 1


async def test_an_infrastructure_error_is_waited_out(broker: MemoryBroker) -> None:
    put(broker, "one")
    failures = [ConnectionRefusedError(), ConnectionResetError()]

    def shaky(item: Item) -> Outcome:
        if failures:
            raise failures.pop()
        return APPLIED

    assert await engine(broker, Scripted(shaky)).drain() == 1


async def test_dead_records_are_kept_whole_and_the_partition_goes_on(
    broker: MemoryBroker,
) -> None:
    broker.produce("spend.v1", b"acme|p", b"\xff\x00", NOON)
    put(broker, "good")
    assert await engine(broker, Scripted()).drain() == 2
    (message,) = broker.read("dead_letters.spend.v1")
    letter = DeadLetter.model_validate_json(message.value or b"")
    assert (letter.group, letter.topic, letter.offset) == ("toy", "spend.v1", 0)
    assert (letter.reason, letter.key, letter.value) == ("undecodable", "YWNtZXxw", "/wA=")


async def test_too_many_dead_letters_stop_the_engine_before_they_are_sent(
    broker: MemoryBroker,
) -> None:
    put(broker, *ids(10))
    processor = Scripted(lambda item: Dead("odd"))
    with pytest.raises(TooManyDead, match="10 records in a row"):
        await engine(broker, processor, dead_letter_limit_consecutive=10).drain()
    assert broker.read("dead_letters.spend.v1") == []
    assert broker.committed == {}


async def test_a_missing_outcome_stops_the_engine(broker: MemoryBroker) -> None:
    class Forgetful(Scripted):
        async def process(self, batch):  # type: ignore[no-untyped-def]
            result = await super().process(batch)
            result.outcomes.pop()
            return result

    put(broker, "one", "two")
    with pytest.raises(ValueError, match="1 outcomes for 2 records"):
        await engine(broker, Forgetful()).drain()
