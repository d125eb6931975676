"""A report that an account was promised is found by the next process, for a while."""

from processors.engine.postgres import Database
from processors.schedule.spend.promised import Promised

HOUR = 3_600_000


async def test_a_promised_report_is_found_by_its_account_until_it_is_read_or_too_old(
    database: str,
) -> None:
    now = 0
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=1
    )
    try:
        own, other = (Promised(db, lambda: now, "acme", "meta", one) for one in ("1", "2"))
        await own.note("q", "first")
        await own.note("q", "second")
        await own.note("old", "x")
        assert (await own.promised("q"), await other.promised("q")) == ("second", None)
        now = 7 * HOUR
        assert await own.promised("q") is None
        await own.note("q", "third")
        assert await own.promised("q") == "third"
        await other.forget("q")
        assert await own.promised("q") == "third"
        await own.forget("q")
        assert await own.promised("q") is None
        async with db.connection() as conn:
            assert await conn.fetchval("SELECT count(*) FROM spend_reports") == 0
    finally:
        await db.close()
