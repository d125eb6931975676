"""position_based: 40 % to the first touch, 40 % to the last, 20 % among those between.

One touch has everything and two have half each.
"""

import numpy as np

from processors.domain.attribution.models import IntArray
from processors.domain.attribution.paths import Paths


def weights(paths: Paths) -> IntArray:
    """2(n-2), 1, ..., 1, 2(n-2): exactly 40/20/40 as integers for n >= 3 touches."""
    weight = np.ones(len(paths.touch), dtype=np.int64)
    ends = np.maximum(2 * (paths.size - 2), 1)
    weight[paths.first] = ends
    weight[paths.last] = ends
    return weight
