"""Ten minutes of load: nothing grows that should not, and the tables are right afterwards.

A day at full speed comes first: the allocator keeps what the largest batch needed, so a process is
as large as it is going to be only after a burst.

`ATTRIBUTARY_SOAK_SECONDS` makes it shorter or longer.
"""

import os

import pytest

from deploy.demo.day import day
from deploy.demo.people import HOUR
from processors.engine.clock import wall_clock
from tests.e2e import growth, witness
from tests.e2e.load import load
from tests.e2e.stack import Stack

pytestmark = pytest.mark.heavy

SECONDS = float(os.environ.get("ATTRIBUTARY_SOAK_SECONDS", "600"))
WARM_SHARE = 0.2
PER_SECOND = 15.0


async def test_nothing_grows_under_load(stack: Stack) -> None:
    await stack.play(day(seed=0, now=wall_clock() - HOUR).requests)
    await stack.drain()
    async with load(stack, per_second=PER_SECOND, scale=0.5):
        series = await growth.watch(stack, seconds=SECONDS, warm_share=WARM_SHARE)
    await stack.drain()
    assert await witness.verdict(stack) == []
    assert {what for what, _ in series} >= {"memory", "descriptors", "connections", "bytes"}
    assert growth.grown(series) == {}
