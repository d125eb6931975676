"""`drain` and `lag` on a real broker and database: nothing that is on its way is overlooked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from processors.commands.drain import DrainReport, drain
from processors.commands.lag import lag
from processors.commands.spools import spooled
from tests.integration.commands.accounts import Accounts

NOWHERE = "http://127.0.0.1:9"
_DELIVERY = """
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, finished_at, published)
VALUES ('acme', 'meta', 'e-1', 'event', 'Purchase', now(), $1, now(), now(), $2, $3)
"""


async def of(
    accounts: Accounts, *gateways: str, deliveries: bool = False, drains: bool = False
) -> DrainReport:
    """What drain says; of what drains it may take a busy machine's time."""
    return await drain(
        cluster=accounts.cluster,
        db=accounts.db,
        gateways=gateways,
        timeout_seconds=30 if drains else 0.5,
        deliveries=deliveries,
    )


async def test_an_empty_system_is_drained(accounts: Accounts) -> None:
    assert (await of(accounts, drains=True)).drained


async def test_records_that_a_group_has_yet_to_commit_are_waited_for(accounts: Accounts) -> None:
    await accounts.receive(3)
    report = await of(accounts)
    assert not report.drained
    assert report.last.lag["summary"] == 3
    assert (await lag(cluster=accounts.cluster)).total == 3
    await accounts.commit_everything()
    assert (await of(accounts, drains=True)).drained
    assert (await lag(cluster=accounts.cluster)).total == 0


async def test_an_id_to_be_recomputed_is_waited_for(accounts: Accounts) -> None:
    async with accounts.db.connection() as conn:
        await conn.execute("INSERT INTO identity_dirty (tenant_id, node) VALUES ('acme', 'x:1')")
    report = await of(accounts)
    assert (report.drained, report.last.dirty) == (False, 1)


@pytest.mark.parametrize(
    ("state", "published", "drained", "drained_with_deliveries"),
    [
        ("queued", False, True, False),
        ("parked", False, True, False),
        ("sending", False, False, False),
        ("sent", False, False, False),
        ("sent", True, True, True),
    ],
)
async def test_deliveries_count_by_their_state(
    accounts: Accounts, state: str, *, published: bool, drained: bool, drained_with_deliveries: bool
) -> None:
    async with accounts.db.connection() as conn:
        finished = await conn.fetchval("SELECT now()") if state == "sent" else None
        await conn.execute(_DELIVERY, state, finished, published)
    assert (await of(accounts, drains=drained)).drained is drained
    with_deliveries = await of(accounts, deliveries=True, drains=drained_with_deliveries)
    assert with_deliveries.drained is drained_with_deliveries


async def test_a_spool_that_holds_records_or_does_not_answer_is_not_empty(
    accounts: Accounts,
) -> None:
    async with gateway(spool=2) as url:
        assert await spooled([url, NOWHERE]) == {url: 2, NOWHERE: None}
        assert not (await of(accounts, url)).drained
    assert not (await of(accounts, NOWHERE)).drained
    async with gateway(spool=0) as url:
        assert (await of(accounts, url, drains=True)).drained


@asynccontextmanager
async def gateway(*, spool: int) -> AsyncIterator[str]:
    """A server with the metric that the gateway has."""
    page = f"# HELP x y\nattributary_spool_records {float(spool)}\n".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + page)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
