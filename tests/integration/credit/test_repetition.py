"""Pointers that come again, come early, or come in floods."""

import pytest

from processors.credit import processor
from processors.engine.outcome import APPLIED, DUPLICATE, Drop
from tests.integration.credit.conftest import Credit, pointers
from tests.integration.credit.world import World


async def test_a_conversion_that_is_not_there_yet_is_filtered(world: World, credit: Credit) -> None:
    await world.conversion("c1")
    result = await credit.processor.process(pointers("c2", "c1", "c2"))
    assert result.outcomes == [Drop("not_yet"), APPLIED, Drop("not_yet")]


async def test_what_was_acked_is_not_said_again_until_the_revision_grows(
    world: World, credit: Credit
) -> None:
    await world.conversion("c1", rev=7)
    assert [record.rev for record in await credit.ask("c1", rev=5)] == [7]
    assert await credit.ask("c1", rev=7) == []
    await world.conn.execute("UPDATE conversion_revision SET rev = 8")
    assert [record.rev for record in await credit.ask("c1", rev=8)] == [8]


async def test_what_was_not_acked_is_said_again(world: World, credit: Credit) -> None:
    await world.conversion("c1")
    batch = pointers("c1")
    first = await credit.processor.process(batch)
    second = await credit.processor.process(batch)
    assert first.outcomes == second.outcomes == [APPLIED]
    assert first.emits == second.emits


async def test_a_start_forgets_what_was_said(world: World, credit: Credit) -> None:
    await world.conversion("c1")
    await credit.ask("c1")
    await credit.processor.start()
    assert (await credit.processor.process(pointers("c1"))).outcomes == [APPLIED]


async def test_a_flood_of_touches_is_published_in_parts(
    world: World, credit: Credit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "_TOUCHES_AT_ONCE", 4)
    monkeypatch.setattr(processor, "_CONVERSIONS_AT_ONCE", 3)
    await world.node("visitor:a")
    for day in range(3):
        await world.touch(f"t{day}", "visitor:a", days=day)
    names = [f"c{n}" for n in range(8)]
    for name in names:
        await world.conversion(name, person_id="visitor:a")
    result = await credit.processor.process(pointers(*names))
    assert result.outcomes == [APPLIED] * 8
    assert credit.published
    emits = [*credit.published, *result.emits]
    assert sorted(emit.record.conversion_id for emit in emits) == names  # type: ignore[attr-defined]
    # What was published by itself is acked already, so only the rest is repeated.
    again = await credit.processor.process(pointers(*names))
    assert again.outcomes.count(DUPLICATE) == len(emits) - len(result.emits)
