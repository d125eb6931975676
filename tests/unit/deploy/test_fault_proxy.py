"""What each trouble of the fault proxy does to bytes, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import pytest

from deploy.drills.pipe import Trouble
from deploy.drills.proxy import Gate, Way
from deploy.local.ports import free_port

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo(asyncio.Protocol):
    """Says everything back, or one thing to everybody."""

    def __init__(self, greeting: bytes = b"") -> None:
        self.greeting = greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.greeting:
            transport.write(self.greeting)
            transport.close()

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def served(greeting: bytes = b"") -> tuple[asyncio.Server, int]:
    """A server, and its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Echo(greeting), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


class Field:
    """A way to a server that says everything back, and those who went that way."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.writers: list[asyncio.StreamWriter] = []

    async def connected(self) -> Streams:
        streams = await asyncio.open_connection("127.0.0.1", self.gate.way.port)
        self.writers.append(streams[1])
        return streams


@asynccontextmanager
async def field() -> AsyncIterator[Field]:
    server, to = await served()
    found = Gate(Way(process="identity-0", server="kafka", port=free_port(), to=to))
    await found.open()
    made = Field(found)
    try:
        yield made
    finally:
        for writer in made.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        found.become(Trouble.RESET, 0.0)
        found.close()
        server.close()


async def echoed(streams: Streams, text: bytes) -> bytes:
    reader, writer = streams
    writer.write(text)
    return await asyncio.wait_for(reader.readexactly(len(text)), 5.0)


async def silent(streams: Streams, text: bytes) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await echoed(streams, text)
    except TimeoutError:
        return True
    return False


async def ended(streams: Streams) -> None:
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(streams[0].read(), 5.0)


async def test_bytes_pass_in_order_where_nothing_is_wrong() -> None:
    async with field() as found:
        text = b"".join(b"%d," % n for n in range(20_000))
        assert await echoed(await found.connected(), text) == text


async def test_a_reset_ends_connections_old_and_new() -> None:
    async with field() as found:
        old = await found.connected()
        await echoed(old, b"1")
        found.gate.become(Trouble.RESET, 0.0)
        await ended(old)
        await ended(await found.connected())
        found.gate.become(Trouble.NONE, 0.0)
        assert await echoed(await found.connected(), b"2") == b"2"


@pytest.mark.parametrize("trouble", [Trouble.HOLE, Trouble.DEAF])
async def test_what_a_hole_took_is_never_given_back(trouble: Trouble) -> None:
    async with field() as found:
        old, untouched = await found.connected(), await found.connected()
        await echoed(old, b"1")
        await echoed(untouched, b"1")
        found.gate.become(trouble, 0.0)
        assert await silent(old, b"2")
        new = await found.connected()
        assert await silent(new, b"3")
        found.gate.become(Trouble.NONE, 0.0)
        await ended(old)
        await ended(new)
        assert await echoed(untouched, b"4") == b"4"


async def test_a_slow_way_delays_and_keeps_the_order() -> None:
    async with field() as found:
        streams = await found.connected()
        await echoed(streams, b"1")
        found.gate.become(Trouble.SLOW, 0.1)
        began = monotonic()
        assert await echoed(streams, b"a") == b"a"
        assert monotonic() - began >= 0.2  # there and back
        streams[1].write(b"b")
        found.gate.become(Trouble.NONE, 0.0)
        assert await echoed(streams, b"c") == b"b"
        assert await asyncio.wait_for(streams[0].readexactly(1), 5.0) == b"c"


async def test_a_way_may_lead_elsewhere() -> None:
    server, port = await served(b"other")
    async with field() as found, server:
        old = await found.connected()
        await echoed(old, b"1")
        found.gate.lead("127.0.0.1", port)
        await ended(old)
        reader, _ = await found.connected()
        assert await asyncio.wait_for(reader.read(), 5.0) == b"other"
