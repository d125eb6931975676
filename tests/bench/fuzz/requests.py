"""Damaged requests, put to the application itself: every route, every encoding, every signature."""

import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.bench.fuzz import mutation
from tests.bench.fuzz.corpus import Seed, seeds
from tests.bench.fuzz.finding import Findings
from tests.unit.gateway.asking import Gateway

DEADLINE_SECONDS: Final = 10.0
"""Of one request, on a machine that does other things, too."""
_FRESH: Final = 2_000
"""Requests after which the application is another one, so that its outlet does not grow."""


async def run(count: int, *, seed: int, findings: Findings) -> dict[str, Any]:
    """Put so many; returns counts by status."""
    rng = random.Random(seed)
    corpus = seeds()
    statuses: Counter[int] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(spool_dir=Path(folder))
        for number in range(count):
            if number % _FRESH == _FRESH - 1:
                _judge(gateway, findings)
                gateway = Gateway(spool_dir=Path(folder))
            chosen = rng.choice(corpus)
            raw = mutation.body(rng, chosen.body)
            said = mutation.headers(rng, chosen.sent(raw))
            began = time.perf_counter()
            status = await _ask(gateway, chosen, raw, said, findings)
            slowest = max(slowest, time.perf_counter() - began)
            statuses[status] += 1
        _judge(gateway, findings)
    return {"statuses": dict(sorted(statuses.items())), "slowest_ms": round(slowest * 1_000)}


async def _ask(
    gateway: Gateway, seed: Seed, raw: bytes, said: dict[str, str], findings: Findings
) -> int:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            answer = await gateway.ask("POST", seed.path, raw, said)
    except TimeoutError:
        findings.note("hang", seed.path, raw, said)
        return 0
    except Exception as error:
        findings.note(f"{type(error).__name__}: {error}", seed.path, raw, said)
        return 0
    if answer.status >= 500:
        findings.note(str(answer.status), seed.path, raw, said)
    return answer.status


def _judge(gateway: Gateway, findings: Findings) -> None:
    """Whatever was produced is on the contract."""
    for outlet in (gateway.outlet, gateway.kept):
        for topic in {row.raw.topic for row in outlet.rows}:
            try:
                outlet.records(topic)
            except Exception as error:
                findings.note(f"off the contract: {error}", topic, b"", {})
