"""Stacks for the tests of a module; nothing is started until a test asks for one."""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.demo.day import day
from processors.engine.clock import wall_clock
from tests.e2e.stack import Stack, running
from tests.support.servers import server_folder


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One process of each processor, and a small day that went through."""
    with server_folder() as folder, running(folder) as found:
        asyncio.run(_small_day(found))
        yield found


async def _small_day(stack: Stack) -> None:
    await stack.play(day(seed=1, now=wall_clock(), scale=0.05).requests)
    await stack.drain()


@pytest.fixture(scope="module")
def pairs() -> Iterator[Stack]:
    """Two processes of each processor."""
    with server_folder() as folder, running(folder, replicas=2) as found:
        yield found
