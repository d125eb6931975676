"""`make seed` leaves what the processors would leave, by their own words, and the same schema."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from tests.bench.seed.filling import TABLES, NotEmpty, seed
from tests.bench.seed.lives import lives
from tests.bench.seed.people import People, Size
from tests.bench.summary import CLEAR, apply, credits_of, encoded
from tests.sql.snapshot import PATH, snapshot

SIZE = Size(touchpoints=500, until=date(2026, 6, 30), tenants=2, days=30, seed=7)
SHOWN = (
    "SELECT * FROM credit_rows ORDER BY tenant_id, conversion_id",
    "SELECT * FROM journeys ORDER BY tenant_id, conversion_id",
    "SELECT * FROM attribution_channel_summary ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT * FROM attribution_campaign_summary ORDER BY 1, 2, 3, 4, 5, 6, 7",
    "SELECT * FROM attribution_channel_summary_cash ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT * FROM attribution_customer_orders ORDER BY 1, 2, 3",
    "SELECT * FROM attribution_cohort_orders ORDER BY 1, 2, 3, 4",
    "SELECT tenant_id, date, kind, key, sum(c), sum(r) FROM journey_cells,"
    " unnest(conversions, revenue) WITH ORDINALITY AS w (c, r, n)"
    " GROUP BY tenant_id, date, kind, key, n ORDER BY 1, 2, 3, 4, n",
)


def silent(_: str) -> None:
    """Tells nobody."""


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    def told(number: int) -> list[Any]:
        size = Size(200, SIZE.until, tenants=2, days=20, seed=number)
        people = People(size, lives(number))
        return [list(table.lines(people)) for table in TABLES]

    assert told(7) == told(7)
    assert told(7) != told(8)


async def test_the_processors_come_to_the_same_results_from_the_same_touches_and_orders(
    database: str,
) -> None:
    people = await seed(database, SIZE, tell=silent)
    assert snapshot(database) == PATH.read_text()
    conn = await asyncpg.connect(database)
    db = await Database.connect(database, role="attributary_processor", application_name="test")
    try:
        touches = await conn.fetchval("SELECT count(*) FROM attribution_touchpoints")
        assert touches == people.touchpoints
        assert abs(touches - SIZE.touchpoints) < 50
        seeded = [await conn.fetch(query) for query in SHOWN]
        assert all(seeded)
        records = [
            record
            for row in await conn.fetch(
                "SELECT tenant_id, array_agg(conversion_id) AS ids FROM conversions GROUP BY 1"
            )
            for record in await credits_of(db, row["ids"], tenant=row["tenant_id"])
        ]
        assert len(records) == people.conversions
        await conn.execute(CLEAR)
        await apply(db, encoded(records, first_offset=0))
        assert [await conn.fetch(query) for query in SHOWN] == seeded
    finally:
        await db.close()
        await conn.close()


async def test_a_database_that_has_something_in_it_is_left_alone(database: str) -> None:
    conn = await asyncpg.connect(database)
    try:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('own')")
        with pytest.raises(NotEmpty):
            await seed(database, SIZE, tell=silent)
    finally:
        await conn.close()
