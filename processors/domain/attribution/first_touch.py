"""first_touch: everything to the earliest touch of the path."""

import numpy as np

from processors.domain.attribution.models import IntArray
from processors.domain.attribution.paths import Paths


def weights(paths: Paths) -> IntArray:
    """1 for the oldest step, 0 for the others."""
    weight = np.zeros(len(paths.touch), dtype=np.int64)
    weight[paths.first] = 1
    return weight
