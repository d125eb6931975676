"""Ten minutes of load: no process grows, and the tables are right afterwards.

A day at full speed comes first: the allocator keeps what the largest batch needed, so a process is
as large as it is going to be only after a burst.

`ATTRIBUTARY_SOAK_SECONDS` makes it shorter or longer.
"""

import asyncio
import os
from collections import defaultdict
from time import monotonic

import psutil
import pytest

from deploy.demo.day import day
from deploy.demo.people import HOUR
from processors.engine.clock import wall_clock
from tests.e2e import witness
from tests.e2e.load import load
from tests.e2e.stack import Stack

pytestmark = pytest.mark.heavy

SECONDS = float(os.environ.get("ATTRIBUTARY_SOAK_SECONDS", "600"))
WARM_SHARE = 0.2
MOST_GROWTH = 1.15
EVERY_SECONDS = 2.0
PER_SECOND = 15.0
# A platform that counts remembers what it counted; the servers' memory is theirs.
OURS = ("gateway", "identity", "credit", "summary", "dedupe", "fanout")


async def test_nothing_grows_under_load(stack: Stack) -> None:
    await stack.play(day(seed=0, now=wall_clock() - HOUR).requests)
    await stack.drain()
    async with load(stack, per_second=PER_SECOND, scale=0.5):
        sizes = await _watch(stack)
    await stack.drain()
    assert await witness.verdict(stack) == []
    assert _growth(sizes) == {}


async def _watch(stack: Stack) -> dict[str, list[int]]:
    """Resident bytes of each process, sampled after the warm-up until the end."""
    processes = {name: psutil.Process(stack.pids()[name]) for name in OURS}
    sizes: dict[str, list[int]] = defaultdict(list)
    began = monotonic()
    while (elapsed := monotonic() - began) < SECONDS:
        for name, process in processes.items():
            if elapsed >= WARM_SHARE * SECONDS:
                sizes[name].append(process.memory_info().rss)
        await asyncio.sleep(EVERY_SECONDS)
    return sizes


def _growth(sizes: dict[str, list[int]]) -> dict[str, str]:
    """Those whose peak of the last quarter lies above that of the first by more than is allowed.

    Peaks, since an allocator gives back what it likes when it likes.
    """
    grown = {}
    for name, found in sizes.items():
        quarter = max(1, len(found) // 4)
        before, after = max(found[:quarter]), max(found[-quarter:])
        if after > MOST_GROWTH * before:
            grown[name] = f"{before / 2**20:.0f} MB became {after / 2**20:.0f} MB"
    return grown
