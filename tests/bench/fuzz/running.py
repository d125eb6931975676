"""`python -m tests.bench fuzz`: the gateway's doors under damaged input, 200,000 of it and more.

Four ways, each from a seed (ATTRIBUTARY_FUZZ_SEED): damaged requests to the application on every
route, damaged HTTP over sockets, coverage-guided bytes to what reads bodies (atheris), and cases
from /openapi.json (schemathesis). Found is whatever is a 5xx, off the contract, or slower than its
deadline. ATTRIBUTARY_FUZZ_INPUTS says how many, without those of schemathesis. The two libraries
are installed where the project does not see them.
"""

import asyncio
import logging
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.bench.fuzz import described, requests, wire
from tests.bench.fuzz.finding import Findings

INPUTS: Final = 220_000
PEERS: Final = Path(".cache/fuzz").absolute()
REQUIREMENTS: Final = ("atheris==3.0.0", "schemathesis==4.32.5")
_SHARES: Final = {"requests": 0.2, "wire": 0.05, "guided": 0.75}
_SECONDS: Final = 120
_DONE: Final = re.compile(r"number_of_executed_units:\s+(\d+)")
_PEAK: Final = re.compile(r"peak_rss_mb:\s+(\d+)")
_COVERED: Final = re.compile(r"cov: (\d+)(?!.*cov: )", re.DOTALL)

Row = dict[str, Any]


def run(tell: Callable[[str], object]) -> list[Row]:
    """One row a way.

    Raises:
        RuntimeError: when anything was found; it says what.
    """
    logging.disable(logging.CRITICAL)  # there is no Postgres to ask for keys
    inputs = int(os.environ.get("ATTRIBUTARY_FUZZ_INPUTS", INPUTS))
    seed = int(os.environ.get("ATTRIBUTARY_FUZZ_SEED", "1"))
    counts = {name: int(inputs * share) for name, share in _SHARES.items()}
    findings = Findings()
    peer = _peer(tell)

    def guided() -> Row:
        return _guided(peer, counts["guided"], seed=seed, findings=findings)

    def applied() -> Row:
        count = counts["requests"]
        told = asyncio.run(requests.run(count, seed=seed, findings=findings))
        return {"inputs": count, **told}

    def wired() -> Row:
        count = counts["wire"]
        return {"inputs": count, **asyncio.run(wire.run(count, seed=seed, findings=findings))}

    def told_of() -> Row:
        told = asyncio.run(described.run(peer, seconds=_SECONDS, seed=seed, findings=findings))
        return {"inputs": told["cases"]}

    rows = []
    for case, way in (
        ("bodies, guided by coverage", guided),
        ("requests", applied),
        ("HTTP over sockets", wired),
        ("schemathesis", told_of),
    ):
        before, began = findings.count, time.monotonic()
        row = {"stage": "fuzz", "case": case, **way()}
        row["found"] = findings.count - before
        row["seconds"] = round(time.monotonic() - began)
        row.setdefault("peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        tell(str(row))
        rows.append(row)
    if findings.count:
        raise RuntimeError("\n".join([f"{findings.count} found", *findings.kept]))
    return rows


def _guided(peer: Path, count: int, *, seed: int, findings: Findings) -> Row:
    """In a process of its own, since atheris ends it."""
    ours = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(peer), "-m", "tests.bench.fuzz.guided", str(count), str(seed), folder],
            env={**os.environ, "PYTHONPATH": f"{Path.cwd()}:{ours}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    text = done.stdout + done.stderr
    if done.returncode:
        findings.note(f"atheris ended with {done.returncode}", text[-3_000:], b"", {})
    said = {
        name: int(found[1])
        for name, pattern in (("inputs", _DONE), ("peak_mb", _PEAK), ("covered", _COVERED))
        if (found := pattern.search(text))
    }
    if "covered" not in said:
        findings.note("nothing was measured", text[-3_000:], b"", {})
    return {"inputs": 0, **said}


def _peer(tell: Callable[[str], object]) -> Path:
    """The python that has the libraries."""
    python = PEERS / "bin" / "python"
    done = PEERS / "installed"
    if not done.exists() or done.read_text() != "\n".join(REQUIREMENTS):
        tell(f"installing {', '.join(REQUIREMENTS)} under {PEERS}")
        venv.create(PEERS, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
        done.write_text("\n".join(REQUIREMENTS))
    return python
