"""Conversions that are looked at later: once for many changes, and never forgotten."""

from collections import Counter
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from processors.commands.restated import render, restated
from processors.engine.postgres import Database
from processors.identity import conversions, store
from schemas.command import Command, SetSetting
from tests.integration.pipeline.races import (
    DOWNSTREAM,
    Records,
    batch,
    drain,
    join,
    judge,
    order,
    touch,
)
from tests.support.pipeline import FAR, NOW, Killed, Pipeline, Replica

TENANT = "t"
MANY = 12


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ($1)", TENANT)
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="restatement", max_size=8
    )
    yield Pipeline(db)
    await db.close()


async def _bring(pipeline: Pipeline, records: Records, *, worker: Replica | None = None) -> Records:
    """A batch to a worker that is far behind."""
    messages = await batch(pipeline, records)
    worker = worker or pipeline.replica("identity")
    worker.behind = FAR
    await worker.cycle.run(messages)
    pipeline.broker.commit("identity", messages)
    return records


def _looks(pipeline: Pipeline) -> Counter[bytes]:
    return Counter(message.key or b"" for message in pipeline.broker.read("conversions.v1"))


async def _settle(pipeline: Pipeline) -> None:
    worker = pipeline.replica("identity")
    while await pipeline.due():
        await pipeline.settle(worker)
    await drain(pipeline, *DOWNSTREAM)


async def test_touches_that_come_one_by_one_while_behind_make_one_look(
    pipeline: Pipeline, database: str
) -> None:
    log = await _bring(pipeline, order(TENANT, visitor="a"))
    for n in range(MANY):
        log += await _bring(pipeline, touch(TENANT, "a", event=f"e{n}", hours=n))
    assert list(_looks(pipeline).values()) == [1]
    assert await pipeline.due() == 1
    await _settle(pipeline)
    assert list(_looks(pipeline).values()) == [2]
    counted = await restated(db=pipeline.db)
    # The first look was answered only together with the second.
    assert (counted.pointers, counted.answered, counted.applied) == (2, 1, 1)
    assert "0 to be looked at again; for each 2.0 pointers, 1.0 credited" in render(counted)
    assert await judge(database, log) == []


async def test_touches_are_looked_at_at_once_by_a_worker_that_has_caught_up(
    pipeline: Pipeline, database: str
) -> None:
    log = [*order(TENANT, visitor="a"), *touch(TENANT, "a")]
    await pipeline.feed(log)
    await drain(pipeline, "identity", *DOWNSTREAM)
    assert await pipeline.due() == 0
    assert await judge(database, log) == []


async def test_a_setting_restates_more_conversions_than_one_transaction_holds(
    pipeline: Pipeline, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversions, "MOST_AT_ONCE", 3)
    log: Records = []
    for n in range(MANY):
        log += [
            (topic, record.model_copy(update={"order_id": str(n), "content_hash": f"o{n}"}))
            for topic, record in order(TENANT, visitor="a")
        ]
    log += touch(TENANT, "a")
    body = SetSetting(key="half_life_days", value="2")
    command = Command(
        tenant_id=TENANT, command_id="k", issued_at=NOW, received_at=NOW, body=body
    )  # fmt: skip
    await pipeline.feed(log)
    await drain(pipeline, "identity")
    await pipeline.feed([("commands.v1", command)])
    await drain(pipeline, "identity")
    assert await pipeline.due() == MANY
    await _settle(pipeline)
    assert await judge(database, [*log, ("commands.v1", command)]) == []


async def _marked_meanwhile(pipeline: Pipeline, dsn: str, late: Callable[[], Records]) -> list[str]:
    """A change comes in, and everything downstream is done, between a restatement's pointer and
    the end of its mark."""
    log = await _bring(pipeline, [*order(TENANT, visitor="a"), *touch(TENANT, "a")])
    log += await _bring(pipeline, touch(TENANT, "a", event="second", hours=3))
    slow = pipeline.replica("identity")

    async def overtaken(point: str) -> None:
        if point == "sent":
            slow.pause = _go_on
            await drain(pipeline, *DOWNSTREAM)
            log.extend(await _bring(pipeline, late()))

    slow.pause = overtaken
    await pipeline.settle(slow)
    await _settle(pipeline)
    return await judge(dsn, log)


async def _go_on(_point: str) -> None:
    return None


def _late_touch() -> Records:
    return touch(TENANT, "a", event="third", hours=2)


def _merge() -> Records:
    return [*touch(TENANT, "b", event="other"), *join(TENANT, "a", "c"), *join(TENANT, "b", "c")]


@pytest.mark.parametrize("late", [_late_touch, _merge], ids=["touch", "merge"])
async def test_a_mark_that_is_made_again_during_a_restatement_stays(
    pipeline: Pipeline, database: str, late: Callable[[], Records]
) -> None:
    assert await _marked_meanwhile(pipeline, database, late) == []


async def test_a_mark_that_keeps_its_number_would_be_caught(
    pipeline: Pipeline, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = store.QUERIES["mark_due"]
    assert "SET seq = DEFAULT, " in text
    monkeypatch.setitem(store.QUERIES, "mark_due", text.replace("seq = DEFAULT, ", ""))
    assert await _marked_meanwhile(pipeline, database, _late_touch) != []


@pytest.mark.parametrize("point", ["send", "sent"])
async def test_a_restatement_that_dies_before_its_mark_is_gone_is_made_again(
    pipeline: Pipeline, database: str, point: str
) -> None:
    log = await _bring(pipeline, order(TENANT, visitor="a"))
    log += await _bring(pipeline, touch(TENANT, "a"))
    doomed = pipeline.replica("identity")

    async def dies(at: str) -> None:
        if at == point:
            raise Killed

    doomed.pause = dies
    with pytest.raises(Killed):
        await pipeline.settle(doomed)
    assert await pipeline.due() == 1
    await _settle(pipeline)
    assert await judge(database, log) == []
