"""Schemathesis on what the gateway says of itself: every operation of /openapi.json, over HTTP."""

import asyncio
import re
from pathlib import Path
from typing import Any, Final

from tests.bench.fuzz.finding import Findings
from tests.integration.gateway.listening import listening
from tests.unit.gateway.asking import SERVER

LISTING: Final = "/api/v1/audit/offline-conversions/batches"
"""Answers 503 without Postgres, which is not here."""
_CASES: Final = re.compile(r"Test cases:\s+(\d+) generated")


async def run(peer: Path, *, seconds: int, seed: int, findings: Findings) -> dict[str, Any]:
    """As many cases as there is time for."""
    async with listening(within_seconds=seconds + 300) as server:
        process = await asyncio.create_subprocess_exec(
            str(peer.parent / "schemathesis"), "run",
            f"http://127.0.0.1:{server.port}/openapi.json",
            "--header", f"Authorization: Bearer {SERVER}", "--checks", "not_a_server_error",
            "--exclude-path", LISTING, "--phases", "coverage,fuzzing", "--max-time", str(seconds),
            "--max-response-time", "10", "--continue-on-failure", "--seed", str(seed),
            "--suppress-health-check", "all", "--no-color",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await process.communicate()
        text = out.decode()
        if process.returncode:
            findings.note(f"schemathesis says {process.returncode}", text[-3_000:], b"", {})
        if not await server.takes():
            findings.note("not served any more", "schemathesis", b"", {})
    found = _CASES.search(text)
    return {"cases": int(found[1]) if found else 0}
