"""As `Buffer`, for an event loop: calls and `flush` are awaited."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, Unpack

from processors.client import items as doors
from processors.client.answers import Answers, Unfinished, joined
from processors.client.asynchronous import AsyncClient
from processors.client.fields import Consent, Event, Identify, Order, Touchpoint
from processors.client.queueing import Queue


class AsyncBuffer:
    """Calls as of `AsyncClient`, each of which returns the id of its item; `async with` flushes at
    the end. Tasks may share one."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._queue = Queue(client.limits.buffer_items)
        self._lock = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._queue)

    async def touchpoint(self, **touchpoint: Unpack[Touchpoint]) -> str:
        """A visit, or an ad that was seen."""
        return await self._put(doors.TOUCHPOINTS, touchpoint)

    async def event(self, **event: Unpack[Event]) -> str:
        """Something that a visitor did."""
        return await self._put(doors.EVENTS, event)

    async def order(self, **order: Unpack[Order]) -> str:
        """An order as it stands now."""
        return await self._put(doors.ORDERS, order)

    async def identify(self, **person: Unpack[Identify]) -> str:
        """Ids that belong to one person."""
        return await self._put(doors.IDENTIFY, person)

    async def consent(self, **decision: Unpack[Consent]) -> str:
        """What a person has allowed or forbidden."""
        return await self._put(doors.CONSENT, decision)

    async def flush(self) -> Answers:
        """Send all that waits. The answers also have what was refused since the last flush, in
        batches that a full buffer sent; an index is the place in its own batch.

        Raises:
            Unfinished: with the answers so far; the rest stays.
        """
        async with self._lock:
            return await self._flushed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.flush()

    async def _put(self, path: str, said: Mapping[str, Any]) -> str:
        item = self._client.item(path, said)
        async with self._lock:
            if self._queue.full:
                self._queue.keep(await self._flushed())
            self._queue.put(item)
        return item.event_id

    async def _flushed(self) -> Answers:
        parts: list[Answers] = [Answers(rejections=self._queue.refused())]
        while batch := self._queue.head():
            try:
                parts.append(await self._client.deliver(batch))
            except Unfinished as error:
                self._queue.done(error.done)
                said = joined([*parts, error.answers])
                raise type(error)(error.reason, said, error.done) from None
            self._queue.done(len(batch))
        return joined(parts)
