"""Changed channel rules: every touch ends by those that stand, and only what changed is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Connection, Database
from processors.engine.processor import Item, Message
from processors.identity import processor, store
from processors.identity.rules import Rules, in_force
from schemas.command import Command, SetSetting
from tests.integration.pipeline.races import DOWNSTREAM, Records, batch, drain, judge, order, touch
from tests.support.pipeline import CHUNK, NOW, Killed, Pipeline, Replica

OURS = '[{"when": {"source": "google"}, "channel": "ours"}]'
THEIRS = '[{"when": {"medium": "cpc"}, "channel": "theirs"}]'


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ('t')")
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="rules", max_size=8
    )
    yield Pipeline(db)
    await db.close()


def rule(document: str, *, at: int = 0, key: str = "channel_rules") -> Records:
    command = Command(
        tenant_id="t", command_id=f"k{at}", issued_at=NOW + at, received_at=NOW,
        body=SetSetting(key=key, value=document),
    )  # fmt: skip
    return [("commands.v1", command)]


def buyer(name: str, **more: Any) -> Records:
    """A touch, and an order of its own."""
    (topic, record), *_ = order("t", visitor=name)
    own = record.model_copy(update={"order_id": name, "event_id": name, "content_hash": name})
    return [*touch("t", name, event=f"touch-{name}", **more), (topic, own)]


async def revisions(dsn: str) -> dict[str, int]:
    """By visitor."""
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(
            "SELECT order_id, rev FROM conversion_revision JOIN conversions"
            " USING (tenant_id, conversion_id)"
        )
        return {row["order_id"]: row["rev"] for row in rows}
    finally:
        await conn.close()


async def test_a_change_restates_only_the_conversions_of_touches_that_changed(
    pipeline: Pipeline, database: str
) -> None:
    email = {"marketing": {"utm_source": "klaviyo", "utm_medium": "email"}}
    log = [*buyer("ann"), *buyer("bob", **email), *rule("[]")]
    await pipeline.feed(log)
    await drain(pipeline, "identity", *DOWNSTREAM)
    before = await revisions(database)
    assert await judge(database, log) == []
    changes = [*rule(OURS, at=1), *rule("7d,30d", at=2, key="enabled_windows")]
    await pipeline.feed(changes)
    await drain(pipeline, "identity", *DOWNSTREAM)
    after = await revisions(database)
    assert await judge(database, [*log, *changes]) == []
    assert after["ann"] > before["ann"]
    assert after["bob"] == before["bob"]


async def test_an_older_rule_that_comes_late_changes_nothing(
    pipeline: Pipeline, database: str
) -> None:
    log = [*buyer("ann"), *rule(OURS, at=5), *rule(THEIRS, at=1)]
    for record in log:
        await pipeline.feed([record])
        await drain(pipeline, "identity", *DOWNSTREAM)
    assert await judge(database, log) == []
    cleared = rule("", at=9)
    await pipeline.feed(cleared)
    await drain(pipeline, "identity", *DOWNSTREAM)
    assert await judge(database, [*log, *cleared]) == []


async def _race(pipeline: Pipeline, dsn: str, patch: pytest.MonkeyPatch) -> list[str]:
    """A touch was resolved and waits to be written while the rules change and the pass goes by."""
    await pipeline.feed(order("t", visitor="ann"))
    await drain(pipeline, "identity", *DOWNSTREAM)
    resolved, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(conn: Connection, items: Sequence[Item]) -> Rules:
        rules = await in_force(conn, items)
        if items[0].message.topic == "touchpoints.v1":
            resolved.set()
            await go_on.wait()
        return rules

    late, change = touch("t", "ann"), rule(OURS)
    with patch.context() as patched:
        patched.setattr(processor, "in_force", slowly)
        writer = asyncio.ensure_future(
            pipeline.replica("identity").cycle.run(await batch(pipeline, late))
        )
        await resolved.wait()
        messages = await batch(pipeline, change)
        changer = asyncio.ensure_future(_change(pipeline, messages))
        # It waits for the touch; or it would go by, were there nothing to wait for.
        await asyncio.wait({changer}, timeout=0.5)
        go_on.set()
        await asyncio.gather(writer, changer)
    for topic in ("touchpoints.v1", "commands.v1"):
        pipeline.broker.commit("identity", pipeline.broker.read(topic))
    await drain(pipeline, "identity", *DOWNSTREAM)
    return await judge(dsn, [*order("t", visitor="ann"), *late, *change])


async def _change(pipeline: Pipeline, messages: Sequence[Message]) -> None:
    worker = pipeline.replica("identity")
    await worker.cycle.run(messages)
    await _resolve_all(pipeline, worker)


async def _resolve_all(pipeline: Pipeline, worker: Replica) -> None:
    while await pipeline.resolving():
        await pipeline.resolve_again(worker)


async def test_a_touch_that_is_written_while_the_rules_change_ends_by_the_new_ones(
    pipeline: Pipeline, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _race(pipeline, database, monkeypatch) == []


async def test_without_the_lock_of_the_rules_that_touch_would_keep_the_old_ones(
    pipeline: Pipeline, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.QUERIES, "lock_rules", "SELECT $1::text[], $2::boolean[]")
    assert await _race(pipeline, database, monkeypatch) != []


@pytest.mark.parametrize("point", ["pointed", "send", "sent", "resolved again"])
async def test_a_pass_that_dies_anywhere_is_ended_by_another_process(
    pipeline: Pipeline, database: str, point: str
) -> None:
    people = [f"v{n}" for n in range(2 * CHUNK + 1)]
    log = [*(record for name in people for record in buyer(name)), *rule(OURS)]
    await pipeline.feed(log)
    doomed, seen = pipeline.replica("identity"), 0
    await pipeline.turn(doomed, 1_000)

    async def dies(reached: str) -> None:
        nonlocal seen
        seen += reached == point
        if seen == 2:
            raise Killed

    doomed.pause = dies
    with pytest.raises(Killed):
        await _resolve_all(pipeline, doomed)
    await drain(pipeline, "identity", *DOWNSTREAM)
    assert await judge(database, log) == []


async def test_the_loop_beside_the_batches_finds_a_pass_by_itself(
    pipeline: Pipeline, database: str
) -> None:
    await pipeline.feed([*buyer("ann"), *rule(OURS)])
    await pipeline.turn(pipeline.replica("identity"), 1_000)
    assert await pipeline.resolving()
    other = pipeline.replica("identity").processor
    assert other is not None
    *_, loop = other.background()
    running = asyncio.ensure_future(loop())
    async with asyncio.timeout(20):
        while await pipeline.resolving():
            await asyncio.wait({running}, timeout=0.02)
    running.cancel()
    await drain(pipeline, *DOWNSTREAM)
    assert await judge(database, [*buyer("ann"), *rule(OURS)]) == []
