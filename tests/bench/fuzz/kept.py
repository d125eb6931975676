"""Damaged requests in right HTTP, several at once on connections that stay open: what is said in
one must not reach the next, and each gets the answer that is its own."""

import asyncio
import random
import re
import time
from typing import Final
from urllib.parse import quote

from tests.bench.fuzz import mutation
from tests.bench.fuzz.corpus import Seed
from tests.bench.fuzz.doors import seeds
from tests.bench.fuzz.finding import Findings, Told
from tests.bench.fuzz.gateway import POLICIES, Fuzzed
from tests.integration.gateway.listening import Client, Listening, listening

DEADLINE_SECONDS: Final = 20.0
"""Of one batch."""
_CONNECTIONS: Final = 16
_BATCH: Final = 8
_FRESH: Final = 4_000
_TURN_SECONDS: Final = 600.0
_FRAMING: Final = ("content-length", "transfer-encoding", "connection", "expect")
_BREAKS: Final = re.compile(rb"[\x00-\x1f\x7f]")


async def run(count: int, *, seed: int, findings: Findings) -> Told:
    """So many requests, on sixteen connections."""
    rng = random.Random(seed)
    corpus = seeds()
    told = Told()
    for turn, _ in enumerate(range(0, count, _FRESH)):
        policy = POLICIES[turn % len(POLICIES)]
        async with listening(
            within_seconds=_TURN_SECONDS, gateway=Fuzzed(port=0, policy=policy)
        ) as server:
            some = min(_FRESH, count - told.inputs)
            batches = [
                [_written(rng, rng.choice(corpus)) for _ in range(min(_BATCH, some - done))]
                for done in range(0, some, _BATCH)
            ]
            await asyncio.gather(
                *(_talk(server, batches[n::_CONNECTIONS], told, findings)
                  for n in range(_CONNECTIONS))
            )  # fmt: skip
            if not await server.takes():
                findings.note("not served any more", "kept connections", b"", {})
        told.warm()
    return told


async def _talk(
    server: Listening, batches: list[list[bytes]], told: Told, findings: Findings
) -> None:
    """One connection, made again whenever an answer has closed it."""
    client: Client | None = None
    for batch in batches:
        left = batch
        while left:
            client = client or await server.connect()
            began = time.perf_counter()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    statuses, closed = await _exchange(client, left)
            except TimeoutError:
                findings.hang("kept connections", b"".join(left), {})
                statuses, closed = [0] * len(left), True
            for status in statuses:
                told.note(status, time.perf_counter() - began)
                if status >= 500:
                    findings.note(str(status), "kept connections", b"".join(left), {})
            if not statuses:
                findings.note("closed without an answer", "kept connections", left[0], {})
                told.note(0, time.perf_counter() - began)
                left = left[1:]
            if closed:
                await client.close()
                client = None
            left = left[len(statuses) :]


async def _exchange(client: Client, batch: list[bytes]) -> tuple[list[int], bool]:
    """The statuses of those that were answered, and whether the connection was closed."""
    client.send(b"".join(batch))
    statuses: list[int] = []
    while len(statuses) < len(batch):
        try:
            status, closing = await client.status()
        except (asyncio.IncompleteReadError, OSError):
            return statuses, True
        statuses.append(status)
        if closing:
            return statuses, True
    return statuses, False


def _written(rng: random.Random, chosen: Seed) -> bytes:
    """The request as bytes: damaged, but each field on its line and the body as long as it says."""
    raw = mutation.body(rng, chosen.body) if chosen.body else b""
    said = mutation.headers(rng, chosen.sent(raw))
    lines = [
        b"%s: %s\r\n" % (name.encode(), _BREAKS.sub(b" ", value.encode("utf-8", "surrogateescape")))
        for name, value in {"host": "x", **said}.items()
        if name.lower() not in _FRAMING
    ]
    if chosen.method == "POST":
        lines.append(b"content-length: %d\r\n" % len(raw))
    query = mutation.query(rng, chosen.query) if chosen.query else b""
    target = chosen.path.encode()
    if query:
        target += b"?" + quote(query, safe="%&=+[].~!*()").encode()
    return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (chosen.method.encode(), target, b"".join(lines), raw)
