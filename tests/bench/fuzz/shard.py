"""One share of the fuzz in a process of its own: `python -m tests.bench.fuzz.shard WAY COUNT SEED`.

Its last line is JSON. What never returns to the event loop ends the process, with where it was.
"""

import asyncio
import faulthandler
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from tests.bench.fuzz import described, kept, requests, wire
from tests.bench.fuzz.finding import Findings, Told

_STUCK_SECONDS: Final = 60.0
_WAYS: Final[dict[str, Callable[..., Awaitable[Told]]]] = {
    "requests": requests.damaged,
    "nasty": requests.handmade,
    "kept": kept.run,
    "wire": wire.run,
    "described": described.run,
}


async def _watched(way: Callable[..., Awaitable[Told]], count: int, seed: int) -> None:
    findings = Findings()
    beat = asyncio.ensure_future(_beat())
    told = await way(count, seed=seed, findings=findings)
    beat.cancel()
    faulthandler.cancel_dump_traceback_later()
    found = {"found": findings.count, "hangs": findings.hangs, "kept": findings.kept}
    sys.stdout.write(f"{json.dumps({**told.row(), **found})}\n")


async def _beat() -> None:
    """As long as the loop turns, nothing is stuck."""
    while True:
        faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
        await asyncio.sleep(1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # there is no Postgres to ask for keys
    asyncio.run(_watched(_WAYS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])))
