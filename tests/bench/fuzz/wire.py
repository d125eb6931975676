"""Damaged HTTP over real sockets: whatever comes in, the connection ends and the next is served.

Before it, clients that never come to an end: heads and bodies byte by byte, which the gateway must
give up, while it serves others.
"""

import asyncio
import random
import re
import time
from typing import Any, Final

from tests.bench.fuzz import mutation
from tests.bench.fuzz.finding import Findings, Told
from tests.integration.gateway.listening import KEY, Listening, listening, request

DEADLINE_SECONDS: Final = 20.0
_AT_ONCE: Final = 16
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_TURN_SECONDS: Final = 600.0
_FRESH: Final = 2_000
_PATIENCE: Final[dict[str, Any]] = {"head_timeout_seconds": 2, "body_timeout_seconds": 2}
_SLOW_CLIENTS: Final = 300
_TRICKLE_SECONDS: Final = 0.5
_PROMPT_SECONDS: Final = 5.0
_CHUNKED: Final = (
    b"POST /v1/events HTTP/1.1\r\nhost: x\r\n" + KEY + b"transfer-encoding: chunked\r\n\r\n"
    b'a;x=y\r\n{"event_na\r\n8\r\nme":"a"}\r\n0\r\n\r\n'
)
_SEEDS: Final = (
    request(),
    request() + request(),
    request(extra=b"connection: close\r\n"),
    request(extra=b"expect: 100-continue\r\n"),
    request(extra=b"connection: upgrade\r\nupgrade: h2c\r\n"),
    request(extra=b"content-encoding: gzip\r\ncookie: a=b\r\norigin: https://x\r\n"),
    _CHUNKED,
    _CHUNKED + request(),
    b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" * 2,
    b"GET /p.gif?key=a-browser-key&visitor_id=v HTTP/1.1\r\nhost: x\r\ncookie: a=b\r\n\r\n",
    b"GET /r?key=a-browser-key&u=https://shop.example/ HTTP/1.1\r\nhost: x\r\n\r\n" * 3,
    b"POST /g/collect?v=2&tid=G-DEMO12345&cid=1 HTTP/1.1\r\ncontent-length: 11\r\n\r\nen=a\nen=b&x",
    b"OPTIONS /v1/events HTTP/1.1\r\nhost: x\r\norigin: https://x\r\n\r\n",
    b"HEAD /openapi.json HTTP/1.0\r\n\r\n",
)
_HUGE: Final = (
    request(extra=b"a: " + b"b" * 1_000_000 + b"\r\n"),
    request(extra=b"a: b\r\n" * 10_000),
    request(extra=b"a" * 200_000 + b": b\r\n"),
    request(extra=b"cookie: " + b"a=b; " * 12_000 + b"\r\n"),
    request(extra=b"\r\n".join(b"cookie: a=b" for _ in range(90)) + b"\r\n"),
    request(length=b"9" * 5_000),
    request(length=b"1", extra=b"content-length: 2\r\n"),
    request(extra=b"transfer-encoding: chunked, chunked, gzip\r\n"),
    b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /p.gif?" + b"a=b&" * 4_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET /p.gif?a=\xff\xed\xa0\x80 HTTP/1.1\r\nhost: \xff\r\n\r\n",
    b"POST /v1/events HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"x" * 500_000 + b"\r\na",
    b"POST /v1/events HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\na",
    b"POST /v1/events HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100_000,
    b"\r\n" * 100_000, b"\x16\x03\x01\x02\x00\x01\x00" * 1_000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://x:1/healthz HTTP/1.1\r\n\r\n", b"GET * HTTP/1.1\r\n\r\n", b"\0" * 100_000,
)  # fmt: skip


async def run(count: int, *, seed: int, findings: Findings) -> Told:
    """So many connections, after the slow ones."""
    rng = random.Random(seed)
    told = Told()
    await _slowly(told, findings)
    inputs = [*_HUGE, *(mutation.body(rng, rng.choice(_SEEDS)) for _ in range(count))]
    for at in range(0, len(inputs), _FRESH):
        async with listening(within_seconds=_TURN_SECONDS, **_PATIENCE) as server:
            turns = asyncio.Semaphore(_AT_ONCE)
            some = inputs[at : at + _FRESH]
            await asyncio.gather(*(_one(server, raw, turns, told, findings) for raw in some))
            await _is_served(server, findings)
        told.warm()
    return told


async def _slowly(told: Told, findings: Findings) -> None:
    """Many clients that send a byte now and then, and one in a hurry."""
    async with listening(within_seconds=_TURN_SECONDS, **_PATIENCE) as server:
        whole = [_SEEDS[n % len(_SEEDS)] for n in range(_SLOW_CLIENTS)]
        clients = [
            asyncio.ensure_future(_trickle(server, raw[: 20 + 7 * n % len(raw)], told, findings))
            for n, raw in enumerate(whole)
        ]
        await _is_served(server, findings)
        await asyncio.gather(*clients)


async def _trickle(server: Listening, raw: bytes, told: Told, findings: Findings) -> None:
    """Most of it, then a byte at a time, until the gateway has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    status = 0
    try:
        writer.write(raw)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not reader.at_eof():
                try:
                    async with asyncio.timeout(_TRICKLE_SECONDS):
                        found = _STATUS.search(await reader.read(65_536))
                        status = int(found[1]) if found else status
                except TimeoutError:
                    writer.write(b"a")
    except TimeoutError:
        findings.hang("a slow client", raw, {})
    except OSError:
        pass
    finally:
        writer.close()
    if status >= 500:
        findings.note(str(status), "a slow client", raw, {})
    told.note(status, 0.0)  # how long it took was the client's choice


async def _is_served(server: Listening, findings: Findings) -> None:
    try:
        async with asyncio.timeout(_PROMPT_SECONDS):
            if await server.takes():
                return
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        pass
    findings.note("not served any more", "the wire", b"", {})


async def _one(
    server: Listening, raw: bytes, turns: asyncio.Semaphore, told: Told, findings: Findings
) -> None:
    async with turns:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                said = await _exchange(server.port, raw)
        except TimeoutError:
            findings.hang("the wire", raw, {})
            said = b""
        statuses = [int(found) for found in _STATUS.findall(said)] or [0]
        told.note(statuses[0], time.perf_counter() - began)
        told.statuses.update(statuses[1:])
        for status in statuses:
            if status >= 500:
                findings.note(str(status), "the wire", raw, {})


async def _exchange(port: int, raw: bytes) -> bytes:
    """Send, say that this was all, and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        writer.write_eof()
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()
