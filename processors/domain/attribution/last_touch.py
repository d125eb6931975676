"""last_touch: everything to the latest touch of the path."""

import numpy as np

from processors.domain.attribution.models import IntArray
from processors.domain.attribution.paths import Paths


def weights(paths: Paths) -> IntArray:
    """1 for the newest step, 0 for the others."""
    weight = np.zeros(len(paths.touch), dtype=np.int64)
    weight[paths.last] = 1
    return weight
