"""A trained model is promoted, taken back and limited to newer orders by commands of the log."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from processors.domain.attribution import model_document
from processors.engine.postgres import Database
from processors.identity import conversions
from schemas.command import Command, PromoteModel
from tests.integration.pipeline.races import DOWNSTREAM, HOUR, Records, drain, judge, order, touch
from tests.support.pipeline import NOW, Pipeline

TENANT = "t"
DAY = 24 * HOUR
ORDERS = {"old": 40 * DAY, "new": 5 * DAY}
LOYAL = model_document.document(
    recency_days=(7,), saturation=2, intercept=-4_000_000,
    effects={"email": (2_000_000, 1_000_000), "paid_search": (500_000, 0)},
)  # fmt: skip
GREEDY = model_document.document(
    recency_days=(), saturation=1, intercept=-3_000_000, effects={"paid_search": (1_000_000,)}
)
CREDITED = """SELECT c.order_id, r.model_version, r.is_fallback, sum(r.credit) AS whole
FROM attribution_results AS r
JOIN attribution_conversions AS c USING (tenant_id, conversion_id)
WHERE r.model = 'data_driven' AND r.attribution_window = 'ltv' GROUP BY 1, 2, 3 ORDER BY 1"""


def bought(name: str, ago: int) -> Records:
    """An order `ago` milliseconds back, with a mail and two clicks before it."""
    (topic, record), *_ = order(TENANT, visitor=name)
    changes = {
        "order_id": name, "event_id": name, "content_hash": name, "ordered_at": NOW - ago,
        "gross": 10_001,
    }  # fmt: skip
    hours = ago // HOUR
    return [
        (topic, record.model_copy(update=changes)),
        *touch(TENANT, name, event=f"{name}-1", hours=hours + 400),
        *touch(
            TENANT, name, event=f"{name}-2", hours=hours + 40, marketing={"utm_medium": "email"}
        ),
        *touch(TENANT, name, event=f"{name}-3", hours=hours + 3),
    ]


SHOP = [entry for name, ago in ORDERS.items() for entry in bought(name, ago)]


def promote(document: str, *, at: int, since: int = 0, name: str = "k") -> Records:
    body = PromoteModel(document=document, applies_from=since)
    record = Command(
        tenant_id=TENANT, command_id=f"{name}{at}", issued_at=NOW + at, received_at=NOW, body=body
    )
    return [("commands.v1", record)]


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ($1)", TENANT)
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="promotions", max_size=4
    )
    yield Pipeline(db)
    await db.close()


async def fed(pipeline: Pipeline, dsn: str, log: Records, more: Records) -> dict[str, Any]:
    """After `more`, which is put on the log, too: of each order the model that credits it."""
    log += more
    await pipeline.feed(more)
    await drain(pipeline, "identity")
    worker = pipeline.replica("identity")
    while await pipeline.due():
        await pipeline.settle(worker)
    await drain(pipeline, *DOWNSTREAM)
    assert await judge(dsn, log) == []
    rows = await shown(dsn, CREDITED)
    assert {row["whole"] for row in rows} == {1}
    return {row["order_id"]: (row["model_version"], row["is_fallback"]) for row in rows}


async def shown(dsn: str, query: str) -> list[Any]:
    conn = await asyncpg.connect(dsn)
    try:
        return list(await conn.fetch(query))
    finally:
        await conn.close()


async def test_a_promotion_restates_what_it_reaches_and_is_taken_back(
    pipeline: Pipeline, database: str
) -> None:
    log: Records = []
    loyal, greedy = (model_document.version(text) for text in (LOYAL, GREEDY))
    fallback = ("untrained", True)
    assert await fed(pipeline, database, log, SHOP) == {"old": fallback, "new": fallback}
    recent = promote(LOYAL, at=1, since=NOW - 10 * DAY)
    assert await fed(pipeline, database, log, recent) == {"old": fallback, "new": (loyal, False)}
    every = promote(GREEDY, at=2)
    assert await fed(pipeline, database, log, every) == dict.fromkeys(ORDERS, (greedy, False))
    # Told late, and issued before: it is the second of the three, so nothing changes.
    late = promote(LOYAL, at=1, name="a")
    assert await fed(pipeline, database, log, late) == dict.fromkeys(ORDERS, (greedy, False))
    back = promote("", at=3, since=NOW - 10 * DAY)
    assert await fed(pipeline, database, log, back) == {"old": (greedy, False), "new": fallback}
    standing = await shown(
        database, "SELECT version, is_fallback FROM attribution_model_versions WHERE is_standing"
    )
    assert [tuple(row) for row in standing] == [fallback]


async def test_only_rows_of_data_driven_carry_the_trained_version(
    pipeline: Pipeline, database: str
) -> None:
    await fed(pipeline, database, [], [*SHOP, *promote(LOYAL, at=1)])
    query = "SELECT DISTINCT model = 'data_driven', model_version FROM attribution_results"
    found = {tuple(row) for row in await shown(database, query)}
    assert found == {(True, model_document.version(LOYAL)), (False, "rule")}


async def test_a_document_that_is_no_model_is_dead_and_changes_nothing(
    pipeline: Pipeline, database: str
) -> None:
    log: Records = []
    before = await fed(pipeline, database, log, [*SHOP, *promote(LOYAL, at=1)])
    wrong = LOYAL.replace('"saturation":2', '"saturation":0')
    assert await fed(pipeline, database, log, promote(wrong, at=2)) == before
    letters = pipeline.broker.read("dead_letters.commands.v1")
    assert [b"body.document.saturation" in (letter.value or b"") for letter in letters] == [True]


async def test_a_promotion_marks_more_orders_than_one_transaction_holds(
    pipeline: Pipeline, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversions, "MOST_AT_ONCE", 3)
    log: Records = []
    many = [entry for n in range(8) for entry in bought(f"o{n}", n * DAY)]
    await fed(pipeline, database, log, many)
    reached = promote(LOYAL, at=1, since=NOW - 5 * DAY)
    log += reached
    await pipeline.feed(reached)
    await drain(pipeline, "identity")
    assert await pipeline.due() == 6
    found = await fed(pipeline, database, log, [])
    version = model_document.version(LOYAL)
    assert [order for order, (own, _) in found.items() if own == version] == [
        f"o{n}" for n in range(6)
    ]


async def test_tenants_are_credited_by_their_own_models_in_one_batch(
    pipeline: Pipeline, database: str
) -> None:
    conn = await asyncpg.connect(database)
    await conn.execute("INSERT INTO tenants VALUES ('other')")
    await conn.close()
    other = [
        (topic, record.model_copy(update={"tenant_id": "other"}))
        for topic, record in [*SHOP, *promote(GREEDY, at=1)]
    ]
    await fed(pipeline, database, [], [*SHOP, *other, *promote(LOYAL, at=2)])
    query = "SELECT DISTINCT tenant_id, model_version FROM attribution_results"
    found = {tuple(row) for row in await shown(database, f"{query} WHERE model ~ '^data'")}
    assert found == {
        (TENANT, model_document.version(LOYAL)),
        ("other", model_document.version(GREEDY)),
    }
