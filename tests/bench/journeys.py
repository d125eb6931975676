"""A million journeys in memory: models, training and Markov, and two libraries on the same rows.

First what the pipeline does that no library does, then ours and theirs like for like. Each case
runs in a process of its own, which tells its time (input already read) and its peak memory (input
included). The libraries live in an environment that is made under .cache on the first run and is
no part of the project: one of them is under GPL-3. ATTRIBUTARY_BENCH_JOURNEYS sets another number
of journeys, ATTRIBUTARY_BENCH_PEERS=0 leaves the libraries out.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench import journey_cases, journey_pairs, journey_peers, journey_rows
from tests.support.simulated_journeys import MECHANISMS

JOURNEYS: Final = 1_000_000
PEERS: Final = Path(".cache/peers")
REQUIREMENTS: Final = (
    "ChannelAttribution==2.2.5",
    "matplotlib==3.11.2",  # ChannelAttribution imports it without asking for it
    "marketing-attribution-models==2.1.1",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "polars==2.1.0",
    "pyarrow==26.0.1",
)

Row = dict[str, Any]


def run(*, tell: Callable[[str], object]) -> list[Row]:
    """Every case, one after the other, and then how far each method is from the truth."""
    size = int(os.environ.get("ATTRIBUTARY_BENCH_JOURNEYS", JOURNEYS))
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        tell(f"simulating {size} journeys")
        subprocess.run([sys.executable, "-m", journey_rows.__name__, str(size), folder], check=True)
        for case in journey_cases.CASES:
            tell(f"measuring {case}")
            rows.append({"stage": "journeys", "case": case, **_case_of(_OURS, folder, case)})
        rows += _alike(folder, tell)
    for name in MECHANISMS:
        tell(f"training on {size} journeys of {name}")
        told = _told([*_OURS, f"truth:{name}", str(size)])
        for line in told.pop("channels"):
            tell(line)
        rows.append({"stage": "journeys", "case": f"points off, {name}", **told})
    return rows


_OURS: Final = (sys.executable, "-m", journey_cases.__name__)


def _alike(folder: str, tell: Callable[[str], object]) -> Iterator[Row]:
    theirs: Callable[[str], Row] | None = None
    if os.environ.get("ATTRIBUTARY_BENCH_PEERS") != "0":
        theirs = partial(_case_of, (str(_peers(tell)), str(journey_peers.__file__)), folder)

    for pair in journey_pairs.PAIRS:
        tell(f"measuring {pair.ours}, and beside it {pair.theirs or 'nothing'}")
        row = journey_pairs.compared(pair, ours=partial(_case_of, _OURS, folder), theirs=theirs)
        if row is not None:
            yield {"stage": "like for like", **row}


def _case_of(program: Sequence[str], folder: str, case: str) -> Row:
    return _told([*program, case, folder])


def _peers(tell: Callable[[str], object]) -> Path:
    """The python that has the libraries."""
    python = PEERS / "bin" / "python"
    done = PEERS / "installed"
    if not done.exists() or done.read_text() != "\n".join(REQUIREMENTS):
        tell(f"installing {', '.join(REQUIREMENTS)} under {PEERS}")
        venv.create(PEERS, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
        done.write_text("\n".join(REQUIREMENTS))
    return python


def _told(program: list[str]) -> Row:
    """What a case says on the last line that it prints."""
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(program)} failed: {done.stderr[-2000:]}")
    told: Row = json.loads(done.stdout.splitlines()[-1])
    return told
