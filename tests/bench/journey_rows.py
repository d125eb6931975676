"""The journeys that the bench's cases read: `python -m tests.bench.journey_rows SIZE FOLDER`.

Written by a process of its own, since a process is told the memory of the one that started it as
the least of its own peak.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from tests.support.simulated_journeys import MECHANISMS, simulate

_MECHANISM: Final = "ordered"
_SEED: Final = 11
_SOLD: Final = {"0": False, "1": True}


class Text(NamedTuple):
    """Journeys as text, one element each: channels, and hours before the end, oldest first."""

    paths: Sequence[str]
    hours: Sequence[str]
    sold: Sequence[bool]


class Counted(NamedTuple):
    """Distinct paths as text, and how many journeys of each ended with and without a sale."""

    paths: Sequence[str]
    sold: Sequence[int]
    others: Sequence[int]


def write(size: int, folder: Path) -> None:
    """The same journeys as text, a line each, as text counted by path, and as arrays."""
    found = simulate(MECHANISMS[_MECHANISM], size, seed=_SEED)
    ends = np.cumsum(np.bincount(found.journey)).tolist()
    names = [found.channels[code] for code in found.channel.tolist()]
    hours = [f"{age / 3_600_000:.3f}" for age in found.age_ms.tolist()]
    paths: list[str] = []
    start = 0
    with (folder / "journeys.csv").open("w") as file:
        file.write("journey_id,journey,time_till_end,conversion,null\n")
        for number, (stop, sold) in enumerate(zip(ends, found.converted.tolist(), strict=True)):
            paths.append(" > ".join(names[start:stop]))
            times = " > ".join(hours[start:stop])
            file.write(f"{number},{paths[-1]},{times},{int(sold)},{int(not sold)}\n")
            start = stop
    all_of, sales = Counter(paths), Counter(compress(paths, found.converted.tolist()))
    with (folder / "counted.csv").open("w") as file:
        file.write("journey,conversion,null\n")
        file.writelines(f"{own},{sales[own]},{n - sales[own]}\n" for own, n in all_of.items())
    np.savez(
        folder / "journeys.npz",
        channels=np.array(found.channels),
        journey=found.journey,
        channel=found.channel,
        age_ms=found.age_ms,
        converted=found.converted,
    )


def text(folder: Path) -> Text:
    """What the libraries are given, a row a journey."""
    with (folder / "journeys.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        paths, hours, sold = zip(*((row[1], row[2], _SOLD[row[3]]) for row in rows), strict=True)
    return Text(paths, hours, sold)


def counted(folder: Path) -> Counted:
    """What the libraries are given, a row a distinct path."""
    with (folder / "counted.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        paths, sold, others = zip(*((own, int(a), int(b)) for own, a, b in rows), strict=True)
    return Counted(paths, sold, others)


def arrays(folder: Path) -> dict[str, Any]:
    """As Simulated has them, without the truth."""
    with np.load(folder / "journeys.npz") as file:
        return dict(file)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
