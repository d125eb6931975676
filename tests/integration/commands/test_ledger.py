"""The ledger of conservation on a real broker and database: counted from the topics in stretches,
compared with what the groups say, and told when the two differ."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule.alerts.evaluate import evaluate
from processors.schedule.conservation import job
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools
from tests.integration.commands.accounts import DAY_MS, GROUP, NOON, TOPIC, Accounts

NOW = NOON + 2 * DAY_MS
TODAY = datetime.fromtimestamp(NOW / 1_000, UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
LEDGER = """SELECT tenant_id, day, received, applied, duplicate, filtered, dead, pending, gap,
    surplus, state FROM conservation_ledger WHERE topic = $1 ORDER BY 1, 2"""
GAUGE = f'attributary_conservation_gap_records{{group="{GROUP}"}}'


@pytest.fixture
async def tools(accounts: Accounts, database: str) -> AsyncIterator[Tools]:
    """The scheduler's, under its role, with two days gone since the first records."""
    db = await Database.connect(database, role="attributary_scheduler", application_name="test")
    try:
        yield Tools(
            db=db,
            producer=accounts.producer,
            cluster=lambda: type(accounts.cluster)(
                accounts.cluster._connection["bootstrap_servers"], prefix=accounts.cluster._prefix
            ),
            vault=Vault(Fernet.generate_key().decode()),
            settings=ScheduleSettings.load(),
            reading=ReadingSettings.load(),
            clock=lambda: NOW,
        )
    finally:
        await db.close()


async def ledger(accounts: Accounts) -> list[tuple[Any, ...]]:
    async with accounts.db.connection() as conn:
        return [tuple(row.values()) for row in await conn.fetch(LEDGER, TOPIC)]


async def run(accounts: Accounts, query: str) -> None:
    async with accounts.db.connection() as conn:
        await conn.execute(query)


async def test_what_came_is_put_beside_what_became_of_it_and_each_record_is_read_once(
    accounts: Accounts, tools: Tools
) -> None:
    await accounts.receive(4, at=NOW - DAY_MS)
    await accounts.receive(2, at=NOW)
    await accounts.receive(1, at=NOW, tenant="other")
    outcomes: list[Outcome] = [APPLIED, DUPLICATE, Drop("a_rule"), Dead("invalid")]
    messages = await accounts.waiting()
    await accounts.book(messages[:4], outcomes)
    assert await job.check(tools, None) == {
        "read": 7, "not_counted_yet": 0, "wrong": 0, "lines": [],
    }  # fmt: skip
    assert await ledger(accounts) == [
        ("acme", YESTERDAY, 4, 1, 1, 1, 1, 0, 0, 0, "exact"),
        ("acme", TODAY, 2, 0, 0, 0, 0, 2, 0, 0, "pending"),
        ("other", TODAY, 1, 0, 0, 0, 0, 1, 0, 0, "pending"),
    ]

    await accounts.book(messages[4:], [APPLIED, APPLIED])
    await accounts.receive(3, at=NOW)
    found = await job.check(tools, None)
    assert found["read"] == 5, "two again, which a group has reached since, and three for the first"
    assert (await ledger(accounts))[1] == ("acme", TODAY, 5, 2, 0, 0, 0, 3, 0, 0, "pending")
    await accounts.book((await accounts.waiting())[6:], [APPLIED] * 3)
    await job.check(tools, None)
    assert (await ledger(accounts))[1] == ("acme", TODAY, 5, 5, 0, 0, 0, 0, 0, 0, "open")
    assert (await job.check(tools, None))["read"] == 0


