"""The journeys that the bench's cases read: `python -m tests.bench.journey_rows SIZE FOLDER`.

Written by a process of its own, since a process is told the memory of the one that started it as
the least of its own peak.
"""

import csv
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.support.simulated_journeys import MECHANISMS, simulate

_MECHANISM: Final = "ordered"
_SEED: Final = 11


def write(size: int, folder: Path) -> None:
    """The same journeys as text, a line each, and as arrays."""
    found = simulate(MECHANISMS[_MECHANISM], size, seed=_SEED)
    ends = np.cumsum(np.bincount(found.journey)).tolist()
    names = [found.channels[code] for code in found.channel.tolist()]
    hours = [f"{age / 3_600_000:.3f}" for age in found.age_ms.tolist()]
    start = 0
    with (folder / "journeys.csv").open("w") as file:
        file.write("journey_id,journey,time_till_end,conversion,null\n")
        for number, (stop, sold) in enumerate(zip(ends, found.converted.tolist(), strict=True)):
            path, times = " > ".join(names[start:stop]), " > ".join(hours[start:stop])
            file.write(f"{number},{path},{times},{int(sold)},{int(not sold)}\n")
            start = stop
    np.savez(
        folder / "journeys.npz",
        channels=np.array(found.channels),
        journey=found.journey,
        channel=found.channel,
        age_ms=found.age_ms,
        converted=found.converted,
    )


def text(folder: Path) -> list[tuple[str, str]]:
    """Channels and hours before the end, each as one string."""
    with (folder / "journeys.csv").open() as file:
        return [(row["journey"], row["time_till_end"]) for row in csv.DictReader(file)]


def arrays(folder: Path) -> dict[str, Any]:
    """As Simulated has them, without the truth."""
    with np.load(folder / "journeys.npz") as file:
        return dict(file)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
