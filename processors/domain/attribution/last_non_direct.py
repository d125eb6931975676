"""last_non_direct: everything to the latest touch that is not direct, else to the latest."""

import numpy as np

from processors.domain.attribution.models import IntArray
from processors.domain.attribution.paths import Paths


def weights(paths: Paths) -> IntArray:
    """1 for the newest step that is not direct; for the newest of all in an all-direct path."""
    told = np.where(paths.timeline.is_direct[paths.touch], -1, np.arange(len(paths.touch)))
    latest = np.maximum.accumulate(told)[paths.last]
    # A path of direct touches only sees a step of an earlier path, or none.
    chosen = np.where(latest >= paths.first, latest, paths.last)
    weight = np.zeros(len(paths.touch), dtype=np.int64)
    weight[chosen] = 1
    return weight
