"""`conserve` on a real broker and database: exact when it is, and wrong in words when it is not."""

from io import StringIO

from rich.console import Console

from processors.commands.conserve import ConserveReport, as_json, conserve, render
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from tests.integration.commands.accounts import DAY_MS, GROUP, NOON, TOPIC, Accounts, day_of


async def of(accounts: Accounts) -> ConserveReport:
    return await conserve(cluster=accounts.cluster, db=accounts.db)


async def test_each_record_is_received_once_and_ends_once(accounts: Accounts) -> None:
    await accounts.receive(3)
    await accounts.receive(2, at=NOON + DAY_MS)
    await accounts.receive(1, tenant="other")
    outcomes: list[Outcome] = [APPLIED, DUPLICATE, Drop("a_rule"), Dead("invalid")]
    await accounts.book((await accounts.waiting())[:4], outcomes)
    report = await of(accounts)
    assert report.exact
    found = {
        (line.tenant, line.day): (
            line.received, line.applied, line.duplicate, line.filtered, line.dead, line.pending,
        )
        for line in report.lines
        if (line.group, line.topic) == (GROUP, TOPIC)
    }  # fmt: skip
    assert found == {
        ("acme", day_of(NOON)): (3, 1, 1, 1, 0, 0),
        ("acme", day_of(NOON + DAY_MS)): (2, 0, 0, 0, 1, 1),
        ("other", day_of(NOON)): (1, 0, 0, 0, 0, 1),
    }


async def test_a_batch_that_is_repeated_is_counted_once(accounts: Accounts) -> None:
    await accounts.receive(5)
    messages = await accounts.waiting()
    await accounts.book(messages[:3], [APPLIED] * 3)
    await accounts.book(messages, [DUPLICATE] * 3 + [APPLIED] * 2)
    report = await of(accounts)
    assert report.exact
    (line,) = report.lines
    assert (line.received, line.applied, line.duplicate) == (5, 5, 0)


async def test_a_lost_count_is_named_by_group_partition_tenant_and_day(accounts: Accounts) -> None:
    await accounts.receive(4)
    await accounts.book(await accounts.waiting(), [APPLIED] * 4)
    async with accounts.db.connection() as conn:
        await conn.execute("UPDATE outcome_counts SET n = n - 1")
    report = await of(accounts)
    (fault,) = report.faults
    assert fault.startswith(f"{GROUP} {TOPIC}/")
    assert f"tenant acme on {day_of(NOON)}: -1 records counted" in fault
    assert not as_json(report)["exact"]


async def test_an_offset_that_ran_ahead_of_the_counts_is_found(accounts: Accounts) -> None:
    await accounts.receive(4)
    await accounts.book((await accounts.waiting())[:2], [APPLIED] * 2)
    async with accounts.db.connection() as conn:
        await conn.execute("UPDATE consumed_offsets SET next_offset = next_offset + 1")
    assert len((await of(accounts)).faults) == 1


async def test_a_group_that_began_after_the_first_record_of_the_log_is_a_gap(
    accounts: Accounts,
) -> None:
    await accounts.receive(4)
    await accounts.book((await accounts.waiting())[1:], [APPLIED] * 3)
    (fault,) = (await of(accounts)).faults
    assert f"{GROUP} began at offset 1 of {TOPIC}/" in fault


async def test_a_dead_record_without_its_letter_is_found_once_its_offset_is_committed(
    accounts: Accounts,
) -> None:
    await accounts.receive(2)
    messages = await accounts.waiting()
    await accounts.book(messages, [APPLIED, Dead("invalid")])
    async with accounts.db.connection() as conn:
        await conn.execute(
            "UPDATE outcome_counts SET outcome = 'dead', rule = 'x' WHERE outcome = 'applied'"
        )
    assert (await of(accounts)).exact
    await accounts.commit_everything()
    (fault,) = (await of(accounts)).faults
    assert "2 records counted as dead, 1 dead letters" in fault


async def test_the_table_shows_every_term_and_the_verdict(accounts: Accounts) -> None:
    await accounts.receive(2)
    await accounts.book((await accounts.waiting())[:1], [APPLIED])
    console = Console(file=StringIO(), record=True, width=160)
    console.print(render(await of(accounts), by_tenant=True))
    shown = console.export_text()
    for word in (GROUP, TOPIC, "acme", "pending", "exact: all 2 records received"):
        assert word in shown
