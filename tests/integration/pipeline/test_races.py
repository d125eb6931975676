"""Races found on purpose: every order of two writers' steps, deaths at every named point, and the
planted bugs of the protocol, each of which one of these catches."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.postgres import Database
from tests.integration.pipeline import planted
from tests.integration.pipeline.races import (
    DOWNSTREAM,
    PROMOTED,
    SCENARIOS,
    Records,
    Scenario,
    batch,
    drain,
    judge,
    order,
    run,
    touch,
)
from tests.support.pipeline import Killed, Pipeline

every_scenario = pytest.mark.parametrize(
    "scenario",
    [*SCENARIOS, pytest.param(PROMOTED, marks=pytest.mark.heavy)],
    ids=lambda scenario: scenario.name,
)
POINTS = ("facts", "resolved", "merged", "looked", "send", "sent")


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    names = [f"t-{n}" for n in range(70)] + [f"d-{n}-{w}" for n in range(6) for w in (0, 1)] + ["s"]
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants SELECT unnest($1::text[])", names)
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="races", max_size=8
    )
    yield Pipeline(db)
    await db.close()


async def _die(pipeline: Pipeline, dsn: str, scenario: Scenario) -> list[str]:
    """Each writer dies once at each point, and its batch comes again to a new worker."""
    log: Records = []
    for number, point in enumerate(POINTS):
        for which in (0, 1):
            tenant = f"d-{number}-{which}"
            first, second = scenario.writers[which], scenario.writers[1 - which]
            for records, dies in ((scenario.before, ""), (second, ""), (first, point)):
                log += records(tenant)
                messages = await batch(pipeline, records(tenant))
                await _deliver(pipeline, messages, dies)
                await drain(pipeline, *DOWNSTREAM)
    return await judge(dsn, log)


async def _deliver(pipeline: Pipeline, messages: list, dies: str) -> None:  # type: ignore[type-arg]
    async def pause(point: str) -> None:
        if point == dies:
            raise Killed

    if dies:
        doomed = pipeline.replica("identity")
        doomed.pause = pause
        with contextlib.suppress(Killed):
            await doomed.cycle.run(messages)
    if messages:
        await pipeline.replica("identity").cycle.run(messages)
        pipeline.broker.commit("identity", messages)


async def _stale(pipeline: Pipeline, dsn: str) -> list[str]:
    """A credit worker reads its snapshot and sends it only after a newer one was summed."""
    log = [*order("s", visitor="a"), *touch("s", "b", event="other")]
    await pipeline.feed(log)
    await drain(pipeline, "identity")
    slow = pipeline.replica("credit")
    waiting = pipeline.waiting("credit", slow.partitions, 100)
    late = touch("s", "a")

    async def overtaken(point: str) -> None:
        if point == "send":
            await pipeline.feed(late)
            await drain(pipeline, "identity")
            newer = pipeline.waiting("credit", slow.partitions, 100)[len(waiting) :]
            await pipeline.replica("credit").cycle.run(newer)
            await drain(pipeline, "summary")

    slow.pause = overtaken
    await slow.cycle.run(waiting)
    await drain(pipeline, "summary")
    return await judge(dsn, [*log, *late])


@every_scenario
async def test_every_order_of_two_writers_ends_as_the_oracle_says(
    pipeline: Pipeline, database: str, scenario: Scenario
) -> None:
    assert await run(pipeline, database, scenario, steps=4) == []


@every_scenario
async def test_a_writer_that_dies_at_any_named_point_loses_nothing(
    pipeline: Pipeline, database: str, scenario: Scenario
) -> None:
    assert await _die(pipeline, database, scenario) == []


async def test_a_snapshot_that_is_sent_late_does_not_undo_a_newer_one(
    pipeline: Pipeline, database: str
) -> None:
    assert await _stale(pipeline, database) == []


async def _caught(pipeline: Pipeline, dsn: str, plant: planted.Plant) -> bool:
    """Whether any of the checks above sees it; the cheap ones first."""
    if await _stale(pipeline, dsn):
        return True
    for check in (_die, _run):
        for scenario in SCENARIOS:
            if await check(pipeline, dsn, scenario):
                return True
    return False


async def _run(pipeline: Pipeline, dsn: str, scenario: Scenario) -> list[str]:
    return await run(pipeline, dsn, scenario, steps=4)


@pytest.mark.parametrize(
    "plant",
    [
        planted.expand_inside_the_inserting_transaction,
        planted.expand_only_new_rows,
        planted.no_dirty_row,
        planted.no_revision,
        planted.no_tenant_lock,
        planted.replaced_touch_without_its_old_anchor,
    ],
    ids=lambda plant: plant.__name__,
)
async def test_a_planted_bug_is_caught(
    pipeline: Pipeline, database: str, plant: planted.Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert await _caught(pipeline, database, plant)
