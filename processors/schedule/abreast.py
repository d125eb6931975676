"""Work for many tenants at once, bounded, so that a slow one holds up no cadence of the others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


async def abreast(
    work: Callable[[Item], Awaitable[Found]], items: Iterable[Item], *, at_once: int
) -> list[Found]:
    """What `work` gives for each, in their order; at most so many at the same time. An error ends
    all of them and is raised."""
    pending, found = iter(enumerate(items)), dict[int, Found]()

    async def take() -> None:
        for place, item in pending:
            found[place] = await work(item)

    takers = [asyncio.create_task(take()) for _ in range(at_once)]
    try:
        await asyncio.gather(*takers)
    finally:
        for taker in takers:
            taker.cancel()
        await asyncio.gather(*takers, return_exceptions=True)
    return [found[place] for place in sorted(found)]
