"""In one run no account is asked faster than a steady rate."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from processors.engine.clock import Clock
from processors.platforms.resilience import TokenBucket

T = TypeVar("T")


class Pace:
    """A token for each page of an account."""

    def __init__(self, *, per_second: float, at_once: int, clock: Clock) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    async def paced(self, account: str, pages: AsyncIterator[T]) -> AsyncIterator[T]:
        """The pages, none of them asked for before its turn."""
        while True:
            await self._turn(account)
            try:
                page = await anext(pages)
            except StopAsyncIteration:
                return
            yield page

    async def _turn(self, account: str) -> None:
        bucket = self._buckets.get(account)
        if bucket is None:
            bucket = TokenBucket(capacity=self._at_once, per_second=self._per_second)
            self._buckets[account] = bucket
        while True:
            if bucket.take(self._clock()):
                return
            await asyncio.sleep(1 / self._per_second)
