"""Items that are sent together: cheap to call, and the answer comes with `flush`.

A buffer is bounded. A call that finds it full sends what is in it first, so that a gateway that
cannot keep up slows its callers down and nothing is thrown away; when it cannot be had at all the
call raises `Unavailable`, and its item is not taken. What was not answered stays in the buffer.
"""

from collections.abc import Mapping
from threading import RLock
from types import TracebackType
from typing import Any, Self, Unpack

from processors.client import items as doors
from processors.client.answers import Answers, Unfinished, joined
from processors.client.blocking import Client
from processors.client.fields import Consent, Event, Identify, Order, Touchpoint
from processors.client.queueing import Queue


class Buffer:
    """Calls as of `Client`, each of which returns the id of its item; `with` flushes at the end.
    Threads may share one."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._queue = Queue(client.limits.buffer_items)
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._queue)

    def touchpoint(self, **touchpoint: Unpack[Touchpoint]) -> str:
        """A visit, or an ad that was seen."""
        return self._put(doors.TOUCHPOINTS, touchpoint)

    def event(self, **event: Unpack[Event]) -> str:
        """Something that a visitor did."""
        return self._put(doors.EVENTS, event)

    def order(self, **order: Unpack[Order]) -> str:
        """An order as it stands now."""
        return self._put(doors.ORDERS, order)

    def identify(self, **person: Unpack[Identify]) -> str:
        """Ids that belong to one person."""
        return self._put(doors.IDENTIFY, person)

    def consent(self, **decision: Unpack[Consent]) -> str:
        """What a person has allowed or forbidden."""
        return self._put(doors.CONSENT, decision)

    def flush(self) -> Answers:
        """Send all that waits. The answers also have what was refused since the last flush, in
        batches that a full buffer sent; an index is the place in its own batch.

        Raises:
            Unfinished: with the answers so far; the rest stays.
        """
        with self._lock:
            parts: list[Answers] = [Answers(rejections=self._queue.refused())]
            while batch := self._queue.head():
                try:
                    parts.append(self._client.deliver(batch))
                except Unfinished as error:
                    self._queue.done(error.done)
                    said = joined([*parts, error.answers])
                    raise type(error)(error.reason, said, error.done) from None
                self._queue.done(len(batch))
            return joined(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()

    def _put(self, path: str, said: Mapping[str, Any]) -> str:
        item = self._client.item(path, said)
        with self._lock:
            if self._queue.full:
                self._queue.keep(self.flush())
            self._queue.put(item)
        return item.event_id
