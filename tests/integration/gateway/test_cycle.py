"""What a client gets of an ASGI application's answer, over a real socket."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from processors.gateway.app import App
from processors.gateway.server import Server, bounds_of, config_of
from tests.integration.gateway.listening import listening, request
from tests.unit.gateway.asking import Gateway

Send = Callable[[dict[str, Any]], Awaitable[None]]


@asynccontextmanager
async def answering(*messages: dict[str, Any]) -> AsyncIterator[int]:
    """The port of a server whose application sends just this."""

    async def application(scope: Any, receive: Any, send: Send) -> None:
        for message in messages:
            await send(message)

    gateway = Gateway(port=0)
    bounds = bounds_of(gateway.settings, gateway.app)
    config = config_of(gateway.settings, cast(App, application), bounds)
    server = Server(config, app=gateway.app, delay_seconds=0)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        async with asyncio.timeout(20):
            yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def asked(port: int, *, method: bytes = b"GET") -> bytes:
    """All that comes back for a request after which the connection closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(method + b" / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    found = await reader.read()
    writer.close()
    return found


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def test_an_answer_of_known_length_is_head_and_body() -> None:
    async with answering(start((b"X-A", b"b"), (b"content-length", b"2")), part(b"ok")) as port:
        found = await asked(port)
    assert found == (
        b"HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
    )


async def test_an_answer_in_parts_of_no_known_length_comes_in_chunks() -> None:
    async with answering(start(), part(b"one", more=True), part(b""), part(b"late")) as port:
        head, _, body = (await asked(port)).partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert body == b"3\r\none\r\n0\r\n\r\n"


async def test_the_answer_to_head_has_the_length_and_no_body() -> None:
    async with answering(start((b"content-length", b"2")), part(b"ok")) as port:
        found = await asked(port, method=b"HEAD")
    assert b"content-length: 2\r\n" in found
    assert found.endswith(b"\r\n\r\n")


async def test_a_request_leaves_nothing_that_waits_for_the_garbage_collector() -> None:
    async with listening() as server:
        client = await server.connect()
        gc.collect()
        gc.disable()
        try:
            for _ in range(100):
                client.send(request())
                assert (await client.answer())[0] == 200
            left = gc.collect()
        finally:
            gc.enable()
    assert left < 100


async def test_an_answer_without_content_has_no_chunks() -> None:
    async with answering(start(status=204), part(b"")) as port:
        found = await asked(port)
    assert found == b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "messages",
    [
        (start((b"location", b"/\r\nset-cookie: stolen=1")), part(b"")),
        (start((b"bad name", b"x")), part(b"")),
        (start((b"content-length", b"1")), part(b"ok")),
        (start((b"content-length", b"3")), part(b"ok")),
        (start(), start(), part(b"ok")),
        (part(b"ok"),),
    ],
)
async def test_nothing_of_an_answer_that_is_none_reaches_the_client(
    messages: tuple[dict[str, Any], ...],
) -> None:
    async with answering(*messages) as port:
        found = await asked(port)
    assert b"stolen" not in found
    assert b"ok" not in found
    assert found in (b"",) or found.startswith(b"HTTP/1.1 500 ")
