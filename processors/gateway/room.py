"""How much the gateway lets in at once, and for how long: requests, bytes, stalled bodies; and
the reading of a body in what room there is.

One sweep looks after all bodies that are being read; a timer for each would cost every request
more than reading its body does.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from processors.gateway.body import Receive, read, too_large
from processors.gateway.call import WHOLE, Call
from processors.gateway.encoding import decoded
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

_SWEEPS_IN_A_TIMEOUT: Final = 4
_LENGTH_DIGITS: Final = 16


class Room:
    """Counts what is inside."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._requests = 0
        self._bytes = 0
        self._reading: dict[asyncio.Task[object], float] = {}
        self._stalled: set[asyncio.Task[object]] = set()

    def enter(self) -> None:
        """A request comes in.

        Raises:
            Problem: 503 when there are too many.
        """
        if self._requests >= self._settings.max_in_flight_requests:
            raise Problem(503, "busy", "too many requests at once", retry_after_seconds=1)
        self._requests += 1

    def leave(self, held: int) -> None:
        """A request that held so many bytes has been answered."""
        self._requests -= 1
        self._bytes -= held

    async def body(self, call: Call, limit: int) -> bytes:
        """The request's body, decoded, in room that is held until the request leaves. The call
        has it, too, or as much of it as could be read.

        Raises:
            Problem: 400 for damaged data, 408 for a body that stalls, 413 for one that is too
                long, 415 for an unknown encoding, 503 without room.
            Disconnected: when nobody is there to answer.
        """
        headers = call.headers
        call.held = self._hold(headers, limit)
        whole = call.scope.get(WHOLE)
        raw = None if whole is None else whole()
        if raw is None:
            raw = await self.read(call.receive, limit)
        elif len(raw) > limit:
            raise too_large(limit)
        call.body = raw
        if b"content-encoding" in headers:
            raw = call.body = decoded(raw, headers[b"content-encoding"], limit=limit)
        return raw

    async def read(self, receive: Receive, limit: int) -> bytes:
        """A body that needs no room, since it must be short, unless the sweep finds that it stalls.

        Raises:
            Problem: 408 or 413.
            Disconnected: when nobody is there to answer.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._reading[task] = loop.time()
        try:
            return await read(receive, limit=limit)
        except asyncio.CancelledError:
            if not self._is_stalled(task):
                raise
            seconds = self._settings.body_timeout_seconds
            detail = f"the body did not arrive within {seconds:g} s"
            raise Problem(408, "timeout", detail, close=True) from None
        finally:
            del self._reading[task]

    def _hold(self, headers: Mapping[bytes, bytes], limit: int) -> int:
        """Room for a body as long as it says, or as long as it may be.

        Raises:
            Problem: 413 or 503, before a byte of it is read.
        """
        said = headers.get(b"content-length")
        length = limit
        if said is not None and said.isdigit() and len(said) < _LENGTH_DIGITS:
            length = int(said)
        if length > limit:
            raise too_large(limit)
        if self._bytes + length > self._settings.max_in_flight_bytes:
            raise Problem(503, "busy", "too many bytes at once", retry_after_seconds=1, close=True)
        self._bytes += length
        return length

    def _is_stalled(self, task: "asyncio.Task[object]") -> bool:
        """Whether the task was cancelled by the sweep; asked once."""
        if task in self._stalled:
            self._stalled.discard(task)
            task.uncancel()
            return True
        return False

    async def sweep(self) -> None:
        """Interrupt those who wait too long for a body, for ever."""
        limit = self._settings.body_timeout_seconds
        while True:
            await asyncio.sleep(limit / _SWEEPS_IN_A_TIMEOUT)
            overdue = asyncio.get_running_loop().time() - limit
            for task, since in list(self._reading.items()):
                if since < overdue and task not in self._stalled:
                    self._stalled.add(task)
                    task.cancel()
