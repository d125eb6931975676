"""Damaged requests, put to the application itself: every route, every encoding, every signature."""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tests.bench.fuzz import mutation, nasty
from tests.bench.fuzz.corpus import Seed
from tests.bench.fuzz.doors import seeds
from tests.bench.fuzz.finding import Findings, Told
from tests.bench.fuzz.gateway import POLICIES, Fuzzed
from tests.unit.gateway.test_uploads import UPLOAD

DEADLINE_SECONDS: Final = 10.0
"""Of one request, on a machine that does other things, too."""
UPLOAD_SECONDS: Final = 30.0
"""Of one upload, which may have half a million rows."""
CPU_SECONDS: Final = 1.0
"""Of one request, which hold up all others meanwhile; an upload gives way every few rows."""
_FRESH: Final = 1_500
_FRESH_BYTES: Final = 12_582_912
"""Requests, or bytes of them, after which the application is another one: its outlet keeps all."""
_READ_AT_ONCE: Final = 100


async def damaged(count: int, *, seed: int, findings: Findings) -> Told:
    """So many, damaged at random."""
    return await _put(_damaged(count, random.Random(seed)), findings)


async def handmade(count: int, *, seed: int, findings: Findings) -> Told:
    """Of the nasty ones every `count`th, from the `seed`th."""
    chosen = (
        (item, item.body, item.query, item.sent(item.body))
        for place, item in enumerate(nasty.requests())
        if place % count == seed % count
    )
    return await _put(chosen, findings)


_Sent = tuple[Seed, bytes, bytes, dict[str, str]]


def _damaged(count: int, rng: random.Random) -> Iterator[_Sent]:
    corpus = seeds()
    for _ in range(count):
        chosen = rng.choice(corpus)
        raw = mutation.body(rng, chosen.body) if chosen.body else b""
        query = mutation.query(rng, chosen.query) if chosen.query else b""
        yield chosen, raw, query, mutation.headers(rng, chosen.sent(raw))


async def _put(sent: Iterable[_Sent], findings: Findings) -> Told:
    told = Told()
    with tempfile.TemporaryDirectory() as folder:
        gateway = Fuzzed(spool_dir=Path(folder))
        put, held, turn = 0, 0, 0
        for item, raw, query, said in sent:
            put, held = put + 1, held + len(raw)
            if put > _FRESH or held > _FRESH_BYTES:
                _judge(gateway, findings)
                put, held, turn = 0, 0, turn + 1
                policy = POLICIES[turn % len(POLICIES)]
                gateway = Fuzzed(spool_dir=Path(folder), policy=policy)
                if told.inputs > _FRESH:
                    told.warm()
            cpu, began = time.process_time(), time.perf_counter()
            status = await _ask(gateway, item, raw, query, said, findings)
            told.note(status, time.perf_counter() - began)
            if time.process_time() - cpu > CPU_SECONDS and item.path != UPLOAD:
                findings.note("slow", item.path, raw, said)
        _judge(gateway, findings)
    return told


async def _ask(
    gateway: Fuzzed, item: Seed, raw: bytes, query: bytes, said: dict[str, str], findings: Findings
) -> int:
    """The status; none of a hang or an exception, which are found."""
    path = f"{item.path}?{query.decode('utf-8', 'surrogateescape')}" if query else item.path
    try:
        async with asyncio.timeout(UPLOAD_SECONDS if item.path == UPLOAD else DEADLINE_SECONDS):
            answer = await gateway.ask(item.method, path, raw, said)
    except TimeoutError:
        findings.hang(path, raw, said)
        return 0
    except Exception as error:
        findings.note(f"{type(error).__name__}: {error}", path, raw, said)
        return 0
    if answer.status >= 500:
        findings.note(str(answer.status), path, raw, said)
    return answer.status


def _judge(gateway: Fuzzed, findings: Findings) -> None:
    """Whatever was produced is on the contract. Read in parts: as models it is ten times as big,
    which would be the fuzz's memory and not the gateway's."""
    for outlet in (gateway.outlet, gateway.kept):
        rows = outlet.rows
        for start in range(0, len(rows), _READ_AT_ONCE):
            outlet.rows = rows[start : start + _READ_AT_ONCE]
            for topic in {row.raw.topic for row in outlet.rows}:
                try:
                    outlet.records(topic)
                except Exception as error:
                    findings.note(f"off the contract: {error}", topic, b"", {})
