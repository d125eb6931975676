"""A past that does not stand still: refunds, cancellations, other totals, late touches, logins and
rates, spend that comes late and is told again otherwise, in any order and in batches of any size.
At the end every table, and every view of the analyst, is what the oracle makes of the log.

`tests/e2e/test_shops_day.py` has the same through real processes and Kafka.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import Final

import pytest

from processors.engine.postgres import Database
from processors.schedule import customers
from processors.schedule.maintenance import merging
from processors.summary import processor as summary
from processors.summary import store
from processors.summary.changes import Change, cell_deltas
from schemas.command import SetSetting
from tests.integration.pipeline.races import tenants
from tests.integration.pipeline.shop import command, open_shop, taken
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.oracle.views.books import EVERY
from tests.support.pipeline import Pipeline
from tests.support.random_log import Size, random_log
from tests.support.random_people import DAY, START
from tests.support.served import diff, read
from tests.support.told import told
from tests.unit.gateway.asking import Gateway

SIZE: Final = Size(
    tenants=1, visitors=12, customers=6, touches=30, events=12, orders=14, commands=8, purchases=4,
    spend=6, surveys=2, uploads=1, days=20, start=START + 21 * DAY,
)  # fmt: skip
"""Across the end of a month."""
MANY: Final = 60

_DAYS: Final = "SELECT array_agg(DISTINCT date) FROM summary_cells WHERE tenant_id = $1"
_COHORTS: Final = "SELECT cohort_month, months_since, orders FROM attribution_cohorts ORDER BY 1, 2"

Plant = Callable[[pytest.MonkeyPatch], None]


async def _trial(dsn: str, seed: int) -> list[str]:
    rng = random.Random(f"unsettled {seed}")
    connections = await tenants(dsn, SIZE.tenants)
    log = random_log(rng, SIZE)
    async with AsyncExitStack() as stack:
        db, jobs = [
            await stack.enter_async_context(_connected(dsn, role))
            for role in ("attributary_processor", "attributary_scheduler")
        ]
        pipeline, left = Pipeline(db), log
        while left:
            some = rng.choice([1, 30, len(log) // 3])
            await pipeline.feed(left[:some])
            left = left[some:]
            if rng.random() < 0.4 or not left:
                await pipeline.drain(rng, most=rng.choice([3, 50]))
            if rng.random() < 0.5:
                await _keep(jobs, {tenant for tenant, _ in connections})
    found = told(await read(dsn, cells=EVERY), pipeline.broker)
    return diff(served(log_of(log), connections=connections, asked=found.asked), found)


@asynccontextmanager
async def _connected(dsn: str, role: str) -> AsyncIterator[Database]:
    db = await Database.connect(dsn, role=role, application_name="unsettled", max_size=4)
    try:
        yield db
    finally:
        await db.close()


async def _keep(db: Database, names: set[str]) -> None:
    """What jobs do meanwhile: days are merged over their shards, and counted by their customers."""
    for name in sorted(names):
        async with db.connection() as conn:
            days = await conn.fetchval(_DAYS, name)
            await conn.fetchval(merging.QUERIES["merge_cells"], name, days or [])
        async with db.transaction(isolation="repeatable_read") as conn:
            due = [row["date"] for row in await conn.fetch(customers.QUERIES["due"], name)]
            await customers.count_again(conn, name, due)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.heavy) for n in range(1, MANY))]
)
async def test_what_is_told_again_ends_as_the_oracle_says(database: str, seed: int) -> None:
    found = await _trial(database, seed)
    assert found == [], "\n".join([f"seed {seed}", *found])


async def test_a_time_zone_that_moves_a_first_order_to_another_month_moves_its_cohort(
    database: str,
) -> None:
    async with open_shop(database) as shop, _connected(database, "attributary_scheduler") as jobs:
        gateway = Gateway()
        for number, day in enumerate(("2026-02-01T02:00:00Z", "2026-02-10T12:00:00Z")):
            item = {"order_id": f"o{number}", "revenue": 1, "currency": "USD", "customer_id": "c"}
            answer = await gateway.post("/v1/orders", {**item, "ordered_at": day})
            assert answer.status == 200, answer.json
        await shop.feed(taken(gateway))
        await _keep(jobs, {"demo"})
        assert await shop.rows(_COHORTS) == [(date(2026, 2, 1), 0, 2)]
        await shop.feed([command(SetSetting(key="time_zone", value="America/New_York"))])
        await _keep(jobs, {"demo"})
        assert await shop.rows(_COHORTS) == [(date(2026, 1, 1), 0, 1), (date(2026, 1, 1), 1, 1)]


def spend_is_added_to_what_is_there(patch: pytest.MonkeyPatch) -> None:
    text = store.QUERIES["register_spend"]
    told_again = "amount = shown.amount + excluded.amount,"
    assert "amount = excluded.amount," in text
    patch.setitem(
        store.QUERIES, "register_spend", text.replace("amount = excluded.amount,", told_again)
    )


def refunds_do_not_reach_the_cash_basis(patch: pytest.MonkeyPatch) -> None:
    def deltas(changes: Iterable[Change]) -> dict[object, object]:
        known = list(changes)
        again = {change.tenant_id for change in known if change.sign < 0}
        cells = cell_deltas(known).items()
        return {c: d for c, d in cells if c.basis != "cash" or c.tenant_id not in again}

    patch.setattr(summary, "cell_deltas", deltas)


@pytest.mark.parametrize(
    ("plant", "seen_in"),
    [
        (spend_is_added_to_what_is_there, {"overview", "channels", "customers", "roas_index"}),
        (refunds_do_not_reach_the_cash_basis, {"overview", "model_comparison", "summary_cash"}),
    ],
)
async def test_a_word_that_is_counted_twice_or_not_at_all_is_caught(
    database: str, monkeypatch: pytest.MonkeyPatch, plant: Plant, seen_in: set[str]
) -> None:
    plant(monkeypatch)
    found = await _trial(database, 0)
    assert seen_in <= {line.partition(":")[0] for line in found}
