"""One suite for every processor of the registry: what the engine and the laws ask of each.

A processor that is added to the registry is tested here without a line of its own.
"""

import random
from dataclasses import replace

import asyncpg
import pytest

from processors.engine import codec
from processors.engine.outcome import Dead
from processors.registry import PROCESSORS
from tests.contract.processors.golden import golden, hostile
from tests.contract.processors.stage import Run, Stage, cut, play, renumbered
from tests.support.dump import differences, dump

every_processor = pytest.mark.parametrize("name", list(PROCESSORS))

UNDECODABLE = (b"", b"{", b"\xff\xfe", b"null", b"[]", b"{}", None)


@every_processor
async def test_every_golden_example_of_its_topics_is_applied_or_filtered(
    stage: Stage, name: str
) -> None:
    messages = await golden(stage.dsn, name)
    for batches in ([messages], [[message] for message in messages]):
        run = await play(stage, name, [batches])
        assert await _counted(stage, name) == len(messages)
        assert run.letters() == []


@every_processor
@pytest.mark.parametrize("seed", range(3))
async def test_the_same_batches_again_change_no_table_and_no_count(
    stage: Stage, name: str, seed: int
) -> None:
    rng = random.Random(seed)
    messages = stage.inputs(name, rng)
    batches = list(cut(messages, rng, 40))
    await play(stage, name, [batches])
    once = await dump(stage.dsn)
    died = rng.randrange(len(batches))
    await play(stage, name, [batches[: died + 1], batches[died:], batches])
    assert differences(once, await dump(stage.dsn)) == []
    assert await _counted(stage, name) == len(messages)


@every_processor
@pytest.mark.parametrize("seed", range(3))
async def test_any_split_into_batches_leaves_the_same_tables_and_the_same_last_words(
    stage: Stage, name: str, seed: int
) -> None:
    rng = random.Random(seed)
    messages = stage.inputs(name, rng)
    whole = await play(stage, name, [[messages]])
    expected = await dump(stage.dsn)
    split = await play(stage, name, [list(cut(messages, rng, rng.choice([2, 9, 60])))])
    assert differences(expected, await dump(stage.dsn)) == []
    assert _last_words(split) == _last_words(whole)


@every_processor
async def test_what_it_sends_goes_to_its_outputs_and_can_be_read_there(
    stage: Stage, name: str
) -> None:
    messages = stage.inputs(name, random.Random(0))
    assert messages
    run = await play(stage, name, [[messages]])
    assert {message.topic for message in run.sent()} <= {*PROCESSORS[name].outputs}
    read = [(message.topic, codec.decode(message).value) for message in run.sent()]
    assert [(topic, value) for topic, value in read if isinstance(value, Dead)] == []


@every_processor
async def test_damaged_records_are_dead_letters_and_the_rest_is_applied(
    stage: Stage, name: str
) -> None:
    rng = random.Random(name)
    messages = stage.inputs(name, rng)
    await play(stage, name, [[messages]])
    moved = ("dedupe_keys.source_offset",)
    expected = await dump(stage.dsn, without=moved)
    damaged = [replace(rng.choice(messages), value=value) for value in UNDECODABLE]
    damaged.append(replace(rng.choice(messages), key=b"intruder|x"))
    for bad in damaged:
        messages.insert(rng.randrange(1, len(messages)), bad)
    run = await play(stage, name, [[renumbered(messages)]])
    assert differences(expected, await dump(stage.dsn, without=moved)) == []
    assert await _counted(stage, name) == len(messages)
    assert await _counted(stage, name, "dead") == len(run.letters()) == len(damaged)
    reasons = {letter.reason for letter in run.letters()}
    assert reasons == {"undecodable", "invalid", "tenant_mismatch"}


@every_processor
@pytest.mark.parametrize("kind", ["text", "number"])
async def test_a_value_that_no_column_can_hold_stops_nothing(
    stage: Stage, name: str, kind: str
) -> None:
    good = await golden(stage.dsn, name)
    messages = renumbered([m for one in good for m in (one, *hostile(one, kind))])
    await play(stage, name, [[[message] for message in messages]])
    assert await _counted(stage, name) == len(messages)


def _last_words(run: Run) -> dict[object, object]:
    """The last record for each key and event, but for what tells how the input was cut: the
    revision, the person as far as known at the moment, and what is only said again."""
    words: dict[object, object] = {}
    for message in run.sent():
        record = codec.decode(message).value
        assert not isinstance(record, Dead)
        said = record.model_dump(exclude={"rev", "person_id"})
        if said.get("again"):
            continue
        event = said.get("event") or {}
        words[message.topic, message.key, event.get("event_id")] = said
    return words


async def _counted(stage: Stage, name: str, outcome: str | None = None) -> int:
    conn = await asyncpg.connect(stage.dsn)
    try:
        return int(
            await conn.fetchval(
                "SELECT coalesce(sum(n), 0) FROM outcome_counts"
                " WHERE consumer_group = $1 AND ($2::text IS NULL OR outcome = $2)",
                name,
                outcome,
            )
        )
    finally:
        await conn.close()
