"""What is written of creatives: who is tired, and how somebody looks at them."""

from dataclasses import replace

import asyncpg
import pytest

from processors.commands import creatives
from processors.commands.operator import Refused
from processors.commands.tenants import add
from processors.engine.postgres import Database
from processors.schedule.creatives import QUERIES

BEST = creatives.SavedView(
    view_id="best", name="Best", filters={"platform": "meta"}, columns=("ad", "roas"),
    sort="-roas", created_by="ada",
)  # fmt: skip
WORN = """
INSERT INTO daily_ad_spend (tenant_id, source, account_id, date, platform, ad_id, channel, campaign,
    currency, amount, impressions, clicks, reported_at)
SELECT $1, 'api', 'act_1', date '2026-01-01' + day, 'meta', ad, 'paid_social', '', 'USD', 1, 1000,
    CASE WHEN ad = 'worn' AND day >= 7 THEN 10 ELSE 100 END, 1
FROM generate_series(0, 19) AS day, unnest('{worn,fresh}'::text[]) AS ad"""


async def test_the_scheduler_writes_who_is_tired_and_replaces_a_day_that_it_judges_again(
    database: str,
) -> None:
    operator = await asyncpg.connect(database)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=1
    )
    try:
        await operator.execute("INSERT INTO tenants VALUES ('acme')")
        await operator.execute(WORN, "acme")
        for now in (1, 2_000):
            async with db.transaction() as conn:
                day = await conn.fetchval(QUERIES["newest"], "acme")
                await conn.execute(QUERIES["clear_fatigue"], "acme", day)
                told = await conn.execute(QUERIES["put_fatigue"], "acme", day, now)
                assert told == "INSERT 0 1"
        rows = await operator.fetch(
            "SELECT date::text, ad_id, score, level, reason, extract(epoch FROM detected_at) AS at"
            " FROM creative_fatigue_alerts"
        )
        assert [tuple(row) for row in rows] == [("2026-01-20", "worn", 90, "exhausted", "ctr", 2)]
    finally:
        await db.close()
        await operator.close()


async def test_a_view_of_creatives_is_saved_replaced_and_dropped(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    await add("acme")
    await add("rival")
    await creatives.save("acme", BEST)
    await creatives.save("acme", BEST)
    (found,) = await creatives.saved("acme")
    assert found.as_json() | {"updated_at": None} == BEST.as_json()
    assert await creatives.saved("rival") == []
    with pytest.raises(Refused, match="has no secret"):
        await creatives.save("acme", replace(BEST, columns=("secret",)))
    with pytest.raises(Refused):
        await creatives.drop("rival", "best")
    await creatives.drop("acme", "best")
    assert await creatives.saved("acme") == []
