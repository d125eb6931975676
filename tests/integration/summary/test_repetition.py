"""However the same records arrive, the tables end the same."""

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.engine.outcome import APPLIED, DUPLICATE, Drop
from processors.engine.postgres import Database
from processors.engine.processor import Item
from schemas.credit import Credits
from schemas.spend import Spend
from tests.integration.summary.tables import Tables, apply, processor_on, revisions
from tests.unit.summary.records import credits, item, spend

TENANTS = (f"shop-{n}" for n in itertools.count())


def figures(tenant: str) -> list[Spend]:
    return [
        spend(tenant_id=tenant, account_id=f"act_{n}", reported_at=at, amount=amount, **told)
        for n in range(2)
        for at, amount, told in (
            (1, 900, {}),
            (2, 100, {"reach": 9}),
            (2, 200, {"frequency": "2.5"}),
            (2, 200, {"frequency": "2.25", "view_conversions": 1}),
            (2, 200, {"frequency": "2.5", "click_value": 3}),
        )
    ] + [
        # Equal in all but what it is called, where the greater name stands.
        spend(tenant_id=tenant, campaign_id="7", campaign=name, campaign_type=kind, **ad)
        for name, kind in (("spring", "SEARCH"), ("summer", None), ("spring", "VIDEO"))
        for ad in ({}, {"ad_id": "9", "ad": f"of {name}"}, {"ad_id": "9", "creative_id": "c"})
    ]


def items(records: Sequence[Credits | Spend]) -> list[Item]:
    """A conversion is always on the same partition, as its key says."""
    return [
        item(record, offset=offset, partition=int(record.conversion_id[1:]) % 2
             if isinstance(record, Credits) else 0)
        for offset, record in enumerate(records)
    ]  # fmt: skip


async def test_the_same_batch_twice_changes_nothing(tables: Tables, db: Database) -> None:
    batch = items([*revisions(await tables.epoch(), "acme", conversions=9, most=2), spend()])
    first = await processor_on(db).process(batch)
    shown, counted = await tables.of("acme"), await tables.counts()
    second = await processor_on(db).process(batch)
    assert await tables.of("acme") == shown
    assert await tables.counts() == counted == {"applied": 10, "duplicate": 9}
    assert first.outcomes.count(APPLIED) == 10
    assert second.outcomes == [DUPLICATE] * len(batch)


@settings(
    max_examples=25,
    deadline=timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**9))
async def test_any_order_and_split_of_a_log_ends_the_same(
    tables: Tables, db: Database, seed: int
) -> None:
    rng = random.Random(seed)
    plain, shuffled = next(TENANTS), next(TENANTS)
    epoch = await tables.epoch()
    last: list[Credits | Spend] = [*figures(plain)]
    last += [own for own in revisions(epoch, plain, conversions=6, most=3) if own.rev == 3]
    await apply(db, items(last))
    log: list[Credits | Spend] = [*revisions(epoch, shuffled, conversions=6, most=3)]
    log += figures(shuffled)
    log += rng.choices(log, k=5)
    rng.shuffle(log)
    while log:
        size = rng.randint(1, 8)
        await apply(db, items(log[:size]))
        log = log[size:]
    assert await tables.of(shuffled) == await tables.of(plain)


async def test_credits_of_another_database_change_nothing(tables: Tables, db: Database) -> None:
    result = await processor_on(db).process(items([credits("c1"), credits("c2")]))
    assert result.outcomes == [Drop("other_epoch")] * 2
    assert await tables.of("acme") == [[]] * 6


async def test_credits_that_stop_to_count_leave_the_cells_empty(
    tables: Tables, db: Database
) -> None:
    epoch = await tables.epoch()
    await apply(db, items([credits("c1", epoch=epoch, counts=True)]))
    assert (await tables.of("acme"))[1] != []
    await apply(db, items([credits("c1", epoch=epoch, counts=False, rev=2)]))
    rows, cells, journeys, parts, *_ = await tables.of("acme")
    assert (len(rows), cells, len(journeys), parts) == (1, [], 1, [])


async def test_what_was_shown_before_there_were_journeys_enters_their_cells_when_looked_at_again(
    tables: Tables, db: Database
) -> None:
    epoch = await tables.epoch()
    first, *others = revisions(epoch, "acme", conversions=6, most=1)
    await apply(db, items([first, *others]))
    await tables.conn.execute("TRUNCATE journeys, journey_cells")
    again = [own.model_copy(update={"rev": 2, "revenue_reporting": 7}) for own in others]
    await apply(db, items(again))
    _, _, journeys, parts, *_ = await tables.of("acme")
    renamed = [own.model_copy(update={"tenant_id": "alone"}) for own in again]
    await apply(db, items(renamed))
    _, _, journeys_alone, parts_alone, *_ = await tables.of("alone")
    assert journeys == journeys_alone != []
    # The shard is the partition, which the number of the conversion decides.
    assert parts == parts_alone != []


async def test_credits_of_an_earlier_version_tell_no_times_and_yet_count(
    tables: Tables, db: Database
) -> None:
    record = credits("c1", epoch=await tables.epoch(), touches=2, counts=True)
    touches = tuple(touch.model_copy(update={"occurred_at": None}) for touch in record.touches)
    await apply(db, items([record.model_copy(update={"touches": touches})]))
    seconds = await tables.conn.fetchval("SELECT seconds FROM journeys")
    assert seconds == [None] * 8
    kinds = "SELECT conversions[8]::int FROM journey_cells WHERE kind = 'seconds' AND key = 'none'"
    assert await tables.conn.fetchval(kinds) == 1


async def test_texts_of_any_kind_come_back_as_they_were(tables: Tables, db: Database) -> None:
    epoch = await tables.epoch()
    record = credits("c1", epoch=epoch, touches=2, counts=True)
    hostile = ('{"a",NULL}\\"', "NULL")
    touches = tuple(
        touch.model_copy(update={"campaign": text})
        for touch, text in zip(record.touches, hostile, strict=True)
    )
    await apply(db, items([record.model_copy(update={"touches": touches})]))
    found = await tables.conn.fetchval("SELECT campaigns FROM credit_rows")
    assert tuple(found) == hostile
