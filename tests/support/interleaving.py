"""Two writers, step by step: every order in which their steps can fall, run for real.

A writer's step ends at a named point. A writer that waits for a lock of the other cannot take its
step: the other goes on, as the operating system would have it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import combinations

BLOCKED_SECONDS = 0.1


def orders(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every order of `first` steps of writer 0 and `second` steps of writer 1."""
    total = first + second
    for places in combinations(range(total), first):
        yield tuple(0 if n in places else 1 for n in range(total))


class Writer:
    """Work that stops at each point until it may go on."""

    def __init__(self, work: Callable[["Writer"], Awaitable[None]]) -> None:
        self._may_go = asyncio.Event()
        self._stopped = asyncio.Event()
        self._task = asyncio.ensure_future(self._run(work))

    async def pause(self, _point: str) -> None:
        """Stop here until the next step."""
        self._may_go.clear()
        self._stopped.set()
        await self._may_go.wait()

    async def _run(self, work: Callable[["Writer"], Awaitable[None]]) -> None:
        await self.pause("start")
        await work(self)

    async def step(self) -> None:
        """Go on to the next point, or to the end, or until blocked by the other writer."""
        if self._task.done():
            return
        if self._stopped.is_set():
            self._stopped.clear()
            self._may_go.set()
        # Else it is still blocked in an earlier step, and gets more time.
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait(
            {stopped, self._task}, timeout=BLOCKED_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        stopped.cancel()

    async def finish(self) -> None:
        """All remaining steps."""
        while not self._task.done():
            await self.step()
        self._task.result()


async def play(
    order: tuple[int, ...], works: tuple[Callable[[Writer], Awaitable[None]], ...]
) -> None:
    """Run two works in this order of steps, then both to their ends."""
    writers = [Writer(work) for work in works]
    for which in order:
        await writers[which].step()
    # A writer that still waits for the other's lock gets it when the other ends.
    await asyncio.gather(*(writer.finish() for writer in writers))
