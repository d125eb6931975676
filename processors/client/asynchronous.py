"""The client for an event loop: as `Client`, awaited."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from processors.client import items as doors
from processors.client.answers import Answers, Receipt, only
from processors.client.conversation import Conversation, Limits, Lost, Post, Reply, deliver
from processors.client.fields import Consent, Event, Identify, Order, Touchpoint
from processors.client.items import Item
from processors.client.wire import (
    DEFAULT_LIMITS,
    DEFAULT_TIMEOUT_SECONDS,
    Clock,
    Wire,
    now_ms,
    reply,
)

T = TypeVar("T")


class AsyncClient:
    """As `Client`, for an event loop: the same calls, to be awaited; tasks may share one."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        signing_secret: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = now_ms,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.limits = limits
        self._wire = Wire(key, signing_secret=signing_secret, clock=clock)
        self._sleep = sleep
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_seconds, transport=transport)

    async def touchpoint(self, **touchpoint: Unpack[Touchpoint]) -> Receipt:
        """A visit, or an ad that was seen."""
        return await self._one(doors.TOUCHPOINTS, touchpoint)

    async def event(self, **event: Unpack[Event]) -> Receipt:
        """Something that a visitor did."""
        return await self._one(doors.EVENTS, event)

    async def order(self, **order: Unpack[Order]) -> Receipt:
        """An order as it stands now."""
        return await self._one(doors.ORDERS, order)

    async def identify(self, **person: Unpack[Identify]) -> Receipt:
        """Ids that belong to one person."""
        return await self._one(doors.IDENTIFY, person)

    async def consent(self, **decision: Unpack[Consent]) -> Receipt:
        """What a person has allowed or forbidden."""
        return await self._one(doors.CONSENT, decision)

    async def touchpoints(self, touchpoints: Iterable[Touchpoint]) -> Answers:
        """Many visits."""
        return await self._many(doors.TOUCHPOINTS, touchpoints)

    async def events(self, events: Iterable[Event]) -> Answers:
        """Many events."""
        return await self._many(doors.EVENTS, events)

    async def orders(self, orders: Iterable[Order]) -> Answers:
        """Many orders."""
        return await self._many(doors.ORDERS, orders)

    async def identities(self, people: Iterable[Identify]) -> Answers:
        """The ids of many people."""
        return await self._many(doors.IDENTIFY, people)

    async def consents(self, decisions: Iterable[Consent]) -> Answers:
        """What many people have allowed or forbidden."""
        return await self._many(doors.CONSENT, decisions)

    async def server_events(self, events: Iterable[Event]) -> Answers:
        """Many events through the door of conversion APIs, which tells their quality, too, and
        takes a Purchase with an order id and a value for an order."""
        return await self._many(doors.SERVER_EVENTS, events)

    def item(self, path: str, said: Mapping[str, Any]) -> Item:
        """An item to send later."""
        return self._wire.item(path, said)

    async def deliver(self, items: Sequence[Item]) -> Answers:
        """Send items of one door."""
        return await self._held(deliver(items, self.limits))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _one(self, path: str, said: Mapping[str, Any]) -> Receipt:
        return only(await self.deliver([self._wire.item(path, said)]))

    async def _many(self, path: str, said: Iterable[Mapping[str, Any]]) -> Answers:
        return await self.deliver(self._wire.items(path, said))

    async def _held(self, conversation: Conversation[T]) -> T:
        told: Reply | Lost | None = None
        while True:
            try:
                asked = conversation.send(told)
            except StopIteration as end:
                value: T = end.value
                return value
            if isinstance(asked, Post):
                told = await self._post(asked)
            else:
                await self._sleep(asked.seconds)
                told = None

    async def _post(self, post: Post) -> Reply | Lost:
        try:
            return reply(
                await self._http.post(
                    post.path, content=post.body, headers=self._wire.headers(post)
                )
            )
        except httpx.RequestError as error:
            return Lost(type(error).__name__)
