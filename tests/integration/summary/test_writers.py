"""Two writers at once, and writers that die: what is shown is what one careful writer shows."""

import random
from collections.abc import Awaitable, Callable, Sequence

import pytest

from processors.engine.postgres import Database
from processors.engine.processor import Item
from tests.integration.summary.tables import PausingDatabase, Tables, apply, revisions
from tests.support.interleaving import Writer, play
from tests.unit.summary.records import credits, item

STATEMENTS = 13
"""More than a transaction of summary has."""


class Died(Exception):
    """The process is gone."""


def batches(epoch: str, tenant: str) -> tuple[list[Item], list[Item]]:
    """Both have every conversion; each has the later revision of some."""
    records = revisions(epoch, tenant, conversions=6, most=2)
    first = [r for r in records if (r.rev == 1) == (int(r.conversion_id[1:]) % 2 == 0)]
    second = [r for r in records if r not in first]
    return [item(r, offset=n) for n, r in enumerate(first)], [
        item(r, offset=n) for n, r in enumerate(second)
    ]


def writing(db: Database, batch: Sequence[Item]) -> Callable[[Writer], Awaitable[None]]:
    async def work(writer: Writer) -> None:
        await apply(PausingDatabase(db, writer.pause), batch)

    return work


def shuffled(seed: int) -> tuple[int, ...]:
    order = [0] * STATEMENTS + [1] * STATEMENTS
    random.Random(seed).shuffle(order)
    return tuple(order)


@pytest.mark.parametrize("seed", range(4))
async def test_two_writers_of_the_same_conversions_show_the_latest_revisions(
    tables: Tables, db: Database, seed: int
) -> None:
    epoch = await tables.epoch()
    for own in batches(epoch, "alone"):
        await apply(db, own)
    first, second = batches(epoch, "both")
    await play(shuffled(seed), (writing(db, first), writing(db, second)))
    assert await tables.of("both") == await tables.of("alone")


def returned(epoch: str, tenant: str) -> list[Item]:
    """Revision 3 of eight conversions, with the content of revision 1."""
    return [
        item(credits(f"c{n}", tenant_id=tenant, epoch=epoch, rev=3, seed=1), offset=n)
        for n in range(8)
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_two_writers_of_the_same_cells_lose_nothing(
    tables: Tables, db: Database, seed: int
) -> None:
    epoch = await tables.epoch()
    # Every cell exists before the writers meet: making one would already keep them apart.
    for tenant in ("alone", "both"):
        before = sorted(revisions(epoch, tenant, conversions=8, most=2), key=lambda r: r.rev)
        for start in (0, 8):
            own = before[start : start + 8]
            await apply(db, [item(record, offset=n) for n, record in enumerate(own)])
    await apply(db, returned(epoch, "alone"))
    later = returned(epoch, "both")
    halves = later[::2], later[1::2]
    await play(shuffled(seed), (writing(db, halves[0]), writing(db, halves[1])))
    assert await tables.of("both") == await tables.of("alone")


async def test_a_writer_that_dies_before_any_statement_leaves_nothing_half_done(
    tables: Tables, db: Database
) -> None:
    epoch = await tables.epoch()
    batch, _ = batches(epoch, "alone")
    await apply(db, batch)
    expected = await tables.of("alone")
    died = 0
    for statement in range(STATEMENTS):
        tenant = f"dying-{statement}"
        own, _ = batches(epoch, tenant)
        try:
            await apply(PausingDatabase(db, _dies_at(statement)), own)
        except Died:
            died += 1
            assert await tables.of(tenant) == [[]] * 6
            await apply(db, own)
        assert await tables.of(tenant) == expected
    assert died >= STATEMENTS - 3


async def test_a_writer_that_dies_after_the_commit_has_counted_once(
    tables: Tables, db: Database
) -> None:
    batch, _ = batches(await tables.epoch(), "acme")
    await apply(db, batch)
    shown, counted = await tables.of("acme"), await tables.counts()
    await apply(db, batch)  # the offset was not committed, so all of it comes again
    assert (await tables.of("acme"), await tables.counts()) == (shown, counted)
    assert counted == {"applied": len(batch)}


def _dies_at(statement: int) -> Callable[[str], Awaitable[None]]:
    seen = 0

    async def pause(_query: str) -> None:
        nonlocal seen
        if seen == statement:
            raise Died
        seen += 1

    return pause
