"""Work for many tenants at once."""

import asyncio

import pytest

from processors.schedule.abreast import abreast


async def test_as_many_as_may_run_at_once_and_what_they_give_is_in_order() -> None:
    running = most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(10 - item):
            await asyncio.sleep(0)
        running -= 1
        return item * item

    assert await abreast(work, range(9), at_once=3) == [n * n for n in range(9)]
    assert most == 3


async def test_an_error_ends_all_of_them() -> None:
    ended: list[int] = []

    async def work(item: int) -> None:
        if item == 1:
            raise ValueError("broken")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(item)

    with pytest.raises(ValueError, match="broken"):
        await abreast(work, range(3), at_once=2)
    assert ended == [0]
