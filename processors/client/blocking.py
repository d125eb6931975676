"""The client for code that waits: one call, one answer."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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


class Client:
    """A gateway and a server key of it. Threads may share one; close it, or use it in a `with`.

    A call about one item returns its `Receipt`, one about many their `Answers`. Both raise
    `Unavailable` when the gateway could not be had after all retries, `RequestRefused` when it
    takes nothing from us, and `BadItem` before anything is sent; a call about one item raises
    `ItemRejected` when that item was refused.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        signing_secret: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = now_ms,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.limits = limits
        self._wire = Wire(key, signing_secret=signing_secret, clock=clock)
        self._sleep = sleep
        self._http = httpx.Client(base_url=url, timeout=timeout_seconds, transport=transport)

    def touchpoint(self, **touchpoint: Unpack[Touchpoint]) -> Receipt:
        """A visit, or an ad that was seen."""
        return self._one(doors.TOUCHPOINTS, touchpoint)

    def event(self, **event: Unpack[Event]) -> Receipt:
        """Something that a visitor did."""
        return self._one(doors.EVENTS, event)

    def order(self, **order: Unpack[Order]) -> Receipt:
        """An order as it stands now."""
        return self._one(doors.ORDERS, order)

    def identify(self, **person: Unpack[Identify]) -> Receipt:
        """Ids that belong to one person."""
        return self._one(doors.IDENTIFY, person)

    def consent(self, **decision: Unpack[Consent]) -> Receipt:
        """What a person has allowed or forbidden."""
        return self._one(doors.CONSENT, decision)

    def touchpoints(self, touchpoints: Iterable[Touchpoint]) -> Answers:
        """Many visits."""
        return self._many(doors.TOUCHPOINTS, touchpoints)

    def events(self, events: Iterable[Event]) -> Answers:
        """Many events."""
        return self._many(doors.EVENTS, events)

    def orders(self, orders: Iterable[Order]) -> Answers:
        """Many orders."""
        return self._many(doors.ORDERS, orders)

    def identities(self, people: Iterable[Identify]) -> Answers:
        """The ids of many people."""
        return self._many(doors.IDENTIFY, people)

    def consents(self, decisions: Iterable[Consent]) -> Answers:
        """What many people have allowed or forbidden."""
        return self._many(doors.CONSENT, decisions)

    def server_events(self, events: Iterable[Event]) -> Answers:
        """Many events through the door of conversion APIs, which tells their quality, too, and
        takes a Purchase with an order id and a value for an order."""
        return self._many(doors.SERVER_EVENTS, events)

    def item(self, path: str, said: Mapping[str, Any]) -> Item:
        """An item to send later."""
        return self._wire.item(path, said)

    def deliver(self, items: Sequence[Item]) -> Answers:
        """Send items of one door."""
        return self._held(deliver(items, self.limits))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _one(self, path: str, said: Mapping[str, Any]) -> Receipt:
        return only(self.deliver([self._wire.item(path, said)]))

    def _many(self, path: str, said: Iterable[Mapping[str, Any]]) -> Answers:
        return self.deliver(self._wire.items(path, said))

    def _held(self, conversation: Conversation[T]) -> T:
        told: Reply | Lost | None = None
        while True:
            try:
                asked = conversation.send(told)
            except StopIteration as end:
                value: T = end.value
                return value
            if isinstance(asked, Post):
                told = self._post(asked)
            else:
                self._sleep(asked.seconds)
                told = None

    def _post(self, post: Post) -> Reply | Lost:
        try:
            return reply(
                self._http.post(post.path, content=post.body, headers=self._wire.headers(post))
            )
        except httpx.RequestError as error:
            return Lost(type(error).__name__)
