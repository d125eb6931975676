"""Damaged HTTP over real sockets: whatever comes in, the connection ends and the next is served."""

import asyncio
import random
import re
from collections import Counter
from typing import Any, Final

from tests.bench.fuzz import mutation
from tests.bench.fuzz.finding import Findings
from tests.integration.gateway.listening import KEY, Listening, listening, request

DEADLINE_SECONDS: Final = 20.0
_AT_ONCE: Final = 16
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_TURN_SECONDS: Final = 600.0
_FRESH: Final = 2_000
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
    b"OPTIONS /v1/events HTTP/1.1\r\nhost: x\r\norigin: https://x\r\n\r\n",
    b"HEAD /openapi.json HTTP/1.0\r\n\r\n",
)


async def run(count: int, *, seed: int, findings: Findings) -> dict[str, Any]:
    """So many connections; returns how many answers of each status they got."""
    rng = random.Random(seed)
    statuses: Counter[str] = Counter()
    left = count
    while left:
        some = min(left, _FRESH)
        left -= some
        inputs = [mutation.body(rng, rng.choice(_SEEDS)) for _ in range(some)]
        async with listening(
            within_seconds=_TURN_SECONDS, head_timeout_seconds=2, body_timeout_seconds=2
        ) as server:
            turns = asyncio.Semaphore(_AT_ONCE)
            await asyncio.gather(*(_one(server, raw, turns, statuses, findings) for raw in inputs))
            if not await server.takes():
                findings.note("not served any more", "the wire", b"", {})
    return {"statuses": dict(sorted(statuses.items()))}


async def _one(
    server: Listening,
    raw: bytes,
    turns: asyncio.Semaphore,
    statuses: Counter[str],
    findings: Findings,
) -> None:
    async with turns:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                said = await _exchange(server.port, raw)
        except TimeoutError:
            findings.note("hang", "the wire", raw, {})
            return
        for found in _STATUS.findall(said):
            status = found.decode()
            statuses[status] += 1
            if status.startswith("5"):
                findings.note(status, "the wire", raw, {})
        if not said:
            statuses["closed"] += 1


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
