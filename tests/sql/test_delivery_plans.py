"""Deliveries stay fast as a shop grows: what is asked of a day reads that day alone, and what a
sender looks for all the time is not looked for in everything.

Asked as an analyst: row-level security keeps a condition that has a function in it from every
index, so a view that is fast for its owner may read everything for its readers.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

import sql
from tests.bench.deliveries import QUESTIONS, fill
from tests.sql.delivered import Connection
from tests.support.databases import Databases

DAY = "((tenant_id = t.tenant_id) AND ({0} >= day.starts_at) AND ({0} < day.ends_at)"
OWN = "((tenant_id = 'bench'::text COLLATE \"C\")"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(databases: Databases) -> AsyncIterator[Connection]:
    async with databases.fresh() as dsn:
        await fill(dsn, 10_000)
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute("SET ROLE attributary_analyst")
            yield conn
        finally:
            await conn.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("case", "condition"),
    [
        ("log of an order", "AND (order_id = '7'::text))"),
        ("log, newest 50", "Index Scan Backward using capi_delivery_log"),
        ("health, a day", DAY.format("created_at")),
        ("failed platforms, 7 days", DAY.format("created_at")),
        ("revenue at risk", "Bitmap Index Scan on deliveries_de"),
        ("latency p95, a day", f"{OWN} AND (occurred_at >= "),
        ("parity, a day", DAY.format("occurred_at")),
        ("parity, a day", "AND (event_id = i.event_id)"),
        ("ids without a delivery, a day", f"{OWN} AND (occurred_at >= "),
        ("ids without a delivery, a day", "AND (event_id = ("),
        ("dedupe quality, 14 days", DAY.format("occurred_at")),
        ("dedupe quality, 14 days", DAY.format("converted_at")),
    ],
)
async def test_an_analysts_question_reaches_the_index(
    shop: Connection, case: str, condition: str
) -> None:
    plan = "\n".join([row[0] for row in await shop.fetch(f"EXPLAIN {QUESTIONS[case]}")])
    assert condition in plan


# Some wait to be sent, 300 have ended and are to be told; none lies where its end would have it.
UNDER_WAY = """UPDATE deliveries AS d SET published = n > {most} + 300,
    state = CASE WHEN n <= {most} THEN 'queued' ELSE state END,
    finished_at = CASE WHEN n > {most} THEN now() - n * interval '1 minute' END
FROM (SELECT event_id, row_number() OVER (ORDER BY event_id) AS n FROM deliveries) AS own
WHERE own.event_id = d.event_id"""


@pytest.mark.asyncio
@pytest.mark.parametrize("most", [100, 3_000])
async def test_outcomes_to_be_told_are_found_by_their_index_however_many_wait_to_be_sent(
    databases: Databases, most: int
) -> None:
    async with databases.fresh() as dsn:
        await fill(dsn, 10_000)
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute(UNDER_WAY.format(most=most))
            await conn.execute("VACUUM ANALYZE deliveries")
            await conn.execute("SET ROLE attributary_fanout")
            query = sql.load("fanout/ending")["unpublished"].replace("$1", "500")
            plan = "\n".join([row[0] for row in await conn.fetch(f"EXPLAIN {query}")])
        finally:
            await conn.close()
    assert "deliveries_untold" in plan
    assert "Seq Scan" not in plan
