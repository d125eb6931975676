"""A connection through the fault proxy: two ends, and what happens to bytes between them."""

import asyncio
import socket
import struct
from collections import deque
from enum import Enum, auto
from typing import Final, Protocol, cast

_AFTER_SECONDS: Final = 0.01
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Trouble(Enum):
    """What is wrong with a way."""

    NONE = auto()
    RESET = auto()
    HOLE = auto()
    DEAF = auto()
    SLOW = auto()


class Gate(Protocol):
    """Where the pair belongs."""

    host: str
    port: int
    trouble: Trouble
    seconds: float
    pairs: "set[Pair]"


class Pair:
    """The end at the process (`near`) and the one at the server (`far`). `lost` says that bytes
    have vanished between them."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.lost = False
        self.near = End(self)
        self.far = End(self)
        self._dialling: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """The process has connected."""
        if self.gate.trouble is Trouble.RESET:
            self.cut()
            return
        self.gate.pairs.add(self)
        if self.gate.trouble is Trouble.HOLE:
            self.lost = True
            return
        self._dialling = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.far, self.gate.host, self.gate.port)
        except OSError:
            self.cut()

    def pass_on(self, source: "End", data: bytes) -> None:
        """Bytes came in at one end."""
        trouble = self.gate.trouble
        target = self.far if source is self.near else self.near
        if trouble is Trouble.HOLE or (trouble is Trouble.DEAF and source is self.far):
            self.lost = True
        elif trouble is Trouble.SLOW or target.late:
            target.send_later(data, self.gate.seconds if trouble is Trouble.SLOW else 0.0)
        else:
            target.send(data)

    def ended(self, source: "End") -> None:
        """One end is gone: so is the other, once it has what was on its way."""
        self.gate.pairs.discard(self)
        if self._dialling is not None and self.far.transport is None:
            self._dialling.cancel()
        if self.gate.trouble not in (Trouble.HOLE, Trouble.DEAF):
            (self.far if source is self.near else self.near).close()
        else:  # the other hears of that, too, only when the way is mended
            self.lost = True
            self.gate.pairs.add(self)

    def cut(self) -> None:
        """RST at both ends."""
        self.gate.pairs.discard(self)
        if self._dialling is not None:
            self._dialling.cancel()
        self.near.reset()
        self.far.reset()


class End(asyncio.Protocol):
    """One side of a pair. `late` are bytes that are held back, each with its time."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self.transport: asyncio.Transport | None = None
        self.late: deque[tuple[float, bytes]] = deque()
        self.gone = False
        self._early: list[bytes] = []

    @property
    def _other(self) -> "End":
        return self._pair.far if self is self._pair.near else self._pair.near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.writelines(self._early)
        self._early.clear()
        if self is self._pair.near:
            self._pair.begin()

    def data_received(self, data: bytes) -> None:
        """Bytes."""
        self._pair.pass_on(self, data)

    def connection_lost(self, _: Exception | None) -> None:
        """Gone, whoever ended it."""
        self.transport, self.gone = None, True
        self.late.clear()
        self._pair.ended(self)

    def pause_writing(self) -> None:
        """It takes no more for now."""
        self._other.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self._other.resume_reading()

    def pause_reading(self) -> None:
        """Let bytes wait in the kernel."""
        if self.transport is not None:
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take them again."""
        if self.transport is not None:
            self.transport.resume_reading()

    def send(self, data: bytes) -> None:
        """At once, or when it is connected."""
        if self.transport is not None:
            self.transport.write(data)
        elif not self.gone:
            self._early.append(data)

    def send_later(self, data: bytes, seconds: float) -> None:
        """After everything that waits already, and not before that time is over."""
        loop = asyncio.get_running_loop()
        due = max(loop.time() + seconds, self.late[-1][0] if self.late else 0.0)
        self.late.append((due, data))
        loop.call_at(due, self._send_due)

    def _send_due(self) -> None:
        if self.late:
            self.send(self.late.popleft()[1])

    def close(self) -> None:
        """Once all is written, also what is held back."""
        if self.transport is None:
            return
        if self.late:
            asyncio.get_running_loop().call_at(self.late[-1][0] + _AFTER_SECONDS, self.close)
        else:
            self.transport.close()

    def reset(self) -> None:
        """With RST."""
        if self.transport is None:
            return
        found = self.transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
