"""Schemathesis on what the gateway says of itself: every operation of /openapi.json, over HTTP."""

import asyncio
import re
import tempfile
from typing import Final

from tests.bench.fuzz.finding import Findings, Told
from tests.bench.fuzz.gateway import Fuzzed
from tests.bench.fuzz.peers import PEERS
from tests.integration.gateway.listening import listening
from tests.unit.gateway.asking import SERVER

_ASKS_POSTGRES: Final = (
    r"^/api/v1/(audit/offline-conversions/batches|capi/quality/report|connections|tenants)"
)
"""Answer 503 without Postgres, which is not here."""
_SLOWEST_SECONDS: Final = 10
_CASES: Final = re.compile(r"Test cases:\s+(\d+) generated")


async def run(seconds: int, *, seed: int, findings: Findings) -> Told:
    """As many cases as there is time for."""
    told = Told()
    with tempfile.TemporaryDirectory() as folder:
        await _asked(seconds, seed, told, findings, folder)
    return told


async def _asked(seconds: int, seed: int, told: Told, findings: Findings, folder: str) -> None:
    async with listening(within_seconds=seconds + 300, gateway=Fuzzed(port=0)) as server:
        await server.takes()
        told.warm()
        process = await asyncio.create_subprocess_exec(
            str(PEERS / "bin" / "schemathesis"), "run",
            f"http://127.0.0.1:{server.port}/openapi.json",
            "--header", f"Authorization: Bearer {SERVER}", "--checks", "not_a_server_error",
            "--exclude-path-regex", _ASKS_POSTGRES, "--phases", "coverage,fuzzing",
            "--max-time", str(seconds),
            "--max-response-time", str(_SLOWEST_SECONDS), "--continue-on-failure",
            "--seed", str(seed), "--suppress-health-check", "all", "--no-color",
            cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await process.communicate()
        text = out.decode()
        if process.returncode:
            findings.note(f"schemathesis says {process.returncode}: {text[-3_000:]}", "", b"", {})
        if not await server.takes():
            findings.note("not served any more", "schemathesis", b"", {})
    found = _CASES.search(text)
    told.inputs = int(found[1]) if found else 0
