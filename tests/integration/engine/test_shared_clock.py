"""Replicas share the database's time, whatever their machines' clocks say."""

import asyncio

import asyncpg

from processors.engine.clock import wall_clock
from processors.engine.cycle import Patience
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.engine.shared_clock import SharedClock

HOUR_MS = 3_600_000
FIVE_HOURS_AHEAD = """CREATE SCHEMA ahead;
CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql
RETURN pg_catalog.clock_timestamp() + interval '5 hours';
GRANT USAGE ON SCHEMA ahead TO PUBLIC;"""


async def test_the_time_is_the_database_s_and_goes_on(database: str) -> None:
    operator = await asyncpg.connect(database)
    await operator.execute(FIVE_HOURS_AHEAD)
    name = await operator.fetchval("SELECT current_database()")
    await operator.execute(f"ALTER DATABASE {name} SET search_path = ahead, pg_catalog, public")
    await operator.close()
    settings = EngineSettings.load(kafka_bootstrap_servers="nobody:1", database_url=database)
    db = await Database.connect(database, application_name="test", max_size=1)
    try:
        clock = SharedClock(db, Patience(settings, Pulse(), Metrics()))
        await clock.set(asyncio.Event())
        first, here = clock(), wall_clock()
        assert abs(first - here - 5 * HOUR_MS) < 5_000
        while wall_clock() < here + 20:
            assert clock() >= first
        assert 19 <= clock() - first < 5_000  # both are cut off to a millisecond
    finally:
        await db.close()
