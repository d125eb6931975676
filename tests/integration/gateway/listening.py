"""The gateway on a real socket, without Kafka behind it, and a client that can do anything."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from processors.gateway.connection import sweep
from processors.gateway.server import Server, bounds_of, config_of
from tests.unit.gateway.asking import SERVER, Gateway

KEY = f"authorization: Bearer {SERVER}\r\n".encode()
TOUCH = b'{"visitor_id":"v1"}'
DEADLINE_SECONDS = 20


def request(body: bytes = TOUCH, *, extra: bytes = b"", length: bytes | None = None) -> bytes:
    """A POST as a client that means well sends it, unless told otherwise."""
    said = b"content-length: %s\r\n" % (length or b"%d" % len(body))
    return b"POST /v1/touchpoints HTTP/1.1\r\nhost: x\r\n" + KEY + said + extra + b"\r\n" + body


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        """Write without waiting."""
        self._writer.write(data)

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self._reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def status(self) -> tuple[int, bool]:
        """The next answer's status, and whether it closes the connection; the body is read."""
        while True:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split()[1])
            if status >= 200:
                break
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        await self._reader.readexactly(int(fields.get("content-length", 0)))
        return status, fields.get("connection") == "close"

    async def refused(self) -> tuple[int, str]:
        """Status and error of the next answer, after which the connection must be closed."""
        status, headers, body = await self.answer()
        assert headers["connection"] == "close"
        assert await self.closed()
        return status, orjson.loads(body)["error"]

    async def closed(self) -> bool:
        """Whether nothing more comes."""
        return await self._reader.read() == b""

    async def close(self) -> None:
        """Go away."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class Listening:
    """A server, and whoever connects to it."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.gateway = gateway
        self.port = port
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        """One more client."""
        made = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self._clients.append(made)
        return made

    async def takes(self) -> bool:
        """Whether a new client is served."""
        client = await self.connect()
        client.send(request())
        return (await client.answer())[0] == 200

    async def leave(self) -> None:
        """Everybody goes."""
        for client in self._clients:
            await client.close()


@asynccontextmanager
async def listening(
    *, within_seconds: float = DEADLINE_SECONDS, gateway: Gateway | None = None, **overrides: Any
) -> AsyncIterator[Listening]:
    """The gateway as it is run, but for Kafka: one that is given, else one with these settings."""
    gateway = gateway or Gateway(port=0, **overrides)
    bounds = bounds_of(gateway.settings, gateway.app)
    server = Server(
        config_of(gateway.settings, gateway.app, bounds), app=gateway.app, delay_seconds=0
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    sweeps = [
        asyncio.ensure_future(work)
        for work in (gateway.app.sweep(), sweep(server.server_state.connections, bounds))
    ]
    made = Listening(gateway, server.servers[0].sockets[0].getsockname()[1])
    try:
        async with asyncio.timeout(within_seconds):
            yield made
    finally:
        for task in sweeps:
            task.cancel()
        await made.leave()
        await server.shutdown()
