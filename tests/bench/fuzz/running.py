"""`python -m tests.bench fuzz`: the gateway's doors under damaged input, 220,000 of it and more.

Six ways, each from a seed (ATTRIBUTARY_FUZZ_SEED): coverage-guided bytes to what reads requests
(atheris); requests made by hand, and requests damaged at random, to the application itself; damaged
requests on kept connections; damaged HTTP, and clients that are slow; and cases from /openapi.json
(schemathesis). Their shards are processes, as many at once as there are cores, so that what one
way does to memory, or a hang in it, is its own.

Found is whatever is a 5xx, off the contract, slower than its deadline, a peak of memory that goes
on to grow, or fewer inputs than ATTRIBUTARY_FUZZ_INPUTS says.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.fuzz.peers import PYTHON, install

INPUTS: Final = 220_000
GROWN_MB: Final = 250
"""By so much the peak of a shard's memory may rise once every door has been through its worst: what
the outlet keeps, and what it is read into, comes to 160 with 28,000 inputs and no more with 84,000
(measured)."""
_SHARD_SECONDS: Final = 900.0
_DESCRIBED_SECONDS: Final = 60
_SHARDS_OF_NASTY: Final = 4
_KEPT: Final = 20
_MEASURES: Final = {
    "inputs": re.compile(r"number_of_executed_units:\s+(\d+)"),
    "grown_mb": re.compile(r"peak_rss_mb:\s+(\d+)"),
    "warm_mb": re.compile(r"INITED .*rss: (\d+)Mb"),
    "covered": re.compile(r"cov: (\d+)(?!.*cov: )", re.DOTALL),
    "slowest_ms": re.compile(r"slowest_unit_time_sec:\s+(\d+)"),
}

Row = dict[str, Any]
Tell = Callable[[str], object]


@dataclass(frozen=True)
class _Job:
    """A shard: `count` is of inputs, of seconds (described), or of shards (nasty)."""

    way: str
    count: int
    seed: int


def run(tell: Tell) -> list[Row]:
    """One row a way, and one of all together; `kept` says what was found."""
    inputs = int(os.environ.get("ATTRIBUTARY_FUZZ_INPUTS", INPUTS))
    seed = int(os.environ.get("ATTRIBUTARY_FUZZ_SEED", "1"))
    install(tell)
    began = time.monotonic()
    shards = asyncio.run(_all(_jobs(inputs, seed), tell))
    rows = [_merged(way, shards[way]) for way in shards]
    total = _merged("all", [shard for told in shards.values() for shard in told])
    total["seconds"] = round(time.monotonic() - began)
    if total["inputs"] < inputs:
        total["found"] += 1
        total["kept"].append(f"{total['inputs']} inputs are fewer than {inputs}")
    return [*rows, total]


def _jobs(inputs: int, seed: int) -> list[_Job]:
    """What takes longest by the clock first, so that nothing is left alone at the end."""

    def of(way: str, share: float, shards: int) -> list[_Job]:
        return [_Job(way, int(inputs * share / shards), seed + n) for n in range(shards)]

    return [
        _Job("described", _DESCRIBED_SECONDS, seed),
        *(_Job("nasty", _SHARDS_OF_NASTY, n) for n in range(_SHARDS_OF_NASTY)),
        *of("guided", 0.45, 2),
        *of("requests", 0.38, 3),
        *of("kept", 0.12, 2),
        *of("wire", 0.05, 1),
    ]


async def _all(jobs: list[_Job], tell: Tell) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = {job.way: [] for job in jobs}
    turns = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(job: _Job) -> None:
        async with turns:
            began = time.monotonic()
            row = await (_guided(job) if job.way == "guided" else _shard(job))
            row["seconds"] = round(time.monotonic() - began)
        _judge(row)
        told[job.way].append(row)
        tell(f"{job.way} {job.seed}: {row['inputs']} inputs in {row['seconds']} s, "
             f"{row['found']} found")  # fmt: skip

    await asyncio.gather(*map(one, jobs))
    return told


async def _shard(job: _Job) -> Row:
    out, code = await _process(
        sys.executable, "-m", "tests.bench.fuzz.shard", job.way, str(job.count), str(job.seed)
    )
    if code:
        return _broken(f"a shard of {job.way} ended with {code}", out, hangs=1)
    row: Row = json.loads(out.splitlines()[-1])
    return row


async def _guided(job: _Job) -> Row:
    ours = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    with tempfile.TemporaryDirectory() as folder:
        out, code = await _process(
            str(PYTHON), "-m", "tests.bench.fuzz.guided", str(job.count), str(job.seed), folder,
            PYTHONPATH=f"{Path.cwd()}:{ours}",
        )  # fmt: skip
    said = {name: int(f[1]) for name, pattern in _MEASURES.items() if (f := pattern.search(out))}
    if code or "covered" not in said:
        return _broken(f"atheris ended with {code}", out) | {"inputs": said.get("inputs", 0)}
    return {
        "inputs": said["inputs"], "statuses": {}, "slowest_ms": said["slowest_ms"] * 1_000,
        "grown_mb": said["grown_mb"] - said.get("warm_mb", 0), "found": 0, "hangs": 0, "kept": [],
    }  # fmt: skip


async def _process(*command: str, **environment: str) -> tuple[str, int]:
    """What it said, and how it ended; one that does not end is ended."""
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SHARD_SECONDS):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        out = (await process.communicate())[0]
    return out.decode(errors="replace"), process.returncode or 0


def _broken(what: str, out: str, hangs: int = 0) -> Row:
    return {"inputs": 0, "statuses": {}, "slowest_ms": 0, "grown_mb": 0, "found": 1,
            "hangs": hangs, "kept": [f"{what}: {out[-3_000:]}"]}  # fmt: skip


def _judge(row: Row) -> None:
    if row["grown_mb"] > GROWN_MB:
        row["found"] += 1
        row["kept"].append(f"memory grew by {row['grown_mb']} MiB")


def _merged(case: str, shards: list[Row]) -> Row:
    """One row of several."""
    statuses: dict[str, int] = {}
    for shard in shards:
        for status, count in shard["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        "stage": "fuzz",
        "case": case,
        **{name: sum(shard[name] for shard in shards) for name in ("inputs", "found", "hangs")},
        "5xx": sum(count for status, count in statuses.items() if status.startswith("5")),
        "statuses": dict(sorted(statuses.items())),
        **{name: max(s[name] for s in shards) for name in ("slowest_ms", "grown_mb")},
        "seconds": sum(shard["seconds"] for shard in shards),
        "kept": [line for shard in shards for line in shard["kept"]][:_KEPT],
    }
