"""Load that goes on for as long as it is needed: days of the demo, one after another, in slices."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from time import monotonic
from typing import Final

from deploy.demo.day import day
from deploy.demo.lines import Request
from processors.engine.clock import wall_clock
from tests.e2e.stack import Stack

SLICE: Final = 20
_MINUTE_MS: Final = 60_000


def slices(requests: Sequence[Request], *, size: int = SLICE) -> Iterator[Sequence[Request]]:
    """The requests in their order, some at a time."""
    for start in range(0, len(requests), size):
        yield requests[start : start + size]


def parts(requests: Sequence[Request], n: int) -> list[Sequence[Request]]:
    """About n equal parts."""
    return list(slices(requests, size=-(-len(requests) // n)))


@asynccontextmanager
async def load(stack: Stack, *, per_second: float, scale: float = 1.0) -> AsyncIterator[None]:
    """At least one whole day, and more of them until the block ends."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_play(stack, enough, per_second=per_second, scale=scale))
        try:
            yield
        finally:
            enough.set()


async def _play(stack: Stack, enough: asyncio.Event, *, per_second: float, scale: float) -> None:
    now = wall_clock()
    for number in count():
        # Each day has ids of its own, which carry its moment.
        told = day(seed=number, now=now - number * _MINUTE_MS, scale=scale)
        for part in slices((*told.requests, *told.closing)):
            began = monotonic()
            await stack.play(part)
            if enough.is_set() and number > 0:
                return
            await asyncio.sleep(max(0.0, len(part) / per_second - (monotonic() - began)))
        if enough.is_set():
            return
