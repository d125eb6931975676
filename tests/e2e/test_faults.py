"""The fault matrix: a full day and more, two processes of every processor, and everything dies.

The tests share one stack and may come in any order. Each ends with the same question: are the
tables those of the oracle to the cent, is every record accounted for, and did every platform count
every purchase once?
"""

import signal
from time import monotonic

import asyncpg
import pytest

from processors.registry import PROCESSORS
from tests.e2e import witness
from tests.e2e.load import load
from tests.e2e.stack import Stack

pytestmark = pytest.mark.heavy

ROUNDS = 2
PER_SECOND = 25.0
_CAUGHT_SECONDS = 60.0
SERVERS = ("kafka", "postgres", "simulators", "gateway")
IN_TRANSACTION = """SELECT EXISTS (SELECT 1 FROM pg_stat_activity
WHERE application_name = 'attributary-' || $1 AND state = 'idle in transaction')"""


async def test_sigkill_to_every_processor_changes_nothing(pairs: Stack) -> None:
    async with load(pairs, per_second=PER_SECOND):
        for _ in range(ROUNDS):
            for name in ("gateway", *pairs.processors):
                await pairs.kill(name)
    await pairs.drain()
    assert await witness.verdict(pairs) == []


async def test_sigkill_to_every_server_changes_nothing(pairs: Stack) -> None:
    async with load(pairs, per_second=PER_SECOND):
        for _ in range(ROUNDS):
            for name in SERVERS:
                await pairs.kill(name)
    await pairs.drain()
    assert await witness.verdict(pairs) == []


async def test_workers_that_wake_after_their_partitions_moved_change_nothing(pairs: Stack) -> None:
    sleepers = [f"{name}-0" for name in PROCESSORS]
    async with load(pairs, per_second=PER_SECOND, scale=0.3):
        for name in sleepers:
            pairs.signal(name, signal.SIGSTOP)
    try:
        await pairs.drain()  # by the others alone
        assert await witness.verdict(pairs) == []
    finally:
        for name in sleepers:
            pairs.signal(name, signal.SIGCONT)
    async with load(pairs, per_second=PER_SECOND, scale=0.1):
        pass
    await pairs.drain()
    assert await witness.verdict(pairs) == []


@pytest.mark.parametrize("name", ["identity-0", "summary-0"])
async def test_a_worker_that_sleeps_within_a_transaction_holds_nobody_up(
    pairs: Stack, name: str
) -> None:
    async with load(pairs, per_second=PER_SECOND, scale=0.2):
        await _stop_within_a_transaction(pairs, name)
    try:
        await pairs.drain()
    finally:
        pairs.signal(name, signal.SIGCONT)
    await pairs.drain()
    assert await witness.verdict(pairs) == []


async def _stop_within_a_transaction(stack: Stack, name: str) -> None:
    """SIGSTOP it at a moment at which it has a transaction open."""
    connection = await asyncpg.connect(stack.dsn)
    try:
        deadline = monotonic() + _CAUGHT_SECONDS
        while monotonic() < deadline:
            stack.signal(name, signal.SIGSTOP)
            if await connection.fetchval(IN_TRANSACTION, name):
                return
            stack.signal(name, signal.SIGCONT)
        pytest.fail(f"{name} was never caught within a transaction")
    finally:
        await connection.close()