async def test_a_lost_count_is_a_gap_that_the_gauge_and_the_tenants_alert_tell(
    accounts: Accounts, tools: Tools
) -> None:
    await run(accounts, "INSERT INTO tenants VALUES ('acme'), ('other')")
    for tenant in ("acme", "other"):
        await run(
            accounts,
            "INSERT INTO pixel_alert_configs (tenant_id, config_id, metric, comparison, threshold,"
            " least_cases, window_minutes, cooldown_minutes)"
            f" VALUES ('{tenant}', 'lost', 'conservation_gap', 'above', 0, 0, 0, 0)",
        )
    for tenant in ("acme", "other"):
        await accounts.receive(4, at=NOW - DAY_MS, tenant=tenant)
        await accounts.book(await accounts.waiting(tenant), [APPLIED] * 4)
    await job.check(tools, None)
    assert (await evaluate(tools, None))["started"] == 0
    assert f"{GAUGE} 0.0" in tools.metrics.render().decode()

    await run(accounts, "UPDATE outcome_counts SET n = n - 3 WHERE tenant_id = 'acme'")
    found = await job.check(tools, None)
    assert found["wrong"] == 1
    assert (found["lines"][0]["tenant_id"], found["lines"][0]["gap"]) == ("acme", 3)
    assert (await job.check(tools, "other"))["wrong"] == 0
    assert f"{GAUGE} 3.0" in tools.metrics.render().decode()
    assert (await ledger(accounts))[0] == ("acme", YESTERDAY, 4, 1, 0, 0, 0, 0, 3, 0, "wrong")
    assert (await evaluate(tools, None))["started"] == 1
    async with accounts.db.connection() as conn:
        (incident,) = await conn.fetch("SELECT tenant_id, latest_value FROM alert_incidents")
        assert (incident["tenant_id"], incident["latest_value"]) == ("acme", 3)

    await run(accounts, "UPDATE outcome_counts SET n = n + 3 WHERE tenant_id = 'acme'")
    await run(accounts, "UPDATE outcome_counts SET n = n + 2 WHERE tenant_id = 'other'")
    await job.check(tools, None)
    assert (await ledger(accounts))[1] == ("other", YESTERDAY, 4, 6, 0, 0, 0, 0, 0, 2, "wrong")
    assert (await evaluate(tools, None)) | {"told": {}} == {
        "alerts": 2, "readings": 2, "started": 1, "ended": 1, "told": {},
    }  # fmt: skip
    await run(accounts, "DELETE FROM outcome_counts WHERE tenant_id = 'other'")
    await job.check(tools, None)
    assert (await ledger(accounts))[1] == ("other", YESTERDAY, 4, 0, 0, 0, 0, 0, 4, 0, "wrong")


async def test_a_group_that_began_late_or_ran_ahead_of_its_counts_is_a_gap(
    accounts: Accounts, tools: Tools
) -> None:
    await accounts.receive(4, at=NOW - DAY_MS)
    await accounts.book((await accounts.waiting())[1:3], [APPLIED] * 2)
    await job.check(tools, None)
    assert (await ledger(accounts))[0] == ("acme", YESTERDAY, 4, 2, 0, 0, 0, 1, 1, 0, "wrong")
    await run(accounts, "UPDATE consumed_offsets SET next_offset = next_offset + 1")
    await job.check(tools, None)
    assert (await ledger(accounts))[0] == ("acme", YESTERDAY, 4, 2, 0, 0, 0, 0, 2, 0, "wrong")


async def test_a_run_reads_so_much_and_no_more_and_says_what_it_does_not_know_yet(
    accounts: Accounts, tools: Tools
) -> None:
    await accounts.receive(5, at=NOW - DAY_MS)
    await accounts.book(await accounts.waiting(), [APPLIED] * 5)
    few = replace(tools, settings=tools.settings.model_copy(update={"conservation_records": 3}))
    found = await job.check(few, None)
    assert (found["read"], found["not_counted_yet"]) == (3, 2)
    assert (await ledger(accounts))[0][-3:] == (None, None, "counting")
    assert (await job.check(few, None))["not_counted_yet"] == 0
    assert (await ledger(accounts))[0] == ("acme", YESTERDAY, 5, 5, 0, 0, 0, 0, 0, 0, "exact")
