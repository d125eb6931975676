"""A shop's day through a real stack, and what may not change it: replay, rebuild, SIGKILL.

The tests share one stack, which begins with a day, and may come in any order: each leaves it
drained, and right.
"""

from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.demo.day import day
from deploy.demo.shops import BERLIN
from processors.engine.clock import wall_clock
from tests.e2e import unsettled, witness
from tests.e2e.load import parts
from tests.e2e.stack import Stack
from tests.oracle.differences import diff, fingerprint
from tests.oracle.views.books import SOME

SCALE = 0.1
SEED = 1
SEEDS = 20
SEEN_BY_ANALYSTS = (
    "attribution_touchpoints",
    "attribution_conversions",
    "attribution_results",
    "attribution_channel_summary",
    "identity_links",
    "deliveries",
)


async def test_a_shop_s_day_ends_as_the_oracle_says(stack: Stack) -> None:
    told = day(seed=2, now=wall_clock() - 60_000, scale=SCALE)
    player = await stack.play((*told.requests, *told.closing))
    await stack.drain()
    assert await witness.verdict(stack, cells=SOME) == []
    assert {400, 401, 415, 422} < player.played.statuses.keys()


async def test_an_analyst_sees_one_tenant(stack: Stack) -> None:
    url = stack.must("analyst", "add", "berlin", "--tenant", BERLIN.tenant).strip()
    analyst, operator = await asyncpg.connect(url), await asyncpg.connect(stack.dsn)
    try:
        for relation in SEEN_BY_ANALYSTS:
            query = f"SELECT DISTINCT tenant_id FROM {relation}"
            assert [row[0] for row in await analyst.fetch(query)] == [BERLIN.tenant]
            assert len(await operator.fetch(query)) >= 3
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.fetch("SELECT * FROM api_keys")
    finally:
        await analyst.close()
        await operator.close()


@pytest.mark.heavy
async def test_random_refunds_late_spend_and_restatements_end_as_the_oracle_says(
    stack: Stack,
) -> None:
    """One of them without Kafka between is in `tests/integration/pipeline/test_unsettled.py`."""
    now = wall_clock()
    for seed in range(SEED, SEED + SEEDS):
        await unsettled.play(stack, seed=seed, now=now)
    # The names of the tenants tell the seed.
    assert await witness.verdict(stack, cells=SOME) == [], f"now {now}"


async def test_a_replay_of_the_log_changes_nothing(stack: Stack) -> None:
    before, counted = await witness.tables(stack), await witness.accepted(stack)

    stack.stop_processors()
    stack.must("replay", "log")
    stack.start_processors()
    await stack.drain()

    after = await witness.tables(stack)
    assert diff(before, after) == []
    assert fingerprint(before) == fingerprint(after)
    assert await witness.accepted(stack) == counted
    assert await witness.verdict(stack) == []


async def test_a_rebuild_makes_the_same_tables_and_tells_nobody(stack: Stack) -> None:
    before, counted = await witness.tables(stack), await witness.accepted(stack)

    stack.stop_processors()
    empty = await _another_database(stack.dsn, name=f"rebuilt_{wall_clock()}")
    stack.must("rebuild", "--from", stack.dsn, dsn=empty)
    stack.start_processors(dsn=empty)
    assert stack.dsn == empty
    await stack.drain()

    assert diff(before, await witness.tables(stack)) == []
    assert await witness.accepted(stack) == counted
    assert await witness.verdict(stack) == []


async def test_a_day_during_which_every_processor_is_killed_ends_the_same(stack: Stack) -> None:
    told = day(seed=3, now=wall_clock() - 120_000, scale=SCALE)
    victims = ("gateway", *stack.processors)
    played = parts(told.requests, len(victims))
    for victim, part in zip(victims, played, strict=False):
        await stack.play(part[: len(part) // 2])
        await stack.kill(victim)
        await stack.play(part[len(part) // 2 :])
    await stack.play(told.closing)
    await stack.drain()
    assert await witness.verdict(stack) == []


async def _another_database(dsn: str, *, name: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    finally:
        await connection.close()
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
